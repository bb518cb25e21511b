"""Intercom: ratings of conversations, one to five."""

import re
from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored
from bot.surveys.scoring import scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy

NAME = "intercom"
RATED = frozenset({"conversation.rating.added", "conversation.rating.remarked"})
TOUCHPOINT = "intercom_conversation"
ENDS = (1.0, 5.0)  # the five faces; Intercom has no other scale
CUSTOMERS = frozenset({"user", "lead", "contact"})  # a conversation may also be opened by an admin or a bot
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read a rating. The remark may come later, in a second notification of the same conversation."""
    event = Record(body)
    topic = event.line("topic")
    if topic not in RATED:
        return Ignored(f"Intercom's topic {topic} holds no rating." if topic else "Intercom named no topic.")
    conversation = event.record("data").record("item")
    rating = conversation.optional_record("conversation_rating")
    score = rating.number("rating")
    if score is None:
        return Ignored("The customer was asked for a rating and has given none yet.")
    scale = scale_of(policy, source=NAME, form=None, score=score, metric="csat", ends=ENDS)
    contact = _contact(rating, conversation)
    author = _author(conversation, contact)
    conversation_id = conversation.required_identifier("id")
    return Answer(
        source=NAME,
        external_id=conversation_id,
        score=score,
        scale=scale,
        submitted_at=event.required_timestamp("created_at"),  # the rating's own is when it was asked for
        comment=rating.text("remark"),
        touchpoint=TOUCHPOINT,
        url=_link(event.line("app_id"), conversation_id),
        email=author.email("email"),
        name=author.line("name"),
        customer_id=contact.identifier("external_id") or contact.identifier("id"),
    )


def _contact(rating: Record, conversation: Record) -> Record:
    """Find who rated: older versions of their API say `customer`, and one of several contacts may not be named."""
    for key in ("contact", "customer"):
        contact = rating.optional_record(key)
        if contact.raw:
            return contact
    contacts = conversation.optional_record("contacts").records("contacts")
    return contacts[0] if len(contacts) == 1 else Record({}, "contact")


def _author(conversation: Record, contact: Record) -> Record:
    """Find the name and address of who rated: the conversation's author, unless that was somebody else."""
    author = conversation.optional_record("source").optional_record("author")
    is_customer = author.line("type") in CUSTOMERS
    ids = {author.identifier("id"), contact.identifier("id")} - {None}
    return author if is_customer and len(ids) <= 1 else contact


def _link(app_id: str | None, conversation_id: str) -> str | None:
    if app_id and _PLAIN_ID.fullmatch(app_id) and _PLAIN_ID.fullmatch(conversation_id):
        return f"https://app.intercom.com/a/apps/{app_id}/conversations/{conversation_id}"
    return None


ADAPTER = Adapter(NAME, verifier(NAME), parse)
