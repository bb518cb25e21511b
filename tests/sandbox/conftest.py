"""The fixtures of the sandbox's own tests; what they are made of stands in sandbox_town."""

from sandbox_town import slack, town

__all__ = ["slack", "town"]
