"""Reading: from bytes to a tree whose every token knows its place, or to what is wrong with the file."""
