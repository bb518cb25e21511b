"""Qualtrics: an event subscription names a response, which is asked for; a workflow's task sends its answer itself."""

import re
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast, get_args
from urllib.parse import parse_qsl

from bot.surveys.asking import forms_named, plain_id, plain_ids
from bot.surveys.fields import Record, json_body
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Fetch, Fetching, Found, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import number_of
from bot.surveys.verify import verifier
from bot.surveys.windows import Window, window
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import Metric, UnknownScale

NAME = "qualtrics"
COMPLETED = ".completedResponse."
PREVIEWS = frozenset({1.0, 2.0})  # a survey looked at before it is sent, and a test's made-up answers
MOST_FIELDS = 100
PAGE = 500  # responses of one export: even of long surveys they stay far below what one reply may be
# Seconds from one look at an export to the next; what takes longer than all of them is asked for anew an hour later.
PAUSES = (2, 3, 5, 10, 15, 25, 30, 30, 30, 30, 30, 30)
METRICS: tuple[str, ...] = get_args(Metric)
_NPS_GROUP = re.compile(r"(QID[0-9]{1,9})_NPS_GROUP")
_TEXT = re.compile(r"QID([0-9]{1,9})_TEXT")


def read(body: bytes) -> object:
    """Read what came: a form whose field MSG is JSON from an event subscription, JSON from a workflow's task."""
    if body.lstrip()[:1] in {b"{", b"["}:
        return json_body(body)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # bytes beyond ASCII, escapes that are no UTF-8, too many fields
        raise Unreadable("The body is neither JSON nor a form.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable("The body holds the same field twice.")
    return {**fields, "MSG": json_body(fields.get("MSG", "").encode())}


def parse(body: object, policy: Policy, at: datetime) -> Answer | Fetch | Ignored:
    """Read the event of a subscription, or what the task of a workflow was told to send."""
    sent = Record(body)
    if "MSG" not in sent.raw:
        return _sent(sent, policy, at)
    event = sent.record("MSG")
    if COMPLETED not in sent.string("Topic"):
        return Ignored("Only Qualtrics' topic completedResponse tells of answers.")
    if event.line("Status") not in {"Complete", None}:
        return Ignored("The response is not completed.")
    return _named(event, "SurveyID", "ResponseID")


def fetch(ids: Mapping[str, str], policy: Policy, _: datetime) -> Fetching:
    """Ask for the response that an event named."""
    survey_id, response_id = plain_ids(ids, "survey", "response")
    reply = Record((yield Call(f"/API/v3/surveys/{survey_id}/responses/{response_id}")))
    return _read(reply.record("result"), survey_id, policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Have one stretch of time exported, wait for the export, and read it; half the time where it holds too much."""
    form, place = target or "", window(cursor, since=since, at=at)
    rows = yield from _exported(form, place)
    if len(rows) >= PAGE and not place.is_shortest:
        return Page((), place.halved(), is_last=False)
    answers, refused = each(rows, lambda row: _read(row, form, policy), "responses")
    if len(rows) >= PAGE:
        too_many = f"{PAGE} or more responses of “{form}” at one time: import the others from a file."
        refused = [*refused, Refused(too_many)]
    following, is_last = place.onward(rows=len(rows), most=PAGE)
    return Page(answers, following, is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved export, which doesn't say of which survey it is: of the one that the policy names first."""
    form = next((entry.form for entry in policy.sources if entry.name == NAME and entry.form), None)
    return [_read(row, form, policy) for row in Record(reply).records("responses")]


def _exported(form: str, place: Window) -> Generator[Call, object, list[object]]:
    """Ask for an export of what was recorded in this time, look after it until it is there, and take it."""
    exports = f"/API/v3/surveys/{form}/export-responses"
    wanted = {
        "format": "json",
        "startDate": _spelt(place.start),
        "endDate": _spelt(place.end),
        "limit": PAGE,
        "useLabels": False,
        "compress": False,
    }
    export = plain_id(Record((yield Call(exports, post=wanted))).record("result"), "progressId")
    for pause in PAUSES:
        result = Record((yield Call(f"{exports}/{export}", pause=pause))).record("result")
        if result.string("status") == "failed":
            raise Unreadable(f"Qualtrics failed to export the responses of “{form}”; it is asked again later.")
        if result.string("status") == "complete":
            exported = Record((yield Call(f"{exports}/{plain_id(result, 'fileId')}/file")))
            return rows_of(exported.raw.get("responses"), "responses")
    raise Unreadable(f"Qualtrics has been exporting the responses of “{form}” for too long; it is asked again later.")


def _spelt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _named(event: Record, survey: str, response: str) -> Fetch:
    response_id = plain_id(event, response)
    return Fetch(response_id, {"survey": plain_id(event, survey), "response": response_id})


def _sent(sent: Record, policy: Policy, at: datetime) -> Answer | Fetch:
    """Read our own template. With the ids alone the rest is asked for: a quotation mark in a comment breaks JSON."""
    if "score" not in sent.raw:
        return _named(sent, "survey_id", "response_id")
    form = sent.identifier("survey_id")
    score = sent.required_number("score")
    low, high = sent.number("scale_min"), sent.number("scale_max")
    ends = None if low is None or high is None else (low, high)
    metric = cast("Metric | None", sent.choice("metric", METRICS))
    submitted_at = sent.timestamp("recorded_at")
    return Answer(
        source=NAME,
        external_id=sent.required_identifier("response_id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=metric, ends=ends),
        submitted_at=submitted_at or at,
        is_time_known=submitted_at is not None,
        comment=sent.text("comment"),
        form=form,
        touchpoint=form,
        language=sent.language("language"),
        email=sent.email("email"),
        name=sent.line("name"),
        customer_id=sent.identifier("customer_id"),
        account_id=sent.identifier("account_id"),
        account_name=sent.line("account"),
        segment=sent.line("segment"),
    )


def _read(result: Record, form: str | None, policy: Policy) -> Answer | Ignored:
    values = result.record("values")
    if values.amount("status") in PREVIEWS:
        return Ignored("The response is a preview of the survey, or a test.")
    if values.amount("finished") == 0:
        return Ignored("The response is not completed.")
    entry = entry_of(policy, NAME, form)
    question = _score_question(values, entry, form)
    metric: Metric = entry.metric if entry else "nps"
    score = _score(values, result.optional_record("labels"), question, metric)
    if score is None:
        return Ignored("The question for the score was not answered.")
    names = [values.line("recipientFirstName"), values.line("recipientLastName")]
    return Answer(
        source=NAME,
        external_id=result.required_identifier("responseId"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=metric),
        submitted_at=values.timestamp("recordedDate") or values.required_timestamp("endDate"),
        comment=_comment(values, question, entry),
        form=form,
        touchpoint=form,
        language=values.language("userLanguage"),
        email=values.email(entry.email_field if entry and entry.email_field else "recipientEmail"),
        name=" ".join(name for name in names if name) or None,
        customer_id=values.identifier("externalDataReference"),
        account_name=values.line("Account") or values.line("account"),
        segment=values.line("Segment") or values.line("segment"),
    )


def _score_question(values: Record, entry: Source | None, form: str | None) -> str:
    """Name the question for the score: the policy's, else the only one that Qualtrics itself groups for an NPS."""
    if entry is not None and entry.score_field:
        return entry.score_field
    grouped = [match[1] for key in values.raw if (match := _NPS_GROUP.fullmatch(key))]
    if len(grouped) == 1 and (entry is None or entry.metric == "nps"):
        return grouped[0]
    if grouped or entry is not None:
        raise Unreadable(f"The policy names no question of the survey “{form or ''}”: add `score_field`, such as QID4.")
    raise UnknownScale(
        f"Qualtrics does not say which question of the survey “{form or ''}” is the score. Add to the policy a "
        f'[[source]] with name = "{NAME}", form = "{form or ""}", metric, scale, low, neutral and score_field, such '
        "as QID4.",
        source=NAME,
        form=form,
    )


def _score(values: Record, labels: Record, question: str, metric: Metric) -> float | None:
    """Return the score; of an NPS question as the customer saw it, for its choices may be numbered otherwise inside."""
    shown = labels.raw.get(question)
    if metric == "nps" and isinstance(shown, str) and shown.strip().isdecimal():
        return number_of(shown, labels.at(question))
    return values.number(question)


def _comment(values: Record, question: str, entry: Source | None) -> str:
    """Take the answer that the policy names, else the first text that was asked for."""
    if entry is not None and entry.comment_field:
        return values.text(entry.comment_field)
    texts = sorted((int(match[1]), key) for key in values.raw if (match := _TEXT.fullmatch(key)))
    return next((text for _, key in texts if key != f"{question}_TEXT" and (text := values.text(key))), "")


def headers(token: str) -> dict[str, str]:
    """Make the header that Qualtrics wants."""
    return {"X-API-TOKEN": token}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    read,
    api=Api("", headers, per_minute=60),
    fetch=fetch,
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
