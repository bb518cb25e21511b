"""What people filled in, read once at the door: one frozen form a modal. A field that can't be read is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final, Self

from bot.slack.payloads import Submission, text_of
from bot.slack.views.inputs import typed
from workflows.refusal import Refusal
from workflows.scales import DEFAULT_SCALES, Metric, Scale

_ADDRESS: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,190}\.[^@\s<>,;:\"()\[\]\\]{2,63}")
_YEARS: Final = (2000, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignForm:
    """Who answers for a case from now on. `to` None: whoever is next in the department."""

    to: str | None
    department: str | None
    reason: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        return cls(to=field.member("to"), department=field.option("department"), reason=field.text("reason"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """A new task. `owner` None: whoever is next; `due_at` None: in time for the case."""

    title: str
    department: str
    owner: str | None
    due_at: datetime | None

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        return cls(
            title=" ".join(field.text("title").split()),
            department=field.option("department") or "",
            owner=field.member("owner"),
            due_at=field.moment("due_at"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHandOverForm:
    """Who does a task from now on."""

    to: str
    reason: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        to = field.member("to")
        if to is None:
            raise Refusal("Choose a person.", "to")
        return cls(to=to, reason=field.text("reason"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForm:
    """A contact that somebody had elsewhere."""

    channel: str
    happened_at: datetime
    text: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        happened_at = field.moment("happened_at")
        if happened_at is None:
            raise Refusal("Say when it was.", "happened_at")
        return cls(channel=field.option("channel") or "", happened_at=happened_at, text=field.text("text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailForm:
    """A mail as its writer left it. `recipient` None: the customer's own address."""

    recipient: str | None
    subject: str
    body: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        form = cls(
            recipient=field.text("recipient").lower() or None,
            subject=" ".join(field.text("subject").split()),
            body=field.text("body"),
        )
        if not form.subject:
            raise Refusal("Give the mail a subject.", "subject")
        if not form.body:
            raise Refusal("Write the mail first.", "body")
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveForm:
    """What caused it, and what changed."""

    root_cause: str
    root_cause_text: str
    what_changed: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        return cls(
            root_cause=field.option("root_cause") or "",
            root_cause_text=field.text("root_cause_text"),
            what_changed=field.text("what_changed"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseForm:
    """Why a customer is never told."""

    excuse: str
    text: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        return cls(excuse=field.option("excuse") or "", text=field.text("text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackForm:
    """Feedback that somebody heard."""

    comment: str
    metric: Metric
    score: float
    name: str | None
    email: str | None
    account: str | None
    touchpoint: str | None
    language: str | None

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        metric = field.option("metric")
        if metric not in DEFAULT_SCALES:
            raise Refusal("Choose which question the score answers.", "metric")
        email = field.text("email").lower() or None
        if email is not None and not _ADDRESS.fullmatch(email):
            raise Refusal("This is no e-mail address. Write it as jane@example.com, or leave it empty.", "email")
        return cls(
            comment=field.text("comment"),
            metric=metric,
            score=field.number("score"),
            name=field.line("name"),
            email=email,
            account=field.line("account"),
            touchpoint=field.line("touchpoint"),
            language=field.option("language"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleForm:
    """On which scale a form asks, and in which of its fields the answer stands; an NPS leaves the scale out."""

    scale: Scale
    score_field: str | None
    comment_field: str | None
    email_field: str | None

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Read the modal."""
        field = Fields(submission)
        return cls(
            scale=_scale(field),
            score_field=field.line("score_field"),
            comment_field=field.line("comment_field"),
            email_field=field.line("email_field"),
        )


def _scale(field: "Fields") -> Scale:
    metric, direction = field.option("metric"), field.option("direction")
    if metric not in DEFAULT_SCALES:
        raise Refusal("Choose what the form asks for.", "metric")
    given = {name: field.optional_number(name) for name in ("low_end", "high_end", "low", "neutral")}
    if metric == "nps":
        return DEFAULT_SCALES["nps"]
    for name, value in given.items():
        if value is None:
            raise Refusal("Write a number, such as 3. Only an NPS needs none.", name)
    low_end, high_end, low, neutral = (float(value or 0) for value in given.values())
    return Scale(metric, low_end, high_end, "down" if direction == "down" else "up", low, neutral)


def text_in(submission: Submission, name: str) -> str:
    """Read a modal that asks for one text, such as a note."""
    return Fields(submission).text(name)


def moment_in(submission: Submission, name: str) -> datetime:
    """Read the time that a modal asks for; Refusal if none was chosen."""
    found = Fields(submission).moment(name)
    if found is None:
        raise Refusal("Choose a day and a time.", name)
    return found


class Fields:
    """The inputs of one submitted modal, by name. What is missing or of another kind counts as empty."""

    def __init__(self, submission: Submission) -> None:
        self._values = submission.values

    def text(self, name: str) -> str:
        """Return what was typed; empty if nothing was."""
        return typed(text_of(self._held(name).get("value"))).strip()

    def line(self, name: str) -> str | None:
        """Return what was typed, on one line; None if nothing was."""
        return " ".join(self.text(name).split())[:200] or None

    def option(self, name: str) -> str | None:
        """Return the value of the option that was chosen."""
        chosen = self._held(name).get("selected_option")
        return text_of(chosen.get("value")) or None if isinstance(chosen, Mapping) else None

    def member(self, name: str) -> str | None:
        """Return the id of the person who was chosen."""
        return text_of(self._held(name).get("selected_user")) or None

    def options(self, name: str) -> list[str]:
        """Return the values of the options that were ticked."""
        chosen = self._held(name).get("selected_options")
        ticked = [one for one in chosen if isinstance(one, Mapping)] if isinstance(chosen, list) else []
        return [text_of(one.get("value")) for one in ticked]

    def conversation(self, name: str) -> str | None:
        """Return the id of the channel that was chosen."""
        return text_of(self._held(name).get("selected_conversation")) or None

    def hour(self, name: str) -> str:
        """Return the time of day that was chosen, such as 09:00; empty if none was."""
        return text_of(self._held(name).get("selected_time"))

    def moment(self, name: str) -> datetime | None:
        """Return the time that was chosen; Refusal for one that no clock shows."""
        seconds = self._held(name).get("selected_date_time")
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            return None
        first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in _YEARS)
        if not first <= seconds < last:
            raise Refusal("That day is too far away. Choose another one.", name)
        return datetime.fromtimestamp(seconds, UTC)

    def number(self, name: str) -> float:
        """Return the number that was typed; Refusal if it is none."""
        try:
            number = float(self.text(name).replace(",", "."))
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            raise Refusal("Write a number, such as 3.", name)
        return number

    def optional_number(self, name: str) -> float | None:
        """Return the number that was typed, None if nothing was; Refusal if it is none."""
        return self.number(name) if self.text(name) else None

    def _held(self, name: str) -> Mapping[str, Any]:
        return self._values.get(name, {})
