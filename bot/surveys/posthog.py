"""PostHog: surveys inside a product. The policy names the question that is the score; answers come one by one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.surveys.asking import bearer, forms_named, plain_id
from bot.surveys.fields import Record, json_body
from bot.surveys.oldest_first import Step, newest_of, step
from bot.surveys.pages import each, latest_by_id, rows_of
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import email_of, kind, number_of, text_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "posthog"
RESPONSE = "$survey_response"
COLUMNS = ("uuid", "timestamp", "distinct_id", "properties", "person")
PAGE = 200  # every event comes with all its properties, and those of its person


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read what is known of a response so far: every part of it has the same submission id."""
    envelope = Record(body)
    event = envelope.record("event")
    if event.line("event") != "survey sent":
        return Ignored("Only PostHog's “survey sent” events hold answers.")
    return _read(event, event.record("properties"), envelope.optional_record("person"), policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Query one page of a survey's events, the oldest first."""
    form, place = plain_id(Record({"form": target}), "form"), step(cursor, since=since, at=at)
    reply = Record((yield Call("/query/", post={"query": {"kind": "HogQLQuery", "query": _query(form, place)}})))
    rows = [_named(row) for row in rows_of(reply.raw.get("results"), "results")]
    answers, refused = each(rows, lambda row: _row(row, policy), "results")
    is_last = len(rows) < PAGE
    newest = newest_of(rows, lambda row: row.timestamp("timestamp"))
    return Page(latest_by_id(answers), place.onward(newest, is_last=is_last), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer | Ignored]:
    """Read a saved page of the query that the poll makes."""
    rows = rows_of(Record(reply).raw.get("results"), "results")
    return [_row(Record(_named(row), f"results[{number}]"), policy) for number, row in enumerate(rows)]


def _query(form: str, place: Step) -> str:
    """Write the question in PostHog's SQL, in whole seconds: how many digits of a time it says doesn't count then."""
    return (
        "SELECT uuid, timestamp, distinct_id, properties, person.properties FROM events "  # noqa: S608 -- a plain id, a time and two numbers
        f"WHERE event = 'survey sent' AND properties.$survey_id = '{form}' "
        f"AND timestamp >= toDateTime('{place.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}') "
        f"ORDER BY timestamp, uuid LIMIT {PAGE} OFFSET {(place.page - 1) * PAGE}"
    )


def _named(row: object) -> object:
    """Name the columns of a row; what isn't such a row is left as it is, to be refused."""
    return dict(zip(COLUMNS, row, strict=True)) if isinstance(row, list) and len(row) == len(COLUMNS) else row


def _row(row: Record, policy: Policy) -> Answer | Ignored:
    """Read an event as a query gives it; one of nobody who is known has a person without properties."""
    known = _opened(row, "person")
    person = Record({"properties": known.raw} if known.raw else {}, row.at("person"))
    return _read(row, _opened(row, "properties"), person, policy)


def _opened(row: Record, column: str) -> Record:
    """Open a column that holds JSON, in a text or, in other versions, as it is."""
    found = row.raw.get(column)
    if isinstance(found, str):
        try:
            found = json_body(found.encode()) if found else {}
        except (Unreadable, UnicodeEncodeError):
            raise Unreadable(f"{row.at(column)} must be JSON, not {kind(found)}.") from None
    return Record({} if found is None else found, row.at(column))


def _read(event: Record, given: Record, person: Record, policy: Policy) -> Answer | Ignored:
    """Read the answer to the question that the policy names."""
    form = given.required_identifier("$survey_id")
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"PostHog does not say which question of the survey “{form}” is the score. Add to the policy a [[source]] "
            f'with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    key, said = _answer_to(given, entry.score_field)
    if not key:
        raise Unreadable(
            f"The survey “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy "
            f'(from old versions of PostHog, the first question is "{RESPONSE}").'
        )
    if said is None or said == "":
        return Ignored("The question for the score is not answered.")
    score = number_of(said, given.at(key))
    known = person.optional_record("properties")
    return Answer(
        source=NAME,
        external_id=given.identifier("$survey_submission_id") or event.required_identifier("uuid"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric),
        submitted_at=event.required_timestamp("timestamp"),
        comment=_comment(given, entry),
        form=form,
        touchpoint=form,
        language=given.language("$survey_language"),
        url=event.url("url"),
        email=_email(given, known, entry),
        name=known.line("name"),
        # Who was never identified has a number that PostHog made up, and no person.
        customer_id=event.identifier("distinct_id") if person.raw else None,
        account_id=known.identifier("account_id"),
        account_name=known.line("company"),
        account_value=known.amount("account_value"),
        account_manager=known.email("account_manager"),
        segment=known.line("segment"),
    )


def _answer_to(given: Record, question: str) -> tuple[str, object]:
    """Find the answer to a question by its id, by the property's own name, or by its place, as older versions wrote.

    The key is "" when nothing in the event says that there is such a question.
    """
    by_place = dict[str, str]()
    for place, asked in enumerate(given.records("$survey_questions")):
        by_place[asked.string("id")] = f"{RESPONSE}_{place}" if place else RESPONSE
    keys = [f"{RESPONSE}_{question}", question, *([by_place[question]] if question in by_place else [])]
    answered = next((key for key in keys if given.raw.get(key) is not None), None)
    if answered:
        return answered, given.raw[answered]
    return next((key for key in keys if key in given.raw), keys[0] if question in by_place else ""), None


def _comment(given: Record, entry: Source) -> str:
    """Read the answer that the policy names; of several that were chosen, all of them."""
    if not entry.comment_field:
        return ""
    key, said = _answer_to(given, entry.comment_field)
    if isinstance(said, list):
        return text_of(", ".join(one for one in said if isinstance(one, str)))
    return given.text(key)


def _email(given: Record, known: Record, entry: Source) -> str | None:
    """Take the answer or the person's property that the policy names, else the property `email`."""
    if entry.email_field:
        _, said = _answer_to(given, entry.email_field)
        return (email_of(said) if isinstance(said, str) else None) or known.email(entry.email_field)
    return known.email("email")


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("", bearer, per_minute=10),  # a hundred queries an hour and more are allowed, and three at once
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
