"""The generic source: our own body, signed by Standard Webhooks, for any tool that can send JSON."""

from datetime import datetime
from typing import cast, get_args

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer, Contactability
from workflows.policy import Policy
from workflows.scales import Metric

NAME = "generic"
EVENT = "feedback.received"
METRICS: tuple[str, ...] = get_args(Metric)
CONTACTABILITIES: tuple[str, ...] = get_args(Contactability)


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one answer; `generic_schema` says what the body looks like."""
    envelope = Record(body)
    event = envelope.line("type")
    if event is None:
        raise Unreadable(f'type is missing: send "{EVENT}".')
    if event != EVENT:
        return Ignored(f"Only events of the type {EVENT} are taken.")
    response = envelope.record("data")
    customer = response.optional_record("customer")
    account = response.optional_record("account")
    score = response.required_number("score")
    form = response.identifier("form")
    scale = scale_of(policy, source=NAME, form=form, score=score, metric=metric_of(response), ends=ends_of(response))
    return Answer(
        source=NAME,
        external_id=response.required_identifier("id"),
        score=score,
        scale=scale,
        submitted_at=response.timestamp("submitted_at") or envelope.required_timestamp("timestamp"),
        comment=response.text("comment"),
        form=form,
        touchpoint=response.line("touchpoint"),
        language=response.language("language"),
        url=response.url("url"),
        email=customer.email("email"),
        name=customer.line("name"),
        customer_id=customer.identifier("id"),
        account_id=account.identifier("id"),
        account_name=account.line("name"),
        account_value=account.number("value"),
        account_manager=account.email("manager"),
        segment=response.line("segment"),
        contactability=cast("Contactability | None", response.choice("contactability", CONTACTABILITIES)),
    )


def metric_of(response: Record) -> Metric | None:
    """Read which metric this is; None leaves it to the policy's entry for the form."""
    return cast("Metric | None", response.choice("metric", METRICS))


def ends_of(response: Record) -> tuple[float, float] | None:
    """Read the ends of the scale, smaller first; None when the body doesn't say."""
    if response.raw.get("scale") is None:
        return None
    scale = response.record("scale")
    low, high = scale.required_number("min"), scale.required_number("max")
    if low >= high:
        raise Unreadable(f"{scale.at('min')} must be smaller than {scale.at('max')}.")
    return low, high


ADAPTER = Adapter(NAME, verifier(NAME), parse)
