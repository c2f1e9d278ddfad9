"""Loading, pass two: the lines of each section, read into the typed scenario."""
