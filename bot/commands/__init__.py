"""What can be done from the command line: one file for each group of commands."""
