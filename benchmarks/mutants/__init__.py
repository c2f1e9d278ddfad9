"""How good the diagnostics are: single mistakes planted in every shipped file, and what ``check`` says of each."""
