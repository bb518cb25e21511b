"""PostHog: surveys inside a product. The policy names the question that is the score; answers come one by one."""

from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import email_of, number_of, text_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "posthog"
RESPONSE = "$survey_response"


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read what is known of a response so far: every part of it has the same submission id."""
    envelope = Record(body)
    event = envelope.record("event")
    if event.line("event") != "survey sent":
        return Ignored("Only PostHog's “survey sent” events hold answers.")
    given = event.record("properties")
    form = given.required_identifier("$survey_id")
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"PostHog does not say which question of the survey “{form}” is the score. Add to the policy a [[source]] "
            f'with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    key, said = _answer_to(given, entry.score_field)
    if not key:
        raise Unreadable(
            f"The survey “{form}” has no question “{entry.score_field}”: correct `score_field` in the policy "
            f'(from old versions of PostHog, the first question is "{RESPONSE}").'
        )
    if said is None or said == "":
        return Ignored("The question for the score is not answered.")
    score = number_of(said, given.at(key))
    person = envelope.optional_record("person")
    known = person.optional_record("properties")
    return Answer(
        source=NAME,
        external_id=given.identifier("$survey_submission_id") or event.required_identifier("uuid"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric),
        submitted_at=event.required_timestamp("timestamp"),
        comment=_comment(given, entry),
        form=form,
        touchpoint=form,
        language=given.language("$survey_language"),
        url=event.url("url"),
        email=_email(given, known, entry),
        name=known.line("name"),
        # Who was never identified has a number that PostHog made up, and no person.
        customer_id=event.identifier("distinct_id") if person.raw else None,
        account_id=known.identifier("account_id"),
        account_name=known.line("company"),
        account_value=known.amount("account_value"),
        account_manager=known.email("account_manager"),
        segment=known.line("segment"),
    )


def _answer_to(given: Record, question: str) -> tuple[str, object]:
    """Find the answer to a question by its id, by the property's own name, or by its place, as older versions wrote.

    The key is "" when nothing in the event says that there is such a question.
    """
    by_place = dict[str, str]()
    for place, asked in enumerate(given.records("$survey_questions")):
        by_place[asked.string("id")] = f"{RESPONSE}_{place}" if place else RESPONSE
    keys = [f"{RESPONSE}_{question}", question, *([by_place[question]] if question in by_place else [])]
    answered = next((key for key in keys if given.raw.get(key) is not None), None)
    if answered:
        return answered, given.raw[answered]
    return next((key for key in keys if key in given.raw), keys[0] if question in by_place else ""), None


def _comment(given: Record, entry: Source) -> str:
    """Read the answer that the policy names; of several that were chosen, all of them."""
    if not entry.comment_field:
        return ""
    key, said = _answer_to(given, entry.comment_field)
    if isinstance(said, list):
        return text_of(", ".join(one for one in said if isinstance(one, str)))
    return given.text(key)


def _email(given: Record, known: Record, entry: Source) -> str | None:
    """Take the answer or the person's property that the policy names, else the property `email`."""
    if entry.email_field:
        _, said = _answer_to(given, entry.email_field)
        return (email_of(said) if isinstance(said, str) else None) or known.email(entry.email_field)
    return known.email("email")


ADAPTER = Adapter(NAME, verifier(NAME), parse)
