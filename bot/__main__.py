"""`python -m bot`: hands the words over to the command line and exits with what it says."""

import sys

from bot.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
