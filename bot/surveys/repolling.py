"""Rows that a poll couldn't read are parked one by one; replayed, their tool is asked once more from their page on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from bot.surveys.fields import Record, json_body
from bot.surveys.request import Refused, Unreadable
from bot.surveys.taking import Understood, ask_for_scales
from storage import parked, polls
from storage.tables import Parked
from workflows.policy import Policy

# No tool's webhook begins like this; one that did would only have its tool asked once more.
_START: Final = b'{"hearback_polled":'


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a poll it was: of which form or kind, from when on it has to be asked for to be seen again.

    Low responses since `cases_since` open cases, as they would have if the row could have been read at once.
    """

    target: str
    since: datetime
    cases_since: datetime


def park(
    session: Session,
    source: str,
    page: Page,
    refused: Sequence[Refused],
    *,
    policy: Policy,
    at: datetime,
    is_again: bool = False,
) -> None:
    """Keep the rows of a page that can't be read, each once, and ask the admins for the scales that are missing.

    Polls look back: they see a row again hour by hour. Only what is new about it is written, or asked for. Of what is
    asked for again (`is_again`), only that poll says whether it was in vain: another one may have been on its way
    since before the policy was mended.
    """
    if not refused:
        return
    found = {_digest(page.target, one): one for one in refused}
    rows = {digest: _row(page, digest, one) for digest, one in found.items()}
    but_for = None if is_again else reason(source, page.target)
    news = parked.park_rows(session, source, rows, at=at, but_for=but_for)
    unknown = [one.unknown for digest, one in found.items() if digest in news and one.unknown is not None]
    each_once = {(one.source, one.form): one for one in unknown}
    ask_for_scales(session, source, Understood((), (), [*each_once.values()]), policy=policy, at=at)


def page_of(body: bytes) -> Page | None:
    """Read which page a parked row stood on; None for a body that is no such row."""
    if not body.startswith(_START):
        return None
    try:
        said = Record(json_body(body)).record("hearback_polled")
        return Page(said.string("target"), said.required_timestamp("since"), said.required_timestamp("cases_since"))
    except Unreadable:
        return None


def ask_again(session: Session, parked_id: int, page: Page, *, at: datetime) -> None:
    """Have the tool asked again. The row stays parked until the poll is past it: see `is_past`.

    It isn't read from what is parked: only a poll knows what belongs to a row (who answered, the survey's questions),
    and by now the tool may know better, or have deleted it.
    """
    one = session.get(Parked, parked_id)
    again = reason(one.source, page.target) if one else ""
    if one is None or one.state != "parked" or one.reason == again:  # what waits for it already, is wanted already
        return
    # The place first, then the row: a poll holds them in this order too.
    polls.begin_again(session, source=one.source, target=page.target, since=page.since, at=at)
    parked.wait_for(session, parked_id, again)


def is_past(session: Session, source: str, target: str) -> None:
    """Settle what was asked for again, at the end of that poll: what still can't be read waits for its own reason."""
    parked.settle_all(session, source, reason(source, target))


def cases_since(session: Session, source: str, target: str) -> datetime | None:
    """Say since when low responses open cases that are asked for again; None: nothing is, an admin let go of all.

    The earliest counts for all of them: rather a case too many than an unhappy customer without one.
    """
    bodies = parked.bodies_waiting_for(session, source, reason(source, target))
    return min((page.cases_since for body in bodies if (page := page_of(body))), default=None)


def reason(source: str, target: str) -> str:
    """Say why a row waits that is asked for again; exactly these wait for the end of that poll."""
    which = f" of “{target}”" if target else ""
    return f"It is asked for again by the next poll{which}, as soon as API_TOKEN_{source.upper()} serves."


def _row(page: Page, digest: str, one: Refused) -> parked.Row:
    polled = {"target": page.target, "since": page.since.isoformat(), "cases_since": page.cases_since.isoformat()}
    form = one.unknown.form if one.unknown else None
    return parked.Row(digest, _written({"hearback_polled": polled, "row": _said(one)}), one.own_reason, form)


def _digest(target: str, one: Refused) -> str:
    return hashlib.sha256(_written({"target": target, "row": _said(one)}, is_sorted=True)).hexdigest()


def _said(one: Refused) -> object:
    if one.row is None:
        return {"about the page": one.reason}
    try:
        json.dumps(one.row)
    except RecursionError:  # it could just be read, and can't be written
        return {"nested too deeply to be kept": one.reason}
    return one.row


def _written(said: Mapping[str, object], *, is_sorted: bool = False) -> bytes:
    """Write JSON in letters that people can read; half a character, which UTF-8 has no bytes for, stays escaped."""
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=is_sorted)
    return written.encode("utf-8", "backslashreplace")
