"""Google Forms: what our own script in a form sends (docs/google-forms.gs), signed by Standard Webhooks."""

from collections.abc import Sequence
from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import email_of, number_of, text_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source

NAME = "google_forms"
EVENT = "google_forms.response"
SCALES = frozenset({"SCALE", "RATING"})
LONG_TEXT = "PARAGRAPH_TEXT"
ENDS = 2  # of a scale


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one response; an edited one comes again by the same id."""
    envelope = Record(body)
    event = envelope.line("type")
    if event is None:
        raise Unreadable(f'type is missing: the script sends "{EVENT}".')
    if event != EVENT:
        return Ignored(f"Only events of the type {EVENT} are taken.")
    response = envelope.record("data")
    form = response.required_identifier("form_id")
    entry = entry_of(policy, NAME, form)
    answers = response.records("answers")
    asked = _score_item(answers, entry, form)
    if asked is None or asked.raw.get("value") in (None, ""):
        return Ignored("The question for the score was not answered.")
    score = asked.required_number("value")
    metric = entry.metric if entry else None
    return Answer(
        source=NAME,
        external_id=response.required_identifier("response_id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=metric, ends=_ends(asked)),
        submitted_at=response.timestamp("submitted_at") or envelope.required_timestamp("timestamp"),
        comment=_comment(answers, entry),
        form=form,
        touchpoint=form,
        email=_email(answers, response, entry),
    )


def _score_item(answers: Sequence[Record], entry: Source | None, form: str) -> Record | None:
    """Find the item that is the score: the policy's, else the only one on a scale. Unanswered ones are left out."""
    if entry and entry.score_field:
        return _named(answers, entry.score_field)
    found = [one for one in answers if one.line("item_type") in SCALES]
    if len(found) > 1:
        raise Unreadable(
            f"The form “{form}” has several questions for a score: name one as `score_field` in the policy."
        )
    return found[0] if found else None


def _named(answers: Sequence[Record], name: str) -> Record | None:
    """Find the item with this id, else the one with this title."""
    by_id = next((one for one in answers if one.string("item_id") == name), None)
    return by_id or next((one for one in answers if one.line("title") == name), None)


def _ends(item: Record) -> tuple[float, float] | None:
    """Read the ends of the item's own scale; None when it has none."""
    said = item.raw.get("scale")
    if said is None:
        return None
    path = item.at("scale")
    if not isinstance(said, list) or len(said) != ENDS:
        raise Unreadable(f"{path} must be the smallest and the largest score.")
    low, high = number_of(said[0], f"{path}[0]"), number_of(said[1], f"{path}[1]")
    if low >= high:
        raise Unreadable(f"{path} must begin with the smallest score.")
    return low, high


def _comment(answers: Sequence[Record], entry: Source | None) -> str:
    """Take the answer that the policy names, else the first long text."""
    if entry and entry.comment_field:
        named = _named(answers, entry.comment_field)
        return _text(named) if named else ""
    return next((_text(one) for one in answers if one.line("item_type") == LONG_TEXT), "")


def _text(item: Record) -> str:
    """Read an answer as a text; of several ticked boxes, all of them."""
    said = item.raw.get("value")
    if isinstance(said, list):
        return text_of(", ".join(one for one in said if isinstance(one, str)))
    return item.text("value")


def _email(answers: Sequence[Record], response: Record, entry: Source | None) -> str | None:
    """Take the answer that the policy names, else the address that the form collects by itself."""
    if entry and entry.email_field:
        named = _named(answers, entry.email_field)
        return email_of(_text(named)) if named else None
    return response.email("respondent_email")


ADAPTER = Adapter(NAME, verifier(NAME), parse)
