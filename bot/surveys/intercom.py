"""Intercom: ratings of conversations, one to five."""

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote, unquote

from bot.surveys.asking import bearer
from bot.surveys.fields import Record
from bot.surveys.pages import Stretch, each, known_by, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy

NAME = "intercom"
RATED = frozenset({"conversation.rating.added", "conversation.rating.remarked"})
TOUCHPOINT = "intercom_conversation"
ENDS = (1.0, 5.0)  # the five faces; Intercom has no other scale
CUSTOMERS = frozenset({"user", "lead", "contact"})  # a conversation may also be opened by an admin or a bot
PAGE = 100
MOST_PAGES = 5_000  # of one poll: half a million ratings
UNRATED = Ignored("The customer was asked for a rating and has given none yet.")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"[\n -~]{1,1000}")  # what says where the next page begins


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read a rating. The remark may come later, in a second notification of the same conversation."""
    event = Record(body)
    topic = event.line("topic")
    if topic not in RATED:
        return Ignored(f"Intercom's topic {topic} holds no rating." if topic else "Intercom named no topic.")
    conversation = event.record("data").record("item")
    if _rating(conversation).number("rating") is None:
        return UNRATED
    answer = _read(conversation, event.required_timestamp("created_at"), policy)
    return answer._replace(url=_link(event.line("app_id"), answer.external_id))


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Search one page of rated conversations that were changed in this time, and for whoever rated them.

    A rating is a change of its conversation, and so is a later remark; what comes after a page is told by Intercom.
    """
    place = stretch(cursor, since=since, at=at)
    number, after = _page_of(place)
    reply = Record((yield Call("/conversations/search", post=_search(place, after))))
    rows = rows_of(reply.raw.get("conversations"), "conversations")
    raters = dict[str, str]()

    def read(row: Record) -> Answer | Ignored:
        found = _row(row, policy)
        if isinstance(found, Answer):
            raters[found.external_id] = _contact(row).identifier("id") or ""
        return found

    answers, refused = each(rows, read, "conversations")
    following = _following(reply)
    if following and (following == after or number >= MOST_PAGES):
        refused = [*refused, Refused("Intercom's pages don't come to an end: import older ratings from a file.")]
        following = ""
    people = yield from _people(raters[one.external_id] for one in answers if not (one.email and one.name))
    app_id = (yield from _app_id()) if answers else None
    signed = [_signed(one, people.get(raters[one.external_id]), app_id) for one in answers]
    if following and rows:
        return Page(signed, place.on(f"{number + 1}/{quote(following, safe='')}"), is_last=False, refused=refused)
    return Page(signed, place.done(), is_last=True, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer | Ignored]:
    """Read a saved page of a search; addresses that only the contacts hold are not in there."""
    return [_row(row, policy) for row in Record(reply).records("conversations")]


def _read(conversation: Record, submitted_at: datetime, policy: Policy) -> Answer:
    rating, contact = _rating(conversation), _contact(conversation)
    score = rating.required_number("rating")
    author = _author(conversation, contact)
    return Answer(
        source=NAME,
        external_id=conversation.required_identifier("id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=None, score=score, metric="csat", ends=ENDS),
        submitted_at=submitted_at,
        comment=rating.text("remark"),
        touchpoint=TOUCHPOINT,
        email=author.email("email"),
        name=author.line("name"),
        customer_id=contact.identifier("external_id") or contact.identifier("id"),
    )


def _row(row: Record, policy: Policy) -> Answer | Ignored:
    """Read a conversation as the API lists it: many versions only say when the rating was asked for."""
    rating = _rating(row)
    if rating.number("rating") is None:
        return UNRATED
    rated_at = rating.timestamp("updated_at")
    answer = _read(row, rated_at or rating.required_timestamp("created_at"), policy)
    # Taken for the time of the rating, the one of the question would let an older webhook win over what is listed.
    return answer._replace(is_time_known=rated_at is not None)


def _rating(conversation: Record) -> Record:
    return conversation.optional_record("conversation_rating")


def _contact(conversation: Record) -> Record:
    """Find who rated: older versions of their API say `customer`, and one of several contacts may not be named."""
    rating = _rating(conversation)
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


def _search(place: Stretch, after: str) -> dict[str, object]:
    """Ask for what was changed in this time, a second more on either side: whether the ends count isn't documented."""
    start, end = int(place.start.timestamp()) - 1, int(place.end.timestamp()) + 1
    wanted = [
        {"field": "updated_at", "operator": ">", "value": start},
        {"field": "updated_at", "operator": "<", "value": end},
        {"field": "conversation_rating.score", "operator": "IN", "value": [1, 2, 3, 4, 5]},
    ]
    return {
        "query": {"operator": "AND", "value": wanted},
        "sort": {"field": "updated_at", "order": "ascending"},
        "pagination": {"per_page": PAGE} | ({"starting_after": after} if after else {}),
    }


def _page_of(place: Stretch) -> tuple[int, str]:
    """Read the number of the page, from 1, and what the page before said of where it begins."""
    number, _, token = place.place.partition("/")
    is_number = number.isascii() and number.isdigit() and len(number) <= len(str(MOST_PAGES))
    after = unquote(token)
    return (int(number), after) if is_number and _TOKEN.fullmatch(after) else (1, "")


def _following(reply: Record) -> str:
    following = reply.optional_record("pages").optional_record("next")
    token = following.string("starting_after")
    if token and not _TOKEN.fullmatch(token):
        raise Unreadable(f"{following.at('starting_after')} must be letters, digits and signs.")
    return token


def _people(ids: Iterable[str]) -> Generator[Call, object, Mapping[str, Record]]:
    """Ask for the contacts of a page in one search: one that was deleted or merged is left out, which is no trouble."""
    wanted = sorted({one for one in ids if _PLAIN_ID.fullmatch(one)})
    if not wanted:
        return {}
    query = {"field": "id", "operator": "IN", "value": wanted}
    reply = Record((yield Call("/contacts/search", post={"query": query, "pagination": {"per_page": PAGE}})))
    people = dict[str, Record]()
    for number, row in enumerate(rows_of(reply.raw.get("data"), "data")):
        with suppress(Unreadable):  # a contact in an odd shape is as good as one that is gone
            person = Record(row, f"data[{number}]")
            people[person.required_identifier("id")] = person
    return people


def _app_id() -> Generator[Call, object, str | None]:
    """Ask whose conversations these are, for their links; not every token may know."""
    reply = yield Call("/me", is_lasting=True, may_be_withheld=True)
    with suppress(Unreadable):
        return Record(reply).optional_record("app").line("id_code")
    return None


def _signed(answer: Answer, person: Record | None, app_id: str | None) -> Answer:
    answer = answer._replace(url=_link(app_id, answer.external_id))
    if person is None:
        return answer
    with suppress(Unreadable):
        names = {"email": person.email("email"), "name": person.line("name")}
        return known_by(answer, **names, customer_id=person.identifier("external_id"))
    return answer


def headers(token: str) -> dict[str, str]:
    """Make the header that Intercom wants, and name the version whose replies are read here."""
    return {**bearer(token), "Intercom-Version": "2.11"}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.intercom.io", headers, per_minute=200),
    poll=poll,
    parse_reply=parse_reply,
)
