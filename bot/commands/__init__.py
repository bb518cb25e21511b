"""What can be done from the command line: one file for each group of commands."""

from typing import Final

# Older low responses are history: nobody wants a case for what a customer said last year.
CASES_SINCE_DAYS: Final = 14
