"""QuestionPro: completed responses in the words of its API; the policy names the questions."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.surveys.asking import forms_named
from bot.surveys.fields import Record
from bot.surveys.numbered import numbered
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Refused, Unreadable
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
COMPLETED = 2
PAGE = 100
DAY = timedelta(days=1)
_TIME = re.compile(
    r"([0-9]{1,2}) ([A-Za-z]{3})[a-z]*,? ([0-9]{4}),? ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ([AP])M ?([A-Za-z]*)", re.ASCII
)


def parse(body: object, policy: Policy, at: datetime) -> Answer | Ignored:
    """Read one response."""
    return _read(Record(body), policy, at)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of the completed responses of a survey."""
    form, place = target or "", numbered(cursor, since=since, at=at)
    wanted = {
        "resultMode": COMPLETED,
        # A day more on each side: where the zone is passed over, the times count as those of California.
        "startDate": _spelt(place.poll.start - DAY),
        "endDate": _spelt(place.poll.end + DAY),
        "timeZone": "GMT+00:00",
    }
    query = {"page": str(place.number), "perPage": str(PAGE)}
    said = yield Call(f"/a/api/v2/surveys/{form}/responses/filter", query, wanted, may_be_missing=True)
    if said is None:  # no responses in that time, or no such survey: then this is refused
        yield Call(f"/a/api/v2/surveys/{form}")
        return Page((), place.poll.done(), is_last=True)
    reply = Record(said)
    rows = rows_of(reply.raw.get("response"), "response")

    def read(row: Record) -> Found:
        found = _read(row, policy, at)
        if isinstance(found, Answer) and not found.is_time_known:
            # Old answers must not count as given now: about then is near enough to tell history.
            return found._replace(submitted_at=_about(row) or place.poll.start)
        return found

    answers, refused = each(rows, read, "response")
    if place.is_repeated(rows):
        refused = [*refused, Refused(f"QuestionPro gives page {place.number} of “{form}” as it gave the one before.")]
    pages = reply.optional_record("pagination").amount("totalPages")
    has_more = len(rows) >= PAGE if pages is None else place.number < pages
    following, is_last = place.onward(rows, has_more=has_more)
    return Page(answers, following, is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, at: datetime) -> Sequence[Found]:
    """Read a saved page of responses."""
    return [_read(row, policy, at) for row in Record(reply).records("response")]


def _read(sent: Record, policy: Policy, at: datetime) -> Answer | Ignored:
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
    found = _TIME.fullmatch(sent.string("timestamp").strip())
    if found is None:
        return sent.timestamp("timestamp")
    return _about(sent) if found[8].upper() in UTC_NAMES else None


def _about(sent: Record) -> datetime | None:
    """Read when it was answered as if it were written in UTC, which is right to within half a day."""
    found = _TIME.fullmatch(sent.string("timestamp").strip())
    if found is None or found[2].lower() not in MONTHS:
        return None
    day, month, year, hour, minute, second, half, _ = found.groups()
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


def _spelt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def headers(token: str) -> dict[str, str]:
    """Make the header that QuestionPro wants."""
    return {"api-key": token}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.questionpro.com", headers, per_minute=100),  # of 300
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
