"""AskNicely: responses to its templates, which don't say what they measure: the policy has an entry for each."""

import html
from collections.abc import Sequence
from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.oldest_first import step
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling
from bot.surveys.scoring import scale_of
from bot.surveys.values import text_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy

NAME = "asknicely"
PAGE = 500


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one response. All its values are texts; it is sent again, with a higher `count`, whenever it changes."""
    sent = Record(body)
    question = sent.record("question")
    person = sent.optional_record("person")
    score = question.number("score")
    if score is None:
        return Ignored("The customer has not answered.")
    form = question.identifier("survey_template")
    names = [person.line("firstname"), person.line("lastname")]
    return Answer(
        source=NAME,
        external_id=question.required_identifier("id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score),
        submitted_at=question.required_timestamp("responded"),
        comment=question.text("comment"),
        form=form,
        touchpoint=form,
        email=person.email("email"),
        name=person.line("name") or " ".join(name for name in names if name) or None,
        customer_id=person.identifier("id"),
        account_name=person.line("company_c") or person.line("company"),
        segment=question.line("segment") or person.line("segment"),
    )


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of what was answered, the oldest first: all of the question is in the path."""
    place = step(cursor, since=since, at=at)
    begin = int(place.start.timestamp())
    reply = Record((yield Call(f"/api/v1/responses/asc/{PAGE}/{place.page}/{begin}/json/answered/responded")))
    rows = rows_of(reply.raw.get("data"), "data")
    answers, refused = each(rows, lambda row: _row(row, policy), "data")
    pages = reply.amount("totalpages")
    is_last = not rows or (len(rows) < PAGE if pages is None else place.page >= pages)
    newest = max((answer.submitted_at for answer in answers), default=None)
    return Page(answers, place.onward(newest, is_last=is_last), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of responses."""
    return [_row(row, policy) for row in Record(reply).records("data")]


def _row(row: Record, policy: Policy) -> Answer | Ignored:
    """Read a row of the API, which names the fields otherwise and writes comments as HTML does."""
    score = row.number("answer")
    if score is None:
        return Ignored("The customer has not answered.")
    form = row.identifier("survey_template")
    return Answer(
        source=NAME,
        external_id=row.required_identifier("response_id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score),
        submitted_at=row.required_timestamp("responded"),
        comment=text_of(html.unescape(row.string("comment"))),
        form=form,
        touchpoint=form,
        email=row.email("email"),
        name=row.line("name"),
        customer_id=row.identifier("person_id") or row.identifier("contact_id"),
        account_name=row.line("company_c"),
        segment=row.line("segment"),
    )


def headers(token: str) -> dict[str, str]:
    """Make the header that AskNicely wants."""
    return {"X-apikey": token}


ADAPTER = Adapter(NAME, verifier(NAME), parse, api=Api("", headers, per_minute=600), poll=poll, parse_reply=parse_reply)
