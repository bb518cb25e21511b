"""The other side of polls and fetches: pretended APIs of survey tools, with their paging, limits and bad days."""
