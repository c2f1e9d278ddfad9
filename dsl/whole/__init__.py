"""The whole: what no line shows by itself, looked for in a scenario that stands."""
