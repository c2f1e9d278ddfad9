"""The language server: what an editor asks about scenarios, answered from what the loader understood."""
