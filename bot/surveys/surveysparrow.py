"""SurveySparrow: completed submissions, whose answers are listed by the id of their question."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.surveys.asking import bearer, forms_named
from bot.surveys.fields import Record
from bot.surveys.numbered import numbered
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, own_scale, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import DEFAULT_SCALES, Metric, Scale, UnknownScale

NAME = "surveysparrow"
TAKEN = frozenset({"onSubmissionComplete", None})  # an administrator who writes the body may leave the name out
DONE = frozenset({"completed", ""})
PAGE = 100
DAY = timedelta(days=1)
SCORES: Mapping[str, Metric] = {"NPSScore": "nps", "CSATScore": "csat", "CESScore": "ces"}
FEEDBACK = "Feedback"


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one submission."""
    sent = Record(body)
    if sent.line("eventType") not in TAKEN:
        return Ignored("Only SurveySparrow's onSubmissionComplete holds answers.")
    return _read(sent.record("data"), {}, policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a survey's submissions, those completed first coming first, and for its questions."""
    form, place = target or "", numbered(cursor, since=since, at=at)
    asked = Record((yield Call("/v3/questions", {"survey_id": form, "limit": str(PAGE)}, is_lasting=True)), "questions")
    questions = {question.string("id"): question for question in asked.records("data")}
    query = {
        "survey_id": form,
        "state": "completed",
        "order_by": "completedTime",
        "order": "ASC",
        # Days are asked for, and nothing says in which zone they begin.
        "date.gte": (place.poll.start.astimezone(UTC) - DAY).strftime("%Y-%m-%d"),
        "limit": str(PAGE),
        "page": str(place.number),
    }
    reply = Record((yield Call("/v3/responses", query)))
    rows = rows_of(reply.raw.get("data"), "data")

    def read(row: Record) -> Found:
        found = _read(row, questions, policy)
        is_old = isinstance(found, Answer) and found.submitted_at < place.poll.start
        return Ignored("It is older than was asked for.") if is_old else found

    answers, refused = each(rows, read, "data")
    if place.is_repeated(rows):
        refused = [*refused, Refused(f"SurveySparrow gives page {place.number} of “{form}” as it gave the one before.")]
    following, is_last = place.onward(rows, has_more=reply.raw.get("has_next_page") is True)
    return Page(answers, following, is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of submissions."""
    return [_read(row, {}, policy) for row in Record(reply).records("data")]


def _read(submission: Record, questions: Mapping[str, Record], policy: Policy) -> Answer | Ignored:
    """Read one submission; the API doesn't say of what kind its answers are, but of what kind the questions are."""
    if submission.string("state").lower() not in DONE:
        return Ignored("The submission is not completed.")
    form = submission.optional_record("survey").identifier("id") or submission.required_identifier("survey_id")
    entry = entry_of(policy, NAME, form)
    answers = [_of_its_kind(answer, questions) for answer in _answers(submission)]
    scored = _score_answer(answers, form, entry)
    score = None if scored.raw.get("skipped") is True else scored.number("answer")
    if score is None:
        return Ignored("The question for the score was not answered.")
    contact = submission.optional_record("contact")
    names = [contact.line("first_name"), contact.line("last_name")]
    return Answer(
        source=NAME,
        external_id=submission.required_identifier("id"),
        score=score,
        scale=_scale(scored, form, entry, score, policy),
        submitted_at=submission.timestamp("completed_time") or submission.required_timestamp("updated_at"),
        comment=_comment(answers, scored, entry),
        form=form,
        touchpoint=form,
        language=submission.language("language"),
        email=contact.email("email"),
        name=contact.line("full_name") or " ".join(name for name in names if name) or None,
        customer_id=contact.identifier("id") or submission.identifier("contact_id"),
    )


def _of_its_kind(answer: Record, questions: Mapping[str, Record]) -> Record:
    """Say of an answer what a webhook says of it as well: the kind of its question, and to which that belongs."""
    question = questions.get(answer.string("question_id"))
    if question is None:
        return answer
    known = {"question_type": question.raw.get("type"), "parent_question_id": question.raw.get("parent_question_id")}
    return Record({**known, **answer.raw}, answer.path)


def _answers(submission: Record) -> list[Record]:
    if isinstance(submission.raw.get("answers"), list):  # as the API lists them
        return submission.records("answers")
    answers = submission.record("answers")
    return [answers.record(key) for key in answers.raw if answers.raw[key] is not None]


def _score_answer(answers: list[Record], form: str, entry: Source | None) -> Record:
    """Find the answer with the score: to the question that the policy names, else to the only one of the right kind."""
    if entry is not None and entry.score_field:
        named = _by_id(answers, entry.score_field)
        if named is None:
            raise Unreadable(
                f"The survey “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy."
            )
        return named
    found = [one for one in answers if (metric := _metric(one)) and (entry is None or entry.metric == metric)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Unreadable(f"The survey “{form}” has several questions for a score: name one as `score_field`.")
    raise UnknownScale(
        f"The survey “{form}” has no NPS question. If it asks for another score, add a [[source]] to the policy with "
        f'name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
        source=NAME,
        form=form,
    )


def _scale(scored: Record, form: str, entry: Source | None, score: float, policy: Policy) -> Scale:
    """Return the scale: of an NPS its own, of everything else the policy's, for it isn't in the payload."""
    if entry is None and _metric(scored) == "nps":
        return own_scale(policy, source=NAME, form=form, score=score, own=DEFAULT_SCALES["nps"])
    return scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric if entry else None)


def _comment(answers: list[Record], scored: Record, entry: Source | None) -> str:
    """Take the answer that the policy names, else what was asked about the score, else any other feedback."""
    if entry is not None and entry.comment_field:
        named = _by_id(answers, entry.comment_field)
        return named.text("answer") if named else ""
    said = [one for one in answers if one.string("question_type").endswith(FEEDBACK)]
    said.sort(key=lambda one: one.string("parent_question_id") != scored.string("question_id"))
    return next((text for one in said if (text := one.text("answer"))), "")


def _metric(answer: Record) -> Metric | None:
    return SCORES.get(answer.string("question_type"))


def _by_id(answers: list[Record], name: str) -> Record | None:
    return next((answer for answer in answers if answer.string("question_id") == name), None)


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.surveysparrow.com", bearer, per_minute=60),
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
