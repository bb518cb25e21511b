"""What people do in Slack, each in a few lines: read it, one transaction, answer."""
