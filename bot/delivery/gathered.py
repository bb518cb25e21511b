"""Drawing the post of an umbrella for its channel, or for one of the owners of its cases."""

from sqlmodel import Session

from bot.slack.views.message import Message
from bot.slack.views.umbrella import SHOWN, umbrella_post
from storage.umbrellas import gathered
from workflows.policy import Policy


def gathered_post(session: Session, subject: str, place: str, *, policy: Policy) -> Message | None:
    """Draw `umbrella:3` for a place; a member is shown those that are theirs. None: there is no such umbrella."""
    owner = place if place.startswith(("U", "W")) else None
    found = gathered(session, int(subject.partition(":")[2]), limit=SHOWN, owner=owner)
    return umbrella_post(found, policy=policy, place=place) if found else None
