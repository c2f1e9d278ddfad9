"""Data only: the scenario library that ships."""
