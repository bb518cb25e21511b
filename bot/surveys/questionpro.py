"""QuestionPro: completed responses in the words of its API; the policy names the questions."""

import re
from datetime import UTC, datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import number_of, utc_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "questionpro"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UTC_NAMES = frozenset({"UTC", "GMT", "Z"})
NOON = 12
_TIME = re.compile(
    r"([0-9]{1,2}) ([A-Za-z]{3})[a-z]*,? ([0-9]{4}),? ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ([AP])M ?([A-Za-z]*)", re.ASCII
)


def parse(body: object, policy: Policy, at: datetime) -> Answer | Ignored:
    """Read one response."""
    sent = Record(body)
    if sent.line("responseStatus") not in {"Completed", None}:
        return Ignored("The response is not completed.")
    form = sent.required_identifier("surveyID")
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"QuestionPro does not say which question of the survey “{form}” is the score, nor on which scale. Add to "
            f'the policy a [[source]] with name = "{NAME}", form = "{form}", metric, scale, low, neutral, score_field.',
            source=NAME,
            form=form,
        )
    questions = sent.records("responseSet")
    if not any(entry.score_field in _names(question) for question in questions):
        raise Unreadable(
            f"The survey “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy."
        )
    score = _score(questions, entry.score_field)
    if score is None:
        return Ignored("The question for the score was not answered.")
    submitted_at = _time(sent)
    return Answer(
        source=NAME,
        external_id=sent.required_identifier("responseID"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric),
        submitted_at=submitted_at or at,
        is_time_known=submitted_at is not None,
        comment=_comment(questions, entry),
        form=form,
        touchpoint=form,
        language=sent.language("language"),
        email=_email(sent, questions, entry),
        customer_id=sent.identifier("externalReference"),
    )


def _score(questions: list[Record], name: str) -> float | None:
    """Return the number on the scale; the text of the answer counts only where it is a number as well."""
    for answer in _answers(questions, name):
        chosen = answer.optional_record("value").string("scale").strip() or answer.string("answerText").strip()
        if chosen:
            return number_of(chosen, answer.at("value.scale"))
    return None


def _comment(questions: list[Record], entry: Source) -> str:
    """Take the answer that the policy names, else the first text that was written."""
    answers = [answer for question in questions for answer in question.records("answerValues")]
    if entry.comment_field:
        answers = _answers(questions, entry.comment_field)
        return next((text for answer in answers if (text := _text(answer) or answer.text("answerText"))), "")
    return next((text for answer in answers if (text := _text(answer))), "")


def _email(sent: Record, questions: list[Record], entry: Source) -> str | None:
    if entry.email_field:
        for answer in _answers(questions, entry.email_field):
            return answer.optional_record("value").email("text") or answer.email("answerText")
    return sent.email("emailAddress")


def _text(answer: Record) -> str:
    return answer.optional_record("value").text("text")


def _answers(questions: list[Record], name: str) -> list[Record]:
    """List the answers to the question with this id or code."""
    for question in questions:
        if name in _names(question):
            return question.records("answerValues")
    return []


def _names(question: Record) -> set[str]:
    return {question.string("questionID"), question.string("questionCode")} - {""}


def _time(sent: Record) -> datetime | None:
    """Read when it was answered: as the API writes it (18 Nov, 2026 09:20:44 AM UTC), or as most others do.

    None when it isn't said, or in a zone that is only a word: then it counts as answered when we heard.
    """
    said = sent.string("timestamp").strip()
    found = _TIME.fullmatch(said)
    if found is None:
        return sent.timestamp("timestamp")
    day, month, year, hour, minute, second, half, zone = found.groups()
    if zone.upper() not in UTC_NAMES or month.lower() not in MONTHS:
        return None
    try:
        read = datetime(
            int(year),
            MONTHS.index(month.lower()) + 1,
            int(day),
            int(hour) % NOON + (NOON if half == "P" else 0),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
    except ValueError:
        raise Unreadable(f"{sent.at('timestamp')} is no time.") from None
    return utc_of(read, sent.at("timestamp"), zone=UTC)


ADAPTER = Adapter(NAME, verifier(NAME), parse)
