"""A poll played without a network: what it asks for, and what it makes of replies that are given by hand."""

from collections.abc import Generator, Iterable

from bot.surveys.request import Call, Page
from workflows.policy import load

TEAM = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
admins = ["UANA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA"]
"""
SILENT = load(TEAM)  # says nothing of any survey tool


def played(asking: Generator[Call, object, Page], replies: Iterable[object]) -> tuple[Page, list[Call]]:
    """Answer call by call with the next of these."""
    calls, left = [next(asking)], iter(replies)
    while True:
        try:
            calls.append(asking.send(next(left)))
        except StopIteration as end:
            found = end.value
            break
    assert isinstance(found, Page), f"asks for more: {calls[-1]}"
    return found, calls
