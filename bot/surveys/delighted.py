"""Delighted: responses as they grow. The service has ended: what is left is to replay and to import what it sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.pages import rows_of
from bot.surveys.request import Adapter, Found, Ignored
from bot.surveys.scoring import own_scale, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import DEFAULT_SCALES, Scale

NAME = "delighted"
TAKEN = frozenset({"survey_response.created", "survey_response.updated"})  # the score, then the comment
# "ces" asks for 1 to 5 or for 1 to 7, and "pmf" is no satisfaction: the policy has to say.
SCALES: Mapping[str, Scale] = {
    "nps": DEFAULT_SCALES["nps"],
    "enps": DEFAULT_SCALES["nps"],
    "csat": DEFAULT_SCALES["csat"],
    "smileys": DEFAULT_SCALES["csat"],
    "stars": DEFAULT_SCALES["csat"],
    "thumbs": Scale("csat", 0, 1, "up", 0, 0),
}


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read an event: the same response comes again when it is changed."""
    event = Record(body)
    if event.line("event_type") not in TAKEN:
        return Ignored("Only Delighted's survey_response events hold answers.")
    return _read(event.record("event_data"), policy)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of the list of responses."""
    return [_read(Record(row, f"[{number}]"), policy) for number, row in enumerate(rows_of(reply))]


def _read(response: Record, policy: Policy) -> Answer | Ignored:
    score = response.number("score")
    if score is None:
        return Ignored("The response holds no score.")
    form = response.identifier("survey_type")
    own = SCALES.get(form or "")
    scale = (
        own_scale(policy, source=NAME, form=form, score=score, own=own)
        if own
        else scale_of(policy, source=NAME, form=form, score=score)
    )
    is_expanded = isinstance(response.raw.get("person"), dict)  # a list holds the person's id alone, unless asked
    person = response.record("person") if is_expanded else Record({"id": response.string("person")})
    traits = response.optional_record("person_properties")
    return Answer(
        source=NAME,
        external_id=response.required_identifier("id"),
        score=score,
        scale=scale,
        submitted_at=response.required_timestamp("created_at"),
        comment=response.text("comment"),
        form=form,
        touchpoint=form,
        language=traits.language("Locale"),
        url=response.url("permalink"),
        email=person.email("email"),
        name=person.line("name"),
        customer_id=person.identifier("id"),
        account_name=traits.line("Company") or traits.line("company"),
    )


ADAPTER = Adapter(NAME, verifier(NAME), parse, parse_reply=parse_reply)
