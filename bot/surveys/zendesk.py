"""Zendesk: ratings of tickets, from a trigger and from both of its APIs, the older good or bad and the newer points."""

import base64
import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.surveys.asking import bearer
from bot.surveys.fields import Record
from bot.surveys.pages import each, known_by, latest_by_id, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import own_scale, scale_of
from bot.surveys.values import number_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import Scale

NAME = "zendesk"
TOUCHPOINT = "zendesk_csat"
GOOD_OR_BAD = Scale("csat", 0, 1, "up", 0, 0)
# The first word of what Zendesk shows for a rating, which is in the language of the account.
BAD_WORDS = (
    "bad unsatisfied dissatisfied 👎 mauvais mauvaise mal insatisfait schlecht unzufrieden malo mala ruim mau cattivo"
    " male scarso slecht źle zły dårlig dårligt dålig dåligt huono špatné špatně zlé rossz slabo rău плохо погано kötü"
    " tệ buruk 不満 差 不满意 나쁨 سيئ"
)
GOOD_WORDS = (
    "good satisfied 👍 bien bon bonne satisfait gut zufrieden bueno buena bom boa buono bene goed dobrze dobry god godt"
    " bra hyvä dobré dobře dobro jó bine хорошо добре iyi tốt baik 満足 好 满意 좋음 جيد"
)
SCORES = dict.fromkeys(BAD_WORDS.split(), 0.0) | dict.fromkeys(GOOD_WORDS.split(), 1.0)
UNRATED = frozenset({"offered", "unoffered", "skipped"})
RATINGS, SURVEYS = "satisfaction_ratings", "survey_responses"
PATHS = {RATINGS: "/api/v2/satisfaction_ratings", SURVEYS: "/api/v2/guide/survey_responses"}
LAST_BAD = {2: 1.0, 3: 2.0, 5: 3.0}  # by the number of points; the ones above are good
MOST_POINTS = 5
PAGE = 100
_BETWEEN_WORDS = re.compile(r"[\s,;.!:\u3001\uff0c\u3002-]+")


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read what our trigger sends. A ticket has one rating, which its customer may change: the ticket's id names it."""
    sent = Record(body)
    said = sent.string("rating").strip()
    if "rating" not in sent.raw:
        raise Unreadable("rating is missing: add it to the JSON of the trigger.")
    if said.startswith("{{"):
        return Ignored("Zendesk's own test: its placeholders are not filled in.")
    if not said or _first_word(said) in UNRATED:
        return Ignored("The customer was asked for a rating and has given none yet.")
    score, scale = _said(said, policy)
    return Answer(
        source=NAME,
        external_id=by_ticket(sent.required_identifier("ticket_id")),
        score=score,
        scale=scale,
        submitted_at=sent.required_timestamp("updated_at"),
        comment=sent.text("rating_comment"),
        touchpoint=TOUCHPOINT,
        url=_link(sent),
        email=sent.email("requester_email"),
        name=sent.line("requester_name"),
        customer_id=sent.identifier("requester_external_id"),
        account_name=sent.line("organization"),
    )


def by_ticket(ticket_id: str) -> str:
    """Name the response of a ticket: the same from the trigger and from a poll."""
    return f"zendesk:ticket:{ticket_id}"


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of ratings or of survey responses, and for who gave them.

    Accounts have one of the two, seldom both: what the other one answers is no trouble, unless neither is there.
    """
    place = stretch(cursor, since=since, at=at)
    kind, other = (RATINGS, SURVEYS) if target == RATINGS else (SURVEYS, RATINGS)
    listed = yield Call(PATHS[kind], _query(kind, place.start, place.place), may_be_withheld=True)
    if listed is None:
        yield Call(PATHS[other], {"page[size]": "1"})
        # Not moved on: should the account have it some day, or again, all since then is asked for.
        return Page((), replace(place, end=place.start).done(), is_last=True)
    reply = Record(listed)

    def read(row: Record) -> Found:
        found, ticket = _row(kind, row, policy), _ticket_of(row)
        return found._replace(external_id=by_ticket(ticket)) if ticket and isinstance(found, Answer) else found

    answers, refused = each(rows_of(reply.raw.get(kind), kind), read, kind)
    meta = reply.optional_record("meta")
    after = meta.required_identifier("after_cursor") if meta.raw.get("has_more") is True else None
    people = yield from _people(answers)
    signed = [_signed_by(one, people) for one in latest_by_id(answers)]
    return Page(signed, place.on(after) if after else place.done(), is_last=after is None, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of either API; each response has the id that the API gives it."""
    page = Record(reply)
    kind = RATINGS if RATINGS in page.raw else SURVEYS
    return [_row(kind, row, policy) for row in page.records(kind)]


def _row(kind: str, row: Record, policy: Policy) -> Answer | Ignored:
    return _rating(row, policy) if kind == RATINGS else _survey(row, policy)


def _rating(row: Record, policy: Policy) -> Answer | Ignored:
    """Read a rating of the older kind, good or bad."""
    said = row.string("score").strip().lower()
    if said in UNRATED:
        return Ignored("The customer was asked for a rating and has given none yet.")
    word = said.partition("_")[0]  # some filters say good_with_comment
    if word not in {"good", "bad"}:
        raise Unreadable(f"{row.at('score')} must be good or bad.")
    score = float(word == "good")
    return Answer(
        source=NAME,
        external_id=row.required_identifier("id"),
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=GOOD_OR_BAD),
        submitted_at=row.timestamp("updated_at") or row.required_timestamp("created_at"),
        comment=row.text("comment"),
        touchpoint=TOUCHPOINT,
        customer_id=row.identifier("requester_id"),
    )


def _survey(row: Record, policy: Policy) -> Answer | Ignored:
    """Read a survey response of the newer kind, in points."""
    answers = row.records("answers")
    rated = next((one for one in answers if one.line("type") == "rating_scale"), None)
    if rated is None or rated.raw.get("rating") is None:
        return Ignored("The customer has not rated.")
    form = row.optional_record("survey").identifier("id") or row.identifier("survey_id")
    score = rated.required_number("rating")
    written = next((one for one in answers if one.line("type") == "open_ended"), None)
    times = [one.timestamp("updated_at") or one.timestamp("created_at") for one in answers]
    return Answer(
        source=NAME,
        external_id=row.required_identifier("id"),
        score=score,
        scale=_scale_of_points(rated, score, form, policy),
        submitted_at=max((time for time in times if time), default=None) or rated.required_timestamp("created_at"),
        comment=written.text("value") if written else "",
        form=form,
        touchpoint=TOUCHPOINT,
        customer_id=row.identifier("responder_id"),
    )


def _scale_of_points(rated: Record, score: float, form: str | None, policy: Policy) -> Scale:
    """Find the scale of two, three or five points, with Zendesk's own word on whether this score is good or bad.

    Not every reply holds the question's options. Good ones tell the number of points, as the best of two is bad on
    three; where a bad one may be of three points or of five, five is taken, and its band is right in any case.
    """
    category = rated.string("rating_category").strip().lower()
    listed = rated.optional_record("question").records("options")
    marks = [mark for mark in (option.number("rating") for option in listed) if mark is not None]
    if not marks and any(entry.metric == "csat" for entry in policy.source_entries(NAME, form)):
        return scale_of(policy, source=NAME, form=form, score=score, metric="csat")
    points = int(max(marks)) if marks else int(score) if category == "good" and score in LAST_BAD else MOST_POINTS
    last_bad = LAST_BAD.get(points)
    if last_bad is None:
        raise Unreadable(f"{rated.at('question.options')} must be two, three or five ratings.")
    if category == "bad":
        last_bad = max(last_bad, min(score, points - 1))
    elif category == "good":
        last_bad = min(last_bad, max(score - 1, 1))
    own = Scale("csat", 1, points, "up", last_bad, last_bad)
    return own_scale(policy, source=NAME, form=form, score=score, own=own)


def _said(text: str, policy: Policy) -> tuple[float, Scale]:
    """Read what the trigger says of the rating: a word in some language, or a number on the policy's scale."""
    word = _first_word(text)
    score = SCORES.get(word)
    if score is not None:
        return score, own_scale(policy, source=NAME, form=None, score=score, own=GOOD_OR_BAD)
    if not word[:1].isdigit():
        raise Unreadable(
            'rating is neither good nor bad in a language that is known: make two triggers, one that sends "rating": '
            '"good" and one that sends "rating": "bad".'
        )
    score = number_of(text, "rating")
    return score, scale_of(policy, source=NAME, form=None, score=score)


def _first_word(text: str) -> str:
    return next(iter(_BETWEEN_WORDS.sub(" ", text).lower().split()), "")


def _ticket_of(row: Record) -> str | None:
    """Find the ticket that was rated: the older kind names it, the newer lists what it is about."""
    about = (one.identifier("id") for one in row.records("subjects") if one.line("type") in {"ticket", "zen:ticket"})
    return row.identifier("ticket_id") or next(about, None)


def _link(sent: Record) -> str | None:
    """Make a link of the ticket's address, which Zendesk writes without https."""
    address = sent.string("ticket_url").strip()
    return Record({"url": address if "://" in address else f"https://{address}"}).url("url") if address else None


def _query(kind: str, start: datetime, after: str) -> dict[str, str]:
    seconds = int(start.timestamp())
    since = {"score": "received", "start_time": str(seconds)}
    if kind == SURVEYS:
        since = {"filter[created_at_start]": str(seconds * 1000)}
    return since | {"page[size]": str(PAGE)} | ({"page[after]": after} if after else {})


def _people(answers: Iterable[Answer]) -> Generator[Call, object, dict[str, Record]]:
    """Ask for everybody of a page in one call."""
    ids = sorted({one.customer_id for one in answers if one.customer_id})
    if not ids:
        return {}
    reply = yield Call("/api/v2/users/show_many", {"ids": ",".join(ids)}, may_be_missing=True)
    people = [] if reply is None else Record(reply).records("users")
    return {found: person for person in people if (found := person.identifier("id"))}


def _signed_by(answer: Answer, people: dict[str, Record]) -> Answer:
    person = people.get(answer.customer_id or "")
    if person is None:
        return answer
    try:
        return known_by(
            answer,
            email=person.email("email"),
            name=person.line("name"),
            customer_id=person.identifier("external_id"),
        )
    except Unreadable:
        return answer  # a user in an odd shape is as good as one that is gone


def headers(token: str) -> dict[str, str]:
    """Sign in with `name@company.example/token:abc`, as Zendesk writes an API token, or with an OAuth token alone."""
    if "/token:" in token:
        return {"Authorization": f"Basic {base64.b64encode(token.encode()).decode()}"}
    return bearer(token)


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("", headers, per_minute=200),
    targets=lambda _: (SURVEYS, RATINGS),
    poll=poll,
    parse_reply=parse_reply,
)
