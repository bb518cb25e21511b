"""Everything that touches the outside: Slack, HTTP, mail, the wall clock, the command line."""
