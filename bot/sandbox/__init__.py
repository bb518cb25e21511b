"""A pretend Slack, mailbox and survey form: what the demo shows and what the tests talk to."""
