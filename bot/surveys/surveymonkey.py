"""SurveyMonkey: its webhook only names a response; its answers and the survey's questions are asked for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bot.surveys.asking import bearer, forms_named, plain_id, plain_ids
from bot.surveys.fields import Record
from bot.surveys.oldest_first import step
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Fetch, Fetching, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.values import email_of, number_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "surveymonkey"
TAKEN = frozenset({"response_completed", "response_updated"})  # the second comes once for each page, for one response
PREVIEWS = frozenset({"preview", "survey_preview"})
NPS_WEIGHTS = [-100.0] * 7 + [0.0] * 2 + [100.0] * 2  # what the eleven choices add to a Net Promoter Score
STEPS_OF_NPS = len(NPS_WEIGHTS)
PAGE = 100


class Question(NamedTuple):
    """One question of a survey, and what was answered to it."""

    asked: Record
    answers: Sequence[Record]


def parse(body: object, _policy: Policy, _at: datetime) -> Fetch | Ignored:
    """Read an event: it says which response, of which survey, and nothing of what was answered."""
    event = Record(body)
    if event.line("event_type") not in TAKEN or event.line("object_type") not in {"response", None}:
        return Ignored("Only SurveyMonkey's response_completed and response_updated tell of answers.")
    response_id = plain_id(event, "object_id")
    survey_id = plain_id(event.record("resources"), "survey_id")
    return Fetch(response_id, {"survey": survey_id, "response": response_id})


def fetch(ids: Mapping[str, str], policy: Policy, _: datetime) -> Fetching:
    """Ask for the response, and for its survey: a private app may ask 500 times a day, so surveys are remembered."""
    survey_id, response_id = plain_ids(ids, "survey", "response")
    response = Record((yield Call(f"/v3/surveys/{survey_id}/responses/{response_id}/details")), "response")
    if reason := _not_counted(response):
        return Ignored(reason)
    survey = Record((yield _details(survey_id)), "survey")
    return _read(response, survey, policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a survey's responses with all their answers, those changed first coming first."""
    place = step(cursor, since=since, at=at)
    survey = Record((yield _details(target or "")), "survey")
    query = {
        "status": "completed",
        "sort_by": "date_modified",
        "sort_order": "ASC",
        "start_modified_at": place.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "per_page": str(PAGE),
        "page": str(place.page),
    }
    reply = Record((yield Call(f"/v3/surveys/{target}/responses/bulk", query)))
    rows = rows_of(reply.raw.get("data"), "data")
    answers, refused = each(rows, lambda row: _read(row, survey, policy), "data")
    is_last = not reply.optional_record("links").raw.get("next")
    newest = max((answer.submitted_at for answer in answers), default=None)
    return Page(answers, place.onward(newest, is_last=is_last), is_last=is_last, refused=refused)


def _details(survey_id: str) -> Call:
    return Call(f"/v3/surveys/{survey_id}/details", is_lasting=True)


def _not_counted(response: Record) -> str | None:
    if response.string("collection_mode") in PREVIEWS:
        return "The response is a preview of the survey."
    if response.string("response_status") != "completed":
        return "The response is not completed yet."
    return None


def _read(response: Record, survey: Record, policy: Policy) -> Answer | Ignored:
    """Read a response by its survey, which alone knows what the ids of questions and choices stand for."""
    if reason := _not_counted(response):
        return Ignored(reason)
    form = survey.required_identifier("id")
    entry = entry_of(policy, NAME, form)
    questions = _questions(survey, response)
    scored, row = _score_question(questions, entry, form)
    score = _score(scored, row, entry)
    if score is None:
        return Ignored("The question for the score was not answered.")
    given = response.optional_record("custom_variables")
    names = [response.line("first_name"), response.line("last_name")]
    return Answer(
        source=NAME,
        external_id=response.required_identifier("id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric if entry else "nps"),
        submitted_at=response.required_timestamp("date_modified"),
        comment=_comment(questions, scored, entry),
        form=form,
        touchpoint=given.line("touchpoint") or form,
        url=response.url("analyze_url"),
        email=_email(questions, response, entry) or given.email("email"),
        name=" ".join(name for name in names if name) or given.line("name"),
        customer_id=given.identifier("customer_id"),
        account_id=given.identifier("account_id"),
        account_name=given.line("account"),
        account_value=given.amount("account_value"),
        account_manager=given.email("account_manager"),
        segment=given.line("segment"),
    )


def _questions(survey: Record, response: Record) -> list[Question]:
    answered = {
        question.string("id"): question.records("answers")
        for page in response.records("pages")
        for question in page.records("questions")
    }
    asked = [question for page in survey.records("pages") for question in page.records("questions")]
    return [Question(question, answered.get(question.string("id"), ())) for question in asked]


def _score_question(questions: Sequence[Question], entry: Source | None, form: str) -> tuple[Question, str]:
    """Find the question for the score and, where `score_field` names one after a slash, its row."""
    if entry is not None and entry.score_field:
        name, _, row = entry.score_field.partition("/")
        named = _by_id(questions, name)
        if named is None:
            raise Unreadable(f"The survey “{form}” has no question “{name}”: correct `score_field` in the policy.")
        return named, row
    found = [one for one in questions if _is_nps(one.asked)] if entry is None or entry.metric == "nps" else []
    if not found and entry is not None:
        found = [one for one in questions if one.asked.string("subtype") == "rating" and _fits(one.asked, entry)]
    if len(found) == 1:
        return found[0], ""
    if found:
        raise Unreadable(f"The survey “{form}” has several questions for a score: name one as `score_field`.")
    if entry is None:
        raise UnknownScale(
            f"The survey “{form}” has no NPS question. If it asks for another score, add a [[source]] to the policy "
            f'with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    raise Unreadable(f"The survey “{form}” has no rating of {entry.whole_scale.span}: name one as `score_field`.")


def _score(question: Question, row: str, entry: Source | None) -> float | None:
    """Return the score that was chosen or slid to; None when the question was left out, or "not applicable" chosen."""
    rows = question.asked.optional_record("answers").records("rows")
    if len(rows) > 1 and not row:
        name = question.asked.string("id")
        raise Unreadable(f"The question “{name}” has several rows: name one, as in score_field = “{name}/row id”.")
    for answer in question.answers:
        if row and answer.string("row_id") != row:
            continue
        if answer.string("choice_id"):
            return _score_of_choice(answer.string("choice_id"), question.asked, entry)
        if answer.string("text") and not answer.string("other_id"):
            return number_of(answer.string("text"), answer.at("text"))  # a slider
    return None


def _score_of_choice(choice_id: str, asked: Record, entry: Source | None) -> float | None:
    """Return the weight of a choice where the weights are the scale, else its place: texts are often empty."""
    choices = _choices(asked)
    place = next((n for n, choice in enumerate(choices) if choice.string("id") == choice_id), None)
    if place is None:
        listed = asked.optional_record("answers").records("choices")
        if any(choice.string("id") == choice_id and choice.raw.get("is_na") is True for choice in listed):
            return None
        raise Unreadable(f"{asked.at('answers.choices')} lacks the choice that was made.")
    ends = entry.whole_scale.ends if entry else (0.0, 10.0)
    weights = _weights(choices)
    if len(set(weights)) == len(choices) and (min(weights), max(weights)) == ends:
        return weights[place]
    if len(choices) == ends[1] - ends[0] + 1:
        return ends[0] + place
    raise Unreadable(
        f"{asked.at('answers.choices')} are {len(choices)}, which is no scale of {ends[0]:g} to {ends[1]:g}."
    )


def _choices(asked: Record) -> list[Record]:
    """List the choices that make the scale, in their order on the page."""
    listed = asked.optional_record("answers").records("choices")
    shown = [one for one in listed if one.raw.get("is_na") is not True and one.raw.get("visible") is not False]
    return sorted(shown, key=lambda choice: choice.amount("position") or 0)


def _weights(choices: Sequence[Record]) -> list[float]:
    return [weight for choice in choices if (weight := choice.amount("weight")) is not None]


def _is_nps(asked: Record) -> bool:
    choices = _choices(asked)
    return len(choices) == STEPS_OF_NPS and (
        asked.string("subtype") == "nps" or asked.string("family") == "nps" or _weights(choices) == NPS_WEIGHTS
    )


def _fits(asked: Record, entry: Source) -> bool:
    low, high = entry.whole_scale.ends
    return len(_choices(asked)) == high - low + 1


def _comment(questions: Sequence[Question], scored: Question, entry: Source | None) -> str:
    """Take the answer that the policy names, else the first longer text, else the first short one."""
    if entry is not None and entry.comment_field:
        named = _by_id(questions, entry.comment_field)
        return _text(named) if named else ""
    for subtype in ("essay", "single"):
        for question in questions:
            is_text = question.asked.string("family") == "open_ended" and question.asked.string("subtype") == subtype
            if is_text and question is not scored and _text(question):
                return _text(question)
    return ""


def _email(questions: Sequence[Question], response: Record, entry: Source | None) -> str | None:
    if entry is not None and entry.email_field:
        named = _by_id(questions, entry.email_field)
        asked_for = email_of(_text(named)) if named else None
        return asked_for or response.optional_record("custom_variables").email(entry.email_field)
    return response.email("email_address")


def _by_id(questions: Sequence[Question], name: str) -> Question | None:
    return next((question for question in questions if question.asked.string("id") == name), None)


def _text(question: Question) -> str:
    return next((text for answer in question.answers if (text := answer.text("text"))), "")


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.surveymonkey.com", bearer, per_minute=60, per_day=500),  # what a private app may ask
    fetch=fetch,
    targets=forms_named(NAME),
    poll=poll,
)
