"""What is remembered: tables, the one transaction, queries, migrations."""
