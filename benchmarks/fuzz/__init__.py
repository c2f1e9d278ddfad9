"""Fuzzing of the front end: whatever is in a file, reading it ends with diagnostics, soon and in bounded memory."""
