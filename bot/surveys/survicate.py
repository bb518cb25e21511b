"""Survicate: one request for each answered question; an NPS says its score, other questions need the policy."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from bot.surveys.asking import forms_named
from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, own_scale, scale_of
from bot.surveys.values import number_of, timestamp_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import DEFAULT_SCALES, Scale, UnknownScale

NAME = "survicate"
NPS_WORDS = frozenset({"detractor", "passive", "promoter"})  # what the choice says where the type isn't sent
RATINGS = frozenset({"rating", "smiley_scale", "csat", "ces"})
TRAITS = ("email", "first_name", "last_name", "name", "user_id", "company", "organization", "language")
PAGE = 100
_TIME = re.compile(r"[0-9TZ:.+-]{1,40}")


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read what a webhook sends: one answered question."""
    events = Record(body).record("event")
    if events.raw.get("questionAnswered") is None:
        return Ignored("Only Survicate's event questionAnswered holds a score.")
    event = events.record("questionAnswered")
    return _read(event, event.record("survey").required_identifier("id"), policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a survey's responses, the latest first, with what is known of who answered."""
    form, place = target or "", stretch(cursor, since=since, at=at)
    survey = Record((yield Call(f"/surveys/{form}", is_lasting=True)), "survey")
    before = place.place if _TIME.fullmatch(place.place) else _spelt(place.end)
    # As the latest come first, Survicate calls the later of both times the start.
    query = {"items_per_page": str(PAGE), "start": before, "end": _spelt(place.start)}
    names = [("attributes[]", name) for name in _names(survey, entry_of(policy, NAME, form))]
    reply = Record((yield Call(f"/surveys/{form}/responses", query, also=names)))
    rows = rows_of(reply.raw.get("data"), "data")
    answers, refused = each(rows, lambda row: _response(row, form, policy), "data")
    following = _following(reply.optional_record("pagination_data"))
    is_stuck = bool(following) and timestamp_of(following, "next_url") >= timestamp_of(before, "cursor")
    if is_stuck:
        refused = [*refused, Refused(f"Survicate gives a page of “{form}” as the one that follows itself.")]
    is_last = not rows or not following or is_stuck
    return Page(answers, place.done() if is_last else place.on(following), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page, which doesn't say of which survey it is: of the one that the policy names first."""
    form = next((entry.form for entry in policy.sources if entry.name == NAME and entry.form), None)
    return [_response(row, form, policy) for row in Record(reply).records("data")]


def _names(survey: Record, entry: Source | None) -> list[str]:
    """Name what is to be told of who answered: only what this survey knows, where it says what that is."""
    wanted = dict.fromkeys([*TRAITS, entry.email_field] if entry and entry.email_field else TRAITS)
    known = survey.raw.get("attributes")
    return [name for name in wanted if not isinstance(known, list) or name in known]


def _following(pagination: Record) -> str:
    """Take the time at which the next page begins; "" when there is none."""
    if pagination.raw.get("has_more") is not True:
        return ""
    try:
        found = parse_qs(urlsplit(pagination.string("next_url")).query).get("start", [""])[0].replace(" ", "+")
    except ValueError:
        found = ""
    if not _TIME.fullmatch(found):
        raise Unreadable(f"{pagination.at('next_url')} names no start.")
    return found


def _spelt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _response(row: Record, form: str | None, policy: Policy) -> Answer | Ignored:
    """Read a response of the API: its answer to the question for the score, as a webhook would send that."""
    known: dict[str, object] = {"responseUuid": row.required_identifier("uuid")}
    row.required_timestamp("collected_at")
    known["timestamp"] = row.raw["collected_at"]
    respondent = row.optional_record("respondent")
    traits = {"language": row.raw.get("language"), **_traits(respondent)}
    known["respondent"] = {"uuid": respondent.raw.get("uuid"), "attributes": traits}
    given = [Record({**known, **_as_sent(answer)}, answer.path) for answer in row.records("answers")]
    entry = entry_of(policy, NAME, form)
    if entry is not None and entry.score_field:
        scored = [one for one in given if one.record("question").string("id") == entry.score_field]
    else:
        scored = [one for one in given if _kind(one) == "nps"]
    if len(scored) > 1:
        raise Unreadable(f"The survey “{form or ''}” has several questions for a score: name one as `score_field`.")
    scored = scored or [one for one in given if entry is None and _kind(one) in RATINGS]
    return _read(scored[0], form, policy) if scored else Ignored("The question for the score was not answered.")


def _traits(respondent: Record) -> dict[str, object]:
    """Take what is known of who answered, which the API lists by name and value."""
    if not isinstance(respondent.raw.get("attributes"), list):
        return respondent.optional_record("attributes").raw
    return {one.string("name"): one.raw.get("value") for one in respondent.records("attributes")}


def _as_sent(answer: Record) -> dict[str, object]:
    """Write an answer of the API as a webhook does, where the score of an NPS is its choice's id."""
    kind, given, choice = answer.string("question_type"), answer.raw.get("answer"), dict[str, object]()
    if isinstance(given, dict):
        shown = next((given[key] for key in ("content", "rating") if _is_number(given.get(key))), given.get("content"))
        is_nps = kind.strip().lower() == "nps"
        choice = {"id": shown if is_nps else given.get("id"), "body": given.get("tag") if is_nps else shown}
        choice["comment"] = given.get("comment")
    return {"type": kind, "question": {"id": answer.raw.get("question_id")}, "choice": choice}


def _is_number(raw: object) -> bool:
    return isinstance(raw, int | float) or (isinstance(raw, str) and raw.strip().isdecimal())


def _kind(event: Record) -> str:
    return event.string("type").strip().lower()


def _read(event: Record, form: str | None, policy: Policy) -> Answer | Ignored:
    """Read one answered question, if it is the one for the score."""
    entry = entry_of(policy, NAME, form)
    found = _scored(event, form, entry, policy)
    if isinstance(found, Ignored):
        return found
    score, scale = found
    respondent = event.optional_record("respondent")
    traits = _object_or_empty_list(respondent, "attributes")
    names = [traits.line("first_name"), traits.line("last_name")]
    return Answer(
        source=NAME,
        external_id=event.required_identifier("responseUuid"),
        score=score,
        scale=scale,
        submitted_at=event.required_timestamp("timestamp"),
        comment=event.record("choice").text("comment"),
        form=form,
        touchpoint=form,
        language=traits.language("language"),
        email=traits.email(entry.email_field if entry and entry.email_field else "email"),
        name=" ".join(name for name in names if name) or traits.line("name"),
        customer_id=traits.identifier("user_id") or respondent.identifier("uuid"),
        account_name=traits.line("company") or traits.line("organization"),
    )


def _scored(event: Record, form: str | None, entry: Source | None, policy: Policy) -> tuple[float, Scale] | Ignored:
    """Return the score and its scale. The choice's id is the score of an NPS alone; elsewhere it names the choice."""
    kind, question = _kind(event), event.optional_record("question").string("id")
    wanted = entry.score_field if entry else None
    if wanted and question != wanted:
        return Ignored("This question is not the one for the score.")
    choice = _object_or_empty_list(event, "choice")
    if choice.raw and (kind == "nps" or (not kind and choice.string("body").strip().lower() in NPS_WORDS)):
        score = choice.required_number("id")
        return score, own_scale(policy, source=NAME, form=form, score=score, own=DEFAULT_SCALES["nps"])
    if entry is not None and wanted and choice.raw:
        score = number_of(choice.string("body"), choice.at("body"))
        return score, scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric)
    if kind in RATINGS and entry is None:
        raise UnknownScale(
            f"Survicate does not say on which scale the question “{question}” of the survey “{form or ''}” asks. Add "
            f'to the policy a [[source]] with name = "{NAME}", form = "{form or ""}", metric, scale, low, neutral and '
            f'score_field = "{question}".',
            source=NAME,
            form=form,
        )
    return Ignored("This question is not one for a score.")


def _object_or_empty_list(record: Record, key: str) -> Record:
    """Open the object in this field; an empty one comes as an empty list."""
    return Record({}, record.at(key)) if record.raw.get(key) == [] else record.optional_record(key)


def headers(token: str) -> dict[str, str]:
    """Make the header that Survicate wants: the key as it is, though it is called Basic."""
    return {"Authorization": f"Basic {token}"}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://data-api.survicate.com/v2", headers, per_minute=120),  # of 1,000
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
