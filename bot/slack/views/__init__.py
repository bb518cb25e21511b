"""What Slack shows: pure functions of rows and policy; no client, no session, no clock of their own."""
