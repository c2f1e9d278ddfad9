"""Expressions as text: parsed into surface trees, rendered back, spelt, and explained where they do not parse."""
