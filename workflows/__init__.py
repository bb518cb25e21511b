"""What should happen and when: plain functions of a session, values and the time."""
