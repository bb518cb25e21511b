"""Survicate: one request for each answered question; an NPS says its score, other questions need the policy."""

from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored
from bot.surveys.scoring import entry_of, own_scale, scale_of
from bot.surveys.values import number_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import DEFAULT_SCALES, Scale, UnknownScale

NAME = "survicate"
NPS_WORDS = frozenset({"detractor", "passive", "promoter"})  # what the choice says where the type isn't sent
RATINGS = frozenset({"rating", "smiley_scale", "csat", "ces"})


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one answered question, if it is the one for the score."""
    events = Record(body).record("event")
    if events.raw.get("questionAnswered") is None:
        return Ignored("Only Survicate's event questionAnswered holds a score.")
    event = events.record("questionAnswered")
    form = event.record("survey").required_identifier("id")
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


def _scored(event: Record, form: str, entry: Source | None, policy: Policy) -> tuple[float, Scale] | Ignored:
    """Return the score and its scale. The choice's id is the score of an NPS alone; elsewhere it names the choice."""
    kind, question = event.string("type").strip().lower(), event.optional_record("question").string("id")
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
            f"Survicate does not say on which scale the question “{question}” of the survey “{form}” asks. Add to the "
            f'policy a [[source]] with name = "{NAME}", form = "{form}", metric, scale, low, neutral and '
            f'score_field = "{question}".',
            source=NAME,
            form=form,
        )
    return Ignored("This question is not one for a score.")


def _object_or_empty_list(record: Record, key: str) -> Record:
    """Open the object in this field; an empty one comes as an empty list."""
    return Record({}, record.at(key)) if record.raw.get(key) == [] else record.optional_record(key)


ADAPTER = Adapter(NAME, verifier(NAME), parse)
