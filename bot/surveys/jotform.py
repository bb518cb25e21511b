"""Jotform: submissions, sent as a multipart form of which one field holds the answers as JSON."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.surveys.asking import forms_named, plain_id
from bot.surveys.fields import Record, json_body
from bot.surveys.pages import Stretch, each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import utc_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "jotform"
MOST_FIELDS = 100  # Jotform sends about 25
MOST_BOUNDARY = 72  # bytes: the most that the standard allows, and two dashes
LINE = b"\r\n"
PAGE = 100
MOST_ROWS = 1_000_000  # of one poll
CREATED, UPDATED = "created_at", "updated_at"
ZONE: Final = ZoneInfo("America/New_York")  # of every time in Jotform's API, wherever the account is
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)  # in autumn the clocks there strike one hour twice
# Only plain fields: what has a file's name is a file.
_FIELD_NAME = re.compile(
    rb'\r\ncontent-disposition: *form-data; *name="([A-Za-z0-9_]{1,64})" *(?:\r\n|\Z)', re.IGNORECASE
)
_EMAIL_KEY = re.compile(r"q[0-9]{1,6}_e?-?mail[A-Za-z0-9]*", re.IGNORECASE)
_NAME_KEY = re.compile(r"q[0-9]{1,6}_(?:full)?name[0-9]*", re.IGNORECASE)


def read(body: bytes) -> object:
    """Read the fields of the form; of those that hold JSON, the answers, what is in them."""
    fields = dict[str, object](multipart_fields(body))
    answers = fields.get("rawRequest")
    if isinstance(answers, str) and answers:
        fields["rawRequest"] = json_body(answers.encode())
    return fields


def multipart_fields(body: bytes) -> dict[str, str]:
    """Take the plain fields of a multipart form by the boundary in its own first line; raise Unreadable for another."""
    boundary, found, _ = body.partition(LINE)
    pieces = (LINE + body).split(LINE + boundary)
    is_whole = found and boundary.startswith(b"--") and pieces[-1].startswith(b"--")
    if not is_whole or len(boundary) > MOST_BOUNDARY or len(pieces) > MOST_FIELDS:
        raise Unreadable("The body is no multipart form, or not all of it.")
    fields = dict[str, str]()
    for piece in pieces[1:-1]:
        head, has_value, value = piece.partition(LINE + LINE)
        if not (has_value and head.startswith(LINE)):
            raise Unreadable("The body's parts can't be told from each other.")
        name = _FIELD_NAME.search(head)
        if name is None:
            continue
        if name[1].decode() in fields:
            raise Unreadable("The body holds the same field twice.")
        try:
            fields[name[1].decode()] = value.decode()
        except UnicodeDecodeError:
            raise Unreadable("The body is not UTF-8.") from None
    return fields


def parse(body: object, policy: Policy, at: datetime) -> Answer | Ignored:
    """Read one submission; the policy names the questions by the keys in `rawRequest`. Jotform doesn't say when."""
    sent = Record(body)
    form = sent.required_identifier("formID")
    entry = _entry(form, policy)
    named = {"form": form, "submission_id": sent.required_identifier("submissionID")}
    answer = _answer(sent.record("rawRequest"), entry, policy, **named, submitted_at=at)
    return answer._replace(is_time_known=False) if isinstance(answer, Answer) else answer


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a form's submissions: first of those that are new, then of those changed since."""
    form, place = plain_id(Record({"form": target}), "form"), stretch(cursor, since=since, at=at)
    order, offset = _place(place)
    start = place.start - HOUR
    query = {"limit": str(PAGE), "offset": str(offset), "orderby": order, "direction": "DESC"}
    if order == CREATED:
        begin = start.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
        query |= {"direction": "ASC", "filter": json.dumps({"created_at:gt": begin})}
    rows = rows_of(Record((yield Call(f"/form/{form}/submissions", query))).raw.get("content"), "content")

    def read(row: Record) -> Answer | Ignored:
        if order == UPDATED and not _is_changed(row, start):
            return Ignored("It was not changed since.")
        return _submission(row, policy)

    found, refused = each(rows, read, "content")
    # Should an account's times be of another zone after all, they are at least not of the future.
    answers = [one._replace(submitted_at=min(one.submitted_at, at)) for one in found]
    is_end = len(rows) < PAGE or (order == UPDATED and _is_past(rows[-1], start))
    if not is_end and offset >= MOST_ROWS:
        is_end, refused = True, [*refused, Refused(f"The submissions of “{form}” don't come to an end.")]
    is_last = is_end and order == UPDATED
    following = f"{UPDATED}/0" if is_end else f"{order}/{offset + PAGE}"
    return Page(answers, place.done() if is_last else place.on(following), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer | Ignored]:
    """Read a saved page of the API."""
    return [_submission(row, policy) for row in Record(reply).records("content")]


def _place(place: Stretch) -> tuple[str, int]:
    """Read what is asked for, new submissions or changed ones, and how many of them have been seen."""
    order, _, offset = place.place.partition("/")
    is_number = offset.isascii() and offset.isdigit() and len(offset) <= len(str(MOST_ROWS))
    return (order, int(offset)) if order in {CREATED, UPDATED} and is_number else (CREATED, 0)


def _submission(row: Record, policy: Policy) -> Answer | Ignored:
    """Read a submission of the API. A later change doesn't make it younger: an old complaint is history."""
    if row.string("status") == "DELETED":
        return Ignored("The submission was deleted.")
    form = row.required_identifier("form_id")
    entry = _entry(form, policy)
    created_at = _time(row, CREATED)
    if created_at is None:
        raise Unreadable(f"{row.at(CREATED)} is missing.")
    named = {"form": form, "submission_id": row.required_identifier("id")}
    answer = _answer(_answers(row), entry, policy, **named, submitted_at=created_at)
    is_changed = _is_changed(row, created_at + SECOND)
    return answer._replace(is_time_known=not is_changed) if isinstance(answer, Answer) else answer


def _answers(row: Record) -> Record:
    """Name the questions as the webhook does, by their number and unique name."""
    questions = row.record("answers")
    named = dict[str, object]()
    for number in questions.raw:
        question = questions.record(number)
        named[f"q{number}_{question.string('name')}"] = question.raw.get("answer")
    return Record(named, questions.path)


def _time(row: Record, key: str) -> datetime | None:
    said = row.string(key).strip()
    try:
        at = datetime.fromisoformat(said) if said else None
    except ValueError:
        raise Unreadable(f"{row.at(key)} must be a time such as 2026-11-18 04:59:18.") from None
    return utc_of(at, row.at(key), zone=ZONE) if at else None


def _is_changed(row: Record, start: datetime) -> bool:
    changed_at = _time(row, UPDATED)
    return changed_at is not None and changed_at >= start


def _is_past(row: object, start: datetime) -> bool:
    """Tell whether what follows this row was changed before, or never: those changed last come first."""
    try:
        return not _is_changed(Record(row), start)
    except Unreadable:
        return False  # the next page will tell


def _entry(form: str, policy: Policy) -> Source:
    """Find what the policy says of this form; raise UnknownScale when it doesn't name the question for the score."""
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"Jotform does not say which question of the form “{form}” is the score, nor on which scale. Add to the "
            f'policy a [[source]] with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    return entry


def _answer(
    answers: Record, entry: Source, policy: Policy, *, form: str, submission_id: str, submitted_at: datetime
) -> Answer | Ignored:
    if not entry.score_field or entry.score_field not in answers.raw:
        raise Unreadable(
            f"The form “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy."
        )
    score = answers.number(entry.score_field)
    if score is None:
        return Ignored("The question for the score was not answered.")
    return Answer(
        source=NAME,
        external_id=submission_id,
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric),
        submitted_at=submitted_at,
        comment=answers.text(entry.comment_field) if entry.comment_field else "",
        form=form,
        touchpoint=form,
        email=_email(answers, entry),
        name=_name(answers),
    )


def _email(answers: Record, entry: Source) -> str | None:
    """Take the answer that the policy names, else the first whose key says e-mail."""
    keys = [entry.email_field] if entry.email_field else [key for key in answers.raw if _EMAIL_KEY.fullmatch(key)]
    found = (answers.email(key) for key in keys if isinstance(answers.raw.get(key), str))
    return next((address for address in found if address), None)


def _name(answers: Record) -> str | None:
    for key in answers.raw:
        if not _NAME_KEY.fullmatch(key):
            continue
        if isinstance(answers.raw[key], str):
            return answers.line(key)
        name = answers.optional_record(key)
        return " ".join(part for part in (name.line("first"), name.line("last")) if part) or None
    return None


def headers(token: str) -> dict[str, str]:
    """Make the header that Jotform wants."""
    return {"APIKEY": token}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    read,
    api=Api("https://api.jotform.com", headers, per_minute=60),
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
