"""``python -m dramaturg``."""

from dramaturg.cli import main

main()
