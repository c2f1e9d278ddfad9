"""The surface language: source text to a typed scenario, with a diagnostic for every mistake."""
