"""Tally: finished forms. The policy names the question that is the score, as its scale is not in the payload."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.surveys.asking import bearer, forms_named
from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import email_of, language_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "tally"
LONG_TEXT, EMAIL, HIDDEN = "TEXTAREA", "INPUT_EMAIL", "HIDDEN_FIELDS"
PREFIX = "question_"  # in webhooks, where the API says only what follows
PAGE = 100


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one submission as a webhook sends it."""
    event = Record(body)
    if event.line("eventType") != "FORM_RESPONSE":
        return Ignored("Only Tally's FORM_RESPONSE events hold answers.")
    response = event.record("data")
    identifier = response.identifier("responseId") or response.required_identifier("submissionId")
    submitted_at = response.timestamp("createdAt") or event.required_timestamp("createdAt")
    return _answer(response, response.records("fields"), identifier, submitted_at, policy)


def _answer(
    response: Record, fields: Sequence[Record], identifier: str, submitted_at: datetime, policy: Policy
) -> Answer | Ignored:
    form = response.required_identifier("formId")
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"Tally does not say on which scale the form “{form}” asks. Add to the policy a [[source]] with "
            f'name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    asked = _named(fields, entry.score_field)
    if asked is None:
        raise Unreadable(
            f"The form “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy."
        )
    score = asked.number("value")
    if score is None:
        return Ignored("The question for the score was not answered.")
    hidden = Record(
        {field.string("label"): field.raw.get("value") for field in fields if _is(field, HIDDEN)}, HIDDEN.lower()
    )
    return Answer(
        source=NAME,
        external_id=identifier,
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric),
        submitted_at=submitted_at,
        comment=_comment(fields, entry),
        form=form,
        touchpoint=hidden.line("touchpoint") or form,
        language=hidden.language("language") or language_of(response.string("language")),
        email=_email(fields, hidden, entry),
        name=hidden.line("name"),
        customer_id=hidden.identifier("customer_id") or hidden.identifier("user_id"),
        account_id=hidden.identifier("account_id"),
        account_name=hidden.line("account"),
        account_value=hidden.amount("account_value"),
        account_manager=hidden.email("account_manager"),
        segment=hidden.line("segment"),
    )


def _is(field: Record, kind: str) -> bool:
    return field.line("type") == kind


def _named(fields: Sequence[Record], name: str) -> Record | None:
    """Find the field with this key, else the one whose label says the same."""
    key = name.removeprefix(PREFIX)
    by_key = next((field for field in fields if field.string("key").removeprefix(PREFIX) == key), None)
    return by_key or next((field for field in fields if field.line("label") == name), None)


def _comment(fields: Sequence[Record], entry: Source) -> str:
    """Take the answer that the policy names, else the first long text."""
    if entry.comment_field:
        named = _named(fields, entry.comment_field)
        return named.text("value") if named else ""
    return next((field.text("value") for field in fields if _is(field, LONG_TEXT)), "")


def _email(fields: Sequence[Record], hidden: Record, entry: Source) -> str | None:
    """Take the field that the policy names, else the hidden `email`, else an e-mail question."""
    if entry.email_field:
        named = _named(fields, entry.email_field)
        return email_of(named.string("value")) if named else None
    asked = (field.email("value") for field in fields if _is(field, EMAIL))
    return hidden.email("email") or next((one for one in asked if one), None)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a form's submissions; Tally lists the newest first."""
    place = stretch(cursor, since=since, at=at)
    query = {
        "filter": "completed",
        "startDate": _written(place.start),
        "endDate": _written(place.end),
        "page": str(place.page),
        "limit": str(PAGE),
    }
    reply = Record((yield Call(f"/forms/{target}/submissions", query)))
    questions = _questions(reply)

    def read(row: Record) -> Found:
        return _submission(row, questions, policy)

    answers, refused = each(rows_of(reply.raw.get("submissions"), "submissions"), read, "submissions")
    is_last = reply.raw.get("hasMore") is not True
    return Page(answers, place.done() if is_last else place.on(str(place.page + 1)), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of the API."""
    page = Record(reply)
    questions = _questions(page)
    return [_submission(row, questions, policy) for row in page.records("submissions")]


def _questions(reply: Record) -> Mapping[str, Record]:
    return {question.required_identifier("id"): question for question in reply.records("questions")}


def _submission(row: Record, questions: Mapping[str, Record], policy: Policy) -> Answer | Ignored:
    if row.raw.get("isCompleted") is False:
        return Ignored("The form is not finished yet.")
    identifier, submitted_at = row.required_identifier("id"), row.required_timestamp("submittedAt")
    given = {one.string("questionId"): one for one in row.records("responses")}
    fields = [field for key, question in questions.items() for field in _fields(key, question, given.get(key))]
    return _answer(row, fields, identifier, submitted_at, policy)


def _fields(key: str, question: Record, given: Record | None) -> list[Record]:
    """Write a question and its answer as a webhook does; the hidden fields of a form are one question with many."""
    answer = given.raw.get("answer") if given else None
    path = given.at("answer") if given else question.path
    kind, title = question.raw.get("type"), question.raw.get("title")
    if not isinstance(answer, dict):
        return [Record({"key": key, "label": title, "type": kind, "value": answer}, path)]
    titles = {part.string("uuid"): part.raw.get("title") for part in question.records("fields")}
    return [
        Record({"key": f"{key}_{name}", "label": titles.get(name, name), "type": kind, "value": value}, path)
        for name, value in answer.items()
    ]


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.tally.so", bearer, per_minute=100),
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
