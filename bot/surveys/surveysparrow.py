"""SurveySparrow: completed submissions, whose answers are listed by the id of their question."""

from collections.abc import Mapping
from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import entry_of, own_scale, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import DEFAULT_SCALES, Metric, Scale, UnknownScale

NAME = "surveysparrow"
TAKEN = frozenset({"onSubmissionComplete", None})  # an administrator who writes the body may leave the name out
SCORES: Mapping[str, Metric] = {"NPSScore": "nps", "CSATScore": "csat", "CESScore": "ces"}
FEEDBACK = "Feedback"


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one submission."""
    sent = Record(body)
    if sent.line("eventType") not in TAKEN:
        return Ignored("Only SurveySparrow's onSubmissionComplete holds answers.")
    submission = sent.record("data")
    if submission.line("state") not in {"COMPLETED", None}:
        return Ignored("The submission is not completed.")
    form = submission.optional_record("survey").identifier("id") or submission.required_identifier("survey_id")
    entry = entry_of(policy, NAME, form)
    answers = _answers(submission)
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
        customer_id=contact.identifier("id"),
    )


def _answers(submission: Record) -> list[Record]:
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


ADAPTER = Adapter(NAME, verifier(NAME), parse)
