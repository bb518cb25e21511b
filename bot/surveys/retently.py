"""Retently: feedback of its campaigns, in the words of its API, which our template for its webhook uses as well."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling
from bot.surveys.scoring import scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import Metric

NAME = "retently"
METRICS: dict[str, Metric] = {"nps": "nps", "csat": "csat", "ces": "ces"}
PAGE = 200


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one piece of feedback."""
    return _read(Record(body), policy)


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of feedback, by its number."""
    place = stretch(cursor, since=since, at=at)
    number = int(place.place) if place.place.isdecimal() else 1
    start = place.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    reply = Record((yield Call("/api/v2/feedback", {"startDate": start, "limit": str(PAGE), "page": str(number)})))
    rows = _rows(reply)
    answers, refused = each(rows, lambda row: _read(row, policy), "responses")
    is_last = not rows or number >= _pages(reply, number, len(rows))
    return Page(answers, place.done() if is_last else place.on(str(number + 1)), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of feedback."""
    return [_read(Record(row, f"responses[{number}]"), policy) for number, row in enumerate(_rows(Record(reply)))]


def _rows(reply: Record) -> list[object]:
    """Take the rows, which stand in `data`, or in `data.responses` beside the page's number."""
    found = reply.raw.get("data")
    return (
        rows_of(reply.record("data").raw.get("responses"), "data.responses")
        if isinstance(found, dict)
        else rows_of(found, "data")
    )


def _pages(reply: Record, number: int, rows: int) -> float:
    """Return how many pages there are; where nothing says, a full page is followed by another."""
    for place in (reply.raw.get("data"), reply.raw.get("meta"), reply.raw):
        told = Record(place) if isinstance(place, dict) else Record({})
        pages, total, limit = told.amount("pages"), told.amount("total"), told.amount("limit")
        if pages is not None:
            return pages
        if total is not None and limit:
            return total / limit
    return number + (rows >= PAGE)


def _read(feedback: Record, policy: Policy) -> Answer | Ignored:
    if feedback.raw.get("isBogus") is True:
        return Ignored("Retently takes this feedback for a bogus one.")
    score = feedback.number("score")
    if score is None:
        return Ignored("The customer has not answered.")
    form = feedback.identifier("campaignId")
    metric = METRICS.get(feedback.string("metricsType").strip().lower())
    names = [feedback.line("firstName"), feedback.line("lastName")]
    return Answer(
        source=NAME,
        external_id=feedback.required_identifier("id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=metric),
        submitted_at=feedback.required_timestamp("createdDate"),
        comment=feedback.text("comment"),
        form=form,
        touchpoint=form,
        email=feedback.email("email"),
        name=" ".join(name for name in names if name) or None,
        customer_id=feedback.identifier("customerId"),
        account_name=feedback.line("companyName"),
    )


def headers(token: str) -> dict[str, str]:
    """Make the header that Retently wants."""
    return {"Authorization": f"api_key={token}"}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://app.retently.com", headers, per_minute=120),  # of 150
    poll=poll,
    parse_reply=parse_reply,
)
