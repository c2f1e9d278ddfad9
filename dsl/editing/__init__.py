"""Editing: what an author's tools know of a text beyond its meaning: layout, names and where they stand."""
