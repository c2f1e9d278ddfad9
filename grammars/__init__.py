"""Data only: the grammar of expressions and the JSON Schema of a scenario file."""
