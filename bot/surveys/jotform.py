"""Jotform: submissions, sent as a multipart form of which one field holds the answers as JSON."""

import re
from datetime import datetime

from bot.surveys.fields import Record, json_body
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "jotform"
MOST_FIELDS = 100  # Jotform sends about 25
MOST_BOUNDARY = 72  # bytes: the most that the standard allows, and two dashes
LINE = b"\r\n"
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
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"Jotform does not say which question of the form “{form}” is the score, nor on which scale. Add to the "
            f'policy a [[source]] with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    answers = sent.record("rawRequest")
    if entry.score_field not in answers.raw:
        raise Unreadable(
            f"The form “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy."
        )
    score = answers.number(entry.score_field)
    if score is None:
        return Ignored("The question for the score was not answered.")
    return Answer(
        source=NAME,
        external_id=sent.required_identifier("submissionID"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric),
        submitted_at=at,
        is_time_known=False,
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


ADAPTER = Adapter(NAME, verifier(NAME), parse, read)
