"""Help Scout: ratings of replies in three words, and surveys in messages: NPS, faces and thumbs."""

from collections.abc import Generator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

from bot.surveys.asking import bearer
from bot.surveys.fields import Record
from bot.surveys.pages import each, known_by, latest_by_id, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import own_scale
from bot.surveys.signing_in import client_credentials
from bot.surveys.values import email_of
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
MOST_DIGITS = 20
KINDS = {1: 3.0, 2: 2.0, 3: 1.0}  # what the report calls `ratingId`: Great, Okay, Not Good


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read a rating. Which event this is stands in a header: other events are told by having nothing of a rating."""
    rating = Record(body)
    if "response" in rating.raw and "message" in rating.raw:
        return _survey(rating, policy)
    if "rating" not in rating.raw and "threadId" not in rating.raw:
        return Ignored("Only Help Scout's satisfaction ratings and survey responses are taken.")
    word = " ".join(rating.string("rating").lower().replace("-", " ").replace("_", " ").split())
    if word not in WORDS:
        raise Unreadable("rating must be Great, Okay or Bad." if word else "rating is missing.")
    score = WORDS[word]
    mailbox = rating.optional_record("mailbox").identifier("id") or rating.identifier("mailboxId")
    customer = rating.optional_record("customer")
    return Answer(
        source=NAME,
        external_id=rating.required_identifier("id"),
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=THREE),
        submitted_at=rating.timestamp("modifiedAt") or rating.required_timestamp("createdAt"),
        comment=rating.text("comments"),
        touchpoint=_touchpoint(mailbox),
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


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of the report of ratings, and for the conversation of each: its mailbox, and who rated it."""
    place = stretch(cursor, since=since, at=at)
    query = {
        "start": _written(place.start),
        "end": _written(place.end),
        "rating": "all",
        "sortField": "number",
        "sortOrder": "ASC",
        "page": str(place.page),
    }
    reply = Record((yield Call("/v2/reports/happiness/ratings", query)))
    rows, conversations = rows_of(reply.raw.get("results"), "results"), dict[str, str | None]()

    def read(row: Record) -> Answer:
        found = _listed(row, policy)
        conversations[found.external_id] = row.identifier("id")
        return found

    answers, refused = each(rows, read, "results")
    signed = list[Answer]()
    for one in latest_by_id(answers):
        signed.append((yield from _signed(one, conversations[one.external_id])))
    is_last = not rows or place.page >= (reply.number("pages") or 0)
    return Page(signed, place.done() if is_last else place.on(str(place.page + 1)), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer]:
    """Read a saved page of the report, which names neither mailboxes nor addresses."""
    return [_listed(row, policy) for row in Record(reply).records("results")]


def _listed(row: Record, policy: Policy) -> Answer:
    """Read a row of the report. It says which reply was rated and by whom; the rating's own id isn't told."""
    kind = row.required_number("ratingId")
    if kind not in KINDS:
        raise Unreadable(f"{row.at('ratingId')} must be 1, 2 or 3.")
    score, customer_id = KINDS[int(kind)], row.required_identifier("ratingCustomerId")
    called = row.line("ratingCustomerName")
    address = email_of(called or "")
    return Answer(
        source=NAME,
        external_id=f"helpscout:thread:{row.required_identifier('threadid')}:{customer_id}",
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=THREE),
        submitted_at=row.required_timestamp("ratingCreatedAt"),
        comment=row.text("ratingComments"),
        email=address,
        name=None if address else called,
        customer_id=customer_id,
    )


def _signed(answer: Answer, conversation_id: str | None) -> Generator[Call, object, Answer]:
    """Ask in which mailbox a conversation is and who began it; if somebody else rated it, for them."""
    conversation = yield from _asked("conversations", conversation_id)
    customer = Record({})
    with suppress(Unreadable):  # what is odd about it is no reason to lose a rating
        answer = answer._replace(touchpoint=_touchpoint(conversation.identifier("mailboxId")))
        customer = conversation.optional_record("primaryCustomer")
    if customer.raw.get("id") is None or str(customer.raw["id"]) != answer.customer_id:
        customer = yield from _asked("customers", answer.customer_id)
    with suppress(Unreadable):
        return known_by(answer, email=_email(customer) or _email(customer.optional_record("_embedded")))
    return answer


def _asked(kind: str, number: str | None) -> Generator[Call, object, Record]:
    """Ask for one thing by its number; an empty one stands for what has been deleted."""
    if number is None or not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        return Record({})
    reply = yield Call(f"/v2/{kind}/{number}", is_lasting=True, may_be_missing=True)
    return Record(reply if isinstance(reply, dict) else {}, kind)


def _touchpoint(mailbox: str | None) -> str | None:
    return f"mailbox:{mailbox}" if mailbox else None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _email(customer: Record) -> str | None:
    """Take the customer's address, else the first of a list of them."""
    listed = (one.email("value") for one in customer.records("emails"))
    return customer.email("email") or next((one for one in listed if one), None)


def _name(customer: Record) -> str | None:
    parts = [customer.line("firstName"), customer.line("lastName")]
    return " ".join(part for part in parts if part) or None


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api(
        "https://api.helpscout.net",
        bearer,
        per_minute=150,  # of 200
        sign_in=client_credentials("/v2/oauth2/token"),
        token_is="an app's App ID and App Secret, as id:secret",  # noqa: S106 -- says what it is, and is none
    ),
    poll=poll,
    parse_reply=parse_reply,
    has_other_ids=True,
)
