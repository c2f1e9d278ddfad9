"""Authored texts: Jinja's syntax over an allow-list."""
