"""What the sentences about events are made of: who did it, and what the facts say."""

from datetime import datetime

from bot.slack.views import customer
from bot.slack.views.text import inline, mention
from storage.casefile import CaseFile
from storage.tables import Event
from workflows.timeline import CUSTOMER, HEARBACK


def actor(file: CaseFile, event: Event) -> str:
    """Name who did it. Only a name: whoever just pressed a button needn't be paged about it."""
    if event.by == HEARBACK:
        return "Hearback"
    if event.by == CUSTOMER:
        return customer.name_of(file) if not customer.is_anonymous(file) else "The customer"
    return inline(file.name_of(event.by), 60) if event.by in file.members else mention(event.by)


def fact(event: Event, name: str) -> str:
    """Return what an event says of something; empty if it says nothing."""
    value = event.facts.get(name)
    return "" if value is None else str(value)


def time_of(event: Event, name: str) -> datetime | None:
    """Read a time of the facts; None for one that we didn't write."""
    try:
        at = datetime.fromisoformat(fact(event, name))
    except ValueError:
        return None
    return at if at.tzinfo else None
