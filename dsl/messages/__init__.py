"""Messages: diagnostics as people and tools read them, explained and repaired."""
