"""The file format, said once: what each key holds, how a file is held against it, and its JSON Schema."""
