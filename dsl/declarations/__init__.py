"""Declarations, pass one: everything that has a name, entered before a single expression is read."""
