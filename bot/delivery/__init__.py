"""The outbox is sent: what the transactions wanted said, in Slack and by mail."""
