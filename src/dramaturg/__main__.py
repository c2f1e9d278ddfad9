"""``python -m dramaturg``."""

from dramaturg.cli import main

if __name__ == "__main__":
    main()
