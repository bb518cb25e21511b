"""Help Scout: ratings of replies in three words, and surveys in messages: NPS, faces and thumbs."""

from datetime import datetime
from hashlib import sha256

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import own_scale
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import DEFAULT_SCALES, Scale

NAME = "helpscout"
THREE = Scale("csat", 1, 3, "up", 1, 2)
TWO = Scale("csat", 0, 1, "up", 0, 0)
NPS = DEFAULT_SCALES["nps"]
FACES = {"🙁": (1.0, THREE), "😐": (2.0, THREE), "😀": (3.0, THREE), "👎": (0.0, TWO), "👍": (1.0, TWO)}
NPS_CATEGORIES = frozenset({"promoter", "passive", "detractor"})
PLAIN = "\ufe0f"  # may follow an emoji and changes nothing
WORDS = {"bad": 1.0, "not good": 1.0, "okay": 2.0, "ok": 2.0, "great": 3.0}


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read a rating. Which event this is stands in a header: other events are told by having nothing of a rating."""
    rating = Record(body)
    if "response" in rating.raw and "message" in rating.raw:
        return _survey(rating, policy)
    if "rating" not in rating.raw and "threadId" not in rating.raw:
        return Ignored("Only Help Scout's satisfaction ratings and survey responses are taken.")
    word = rating.string("rating").strip().lower().replace("-", " ")
    if word not in WORDS:
        raise Unreadable("rating must be Great, Okay or Bad." if word else "rating is missing.")
    score = WORDS[word]
    mailbox = rating.optional_record("mailbox").identifier("id")
    customer = rating.optional_record("customer")
    return Answer(
        source=NAME,
        external_id=rating.required_identifier("id"),
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=THREE),
        submitted_at=rating.timestamp("modifiedAt") or rating.required_timestamp("createdAt"),
        comment=rating.text("comments"),
        touchpoint=f"mailbox:{mailbox}" if mailbox else None,
        email=_email(customer),
        name=_name(customer),
        customer_id=customer.identifier("id"),
    )


def _survey(event: Record, policy: Policy) -> Answer | Ignored:
    """Read an answer to a survey in a message, which has no id: its customer and its time make one."""
    response, form = event.record("response"), event.record("message").line("name")
    said = response.string("value").strip()
    if not said:
        return Ignored("A survey that asks for a text only has no score.")
    if response.line("category") in NPS_CATEGORIES:  # always from 0 to 10, whatever the category says
        score, own = response.required_number("value"), NPS
    elif said.removesuffix(PLAIN) in FACES:
        score, own = FACES[said.removesuffix(PLAIN)]
    else:
        raise Unreadable("response.value is neither NPS nor one of Help Scout's own faces and thumbs.")
    customer = event.optional_record("_embedded").optional_record("customer")
    at = response.required_timestamp("timestamp")
    made_of = f"{form}\x1f{customer.identifier('id')}\x1f{at.isoformat()}"
    return Answer(
        source=NAME,
        external_id=f"helpscout:survey:{sha256(made_of.encode()).hexdigest()[:32]}",
        score=score,
        scale=own_scale(policy, source=NAME, form=form, score=score, own=own),
        submitted_at=at,
        comment=response.text("comment"),
        form=form,
        touchpoint=form,
        email=_email(customer.optional_record("_embedded")) or _email(customer),
        name=_name(customer),
        customer_id=customer.identifier("id"),
        account_name=customer.line("organization"),
    )


def _email(customer: Record) -> str | None:
    """Take the customer's address, else the first of a list of them."""
    listed = (one.email("value") for one in customer.records("emails"))
    return customer.email("email") or next((one for one in listed if one), None)


def _name(customer: Record) -> str | None:
    parts = [customer.line("firstName"), customer.line("lastName")]
    return " ".join(part for part in parts if part) or None


ADAPTER = Adapter(NAME, verifier(NAME), parse)
