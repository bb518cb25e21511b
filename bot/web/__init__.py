"""The HTTP doors that aren't Slack's: survey tools, incoming mail, supervisors."""
