"""Typeform: finished forms. The score is the form's only NPS question, or the question that the policy names."""

from datetime import UTC, datetime

from bot.surveys.asking import bearer, forms_named
from bot.surveys.fields import Record
from bot.surveys.oldest_first import SECOND, newest_of, step
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import email_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import Metric, UnknownScale

NAME = "typeform"
NPS = "nps"
NPS_ONLY = frozenset({NPS})  # always 0 to 10; the steps of the other two are not in the payload
SCALES = frozenset({"opinion_scale", "rating"})
TEXTS = ("long_text", "short_text")
PAGE = 1_000


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one submission. `calculated.score` is a quiz's score and is never looked at."""
    event = Record(body)
    if event.line("event_type") != "form_response":
        return Ignored("Only Typeform's form_response events hold answers.")
    response = event.record("form_response")
    form = response.required_identifier("form_id")
    answers = response.records("answers")
    asked = response.optional_record("definition").records("fields")
    asked = asked or [answer.record("field") for answer in answers]
    return _read(response, _score_question(asked, entry_of(policy, NAME, form), form), form, policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a form's submissions, the oldest first."""
    form, place = target or "", step(cursor, since=since, at=at)
    query = {
        "since": place.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sort": "submitted_at,asc",
        "page_size": str(PAGE),
    }
    reply = Record((yield Call(f"/forms/{form}/responses", query)))
    rows = rows_of(reply.raw.get("items"), "items")
    answers, refused = each(rows, lambda row: _item(row, form, policy), "items")
    newest = newest_of(rows, lambda row: row.timestamp("submitted_at"))
    is_last = len(rows) < PAGE
    if (
        place.page > 1 and not is_last
    ):  # there are no numbered pages: as many as fit into a page were sent within one second
        too_many = f"More than {PAGE} submissions of “{form}” at one time: import the others from a file."
        refused = [*refused, Refused(too_many)]
        newest = place.start + SECOND + SECOND
    return Page(answers, place.onward(newest, is_last=is_last), is_last=is_last, refused=refused)


def _item(item: Record, form: str, policy: Policy) -> Answer | Ignored:
    """Read a row of the API, which names answered questions only: one that is missing was left out."""
    entry = entry_of(policy, NAME, form)
    answered = [answer.record("field") for answer in item.records("answers")]
    if entry is not None and entry.score_field:
        return _read(item, entry.score_field, form, policy)
    if not _of_types(answered, SCALES | NPS_ONLY):
        return Ignored("The question for the score was not answered.")
    return _read(item, _score_question(answered, entry, form), form, policy)


def _read(response: Record, question: str, form: str, policy: Policy) -> Answer | Ignored:
    """Read one submission, by the question that is the score."""
    entry = entry_of(policy, NAME, form)
    answers = response.records("answers")
    answered = _answer_to(answers, question)
    if answered is None:
        return Ignored("The question for the score was not answered.")
    score = answered.required_number("number")
    metric: Metric | None = "nps" if entry is None else entry.metric
    scale = scale_of(policy, source=NAME, form=form, score=score, metric=metric)
    hidden = response.optional_record("hidden")
    return Answer(
        source=NAME,
        external_id=response.required_identifier("token"),
        score=score,
        scale=scale,
        submitted_at=response.required_timestamp("submitted_at"),
        comment=_comment(answers, entry),
        form=form,
        touchpoint=hidden.line("touchpoint") or form,
        language=hidden.language("language"),
        url=response.url("response_url"),
        email=_email(answers, hidden, entry),
        name=hidden.line("name"),
        customer_id=hidden.identifier("customer_id") or hidden.identifier("user_id"),
        account_id=hidden.identifier("account_id"),
        account_name=hidden.line("account"),
        account_value=hidden.amount("account_value"),
        account_manager=hidden.email("account_manager"),
        segment=hidden.line("segment"),
    )


def _score_question(asked: list[Record], entry: Source | None, form: str) -> str:
    """Find the ref or id of the question that is the score, among all that were asked."""
    if entry is not None and entry.score_field:
        if not any(entry.score_field in _names(field) for field in asked):
            raise Unreadable(
                f"The form “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy."
            )
        return entry.score_field
    types = SCALES
    if entry is None or (entry.metric == NPS and _of_types(asked, NPS_ONLY)):
        types = NPS_ONLY
    found = _of_types(asked, types)
    if len(found) == 1:
        return found[0]
    if found:
        raise Unreadable(
            f"The form “{form}” has several questions for a score: name one as `score_field` in the policy."
        )
    if entry is None and _of_types(asked, SCALES):
        raise UnknownScale(
            f"Typeform does not send the scale of the form “{form}”. Add a [[source]] to the policy with "
            f'name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    raise Unreadable(f"The form “{form}” has no question for a score.")


def _names(field: Record) -> set[str]:
    return {field.string("ref"), field.string("id")} - {""}


def _of_types(asked: list[Record], types: frozenset[str]) -> list[str]:
    return [
        name for field in asked if field.line("type") in types and (name := field.string("ref") or field.string("id"))
    ]


def _answer_to(answers: list[Record], question: str) -> Record | None:
    return next((each for each in answers if question in _names(each.record("field"))), None)


def _comment(answers: list[Record], entry: Source | None) -> str:
    """Take the answer that the policy names, else the first long text, else the first short one."""
    if entry is not None and entry.comment_field:
        named = _answer_to(answers, entry.comment_field)
        return named.text("text") if named else ""
    for kind in TEXTS:
        for answer in answers:
            if answer.record("field").line("type") == kind:
                return answer.text("text")
    return ""


def _email(answers: list[Record], hidden: Record, entry: Source | None) -> str | None:
    """Take the hidden field or the answer that the policy names, else the hidden `email`, else an e-mail question."""
    if entry is not None and entry.email_field:
        named = _answer_to(answers, entry.email_field)
        return hidden.email(entry.email_field) or (
            email_of(named.string("email") or named.string("text")) if named else None
        )
    asked = (answer.email("email") for answer in answers if answer.line("type") == "email")
    return hidden.email("email") or next(asked, None)


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.typeform.com", bearer, per_minute=100),  # of two a second
    targets=forms_named(NAME),
    poll=poll,
)
