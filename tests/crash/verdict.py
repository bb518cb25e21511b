"""The verdict: everything that was answered or acked is there once, and every card shows the rows as they are."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, Final

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from bot.delivery.drawing import CardDrawn, drawings
from bot.sandbox.channels import Json
from storage.database import Database
from storage.lanes import Claimed
from storage.tables import Card, Case, Event, Intent, Outreach, Response, Task
from tests.crash.ledger import Promise
from tests.crash.outside import Outside
from tests.crash.survey_tool import Said
from workflows.policy import Policy

DRAWN_TOGETHER: Final = 200
AS_OF: Final = re.compile(r" · [^·]* used as of <!date[^>]*>")
SHOWN: Final = 5


@dataclass(slots=True)
class Check:
    """One line of the table: what was looked at, how much there was of it, and what is wrong."""

    what: str
    looked_at: int
    problems: list[str] = field(default_factory=list)


def verdict(
    session: Session, said: Iterable[Said], promises: Iterable[Promise], outside: Outside, *, policy: Policy
) -> Iterator[Check]:
    """Look at everything; a check without problems is one that held."""
    yield from _responses(session, list(said))
    yield _cases(session)
    yield _promises(session, list(promises))
    yield from _mails(session, outside)
    yield from _outbox(session, outside)
    yield _cards(session, outside, policy=policy)
    yield _soundness(session)


def _responses(session: Session, said: list[Said]) -> Iterator[Check]:
    rows = session.exec(select(Response.external_id, Response.score, Response.comment, Response.case_id)).all()
    found, counted = {row[0]: row for row in rows}, Counter(row[0] for row in rows)
    check = Check("responses answered 2xx are there once", len(said))
    for one in said:
        if counted[one.id] != 1:
            check.problems.append(f"{one.id} is there {counted[one.id]} times")
        elif (found[one.id][1], found[one.id][2]) != (one.score, one.comment):
            check.problems.append(f"{one.id} was changed: {found[one.id]!r}, sent {one!r}")
    yield check
    known = {one.id for one in said}
    yield Check("no response that nobody gave", len(rows), [f"{one} is new" for one in counted if one not in known])
    low = [one for one in said if one.is_low]
    cases = set(session.exec(select(Case.id)))
    lost = [one.id for one in low if one.id in found and found[one.id][3] not in cases]
    yield Check("low responses lead to a case", len(low), [f"{one} leads nowhere" for one in lost])


def _cases(session: Session) -> Check:
    """Count cases: a customer's second low response joins their case or takes it up again."""
    counted = session.exec(select(Case.customer_id, func.count()).group_by(col(Case.customer_id))).all()
    unhappy = set(session.exec(select(Response.customer_id).where(Response.band == "low")))
    problems = [f"customer {customer} has {count} cases" for customer, count in counted if count != 1]
    problems += [f"customer {customer} has none" for customer in unhappy - {customer for customer, _ in counted}]
    return Check("one case for each unhappy customer", len(unhappy), problems)


def _promises(session: Session, promises: list[Promise]) -> Check:
    done, refused = _done(session), _refused(session)
    problems = []
    for one in promises:
        times = done[one.kind, one.row, one.by if one.kind == "taken" else one.words]
        if times > 1:
            problems.append(f"{one.kind} {one.row} by {one.by} was done {times} times")
        if times == 0 and one.is_acked and (one.kind, one.row, one.by) not in refused:
            problems.append(f"{one.kind} {one.row} by {one.by} was acked and is lost")
    return Check("presses acked took effect, none twice", sum(one.is_acked for one in promises), problems)


def _refused(session: Session) -> set[tuple[str, int, str]]:
    """Name what was acked with a refusal: a later part of a response took the case away from whoever pressed."""
    moved = session.exec(select(Event).where(Event.kind == "rerouted"))
    return {("taken", event.case_id, str(event.facts["from"])) for event in moved}


def _done(session: Session) -> Counter[tuple[str, int, str]]:
    """Count what has been done, by what a promise is known by."""
    done: Counter[tuple[str, int, str]] = Counter()
    kinds = {"taken", "note", "contact", "resolved", "told", "task_done"}
    for event in session.exec(select(Event).where(col(Event.kind).in_(kinds))):
        match event.kind:
            case "taken":
                done["taken", event.case_id, event.by] += 1
            case "task_done":
                done["done", int(event.facts["task_id"]), event.text] += 1
            case "note":
                done["reply" if event.facts.get("in_thread") else "note", event.case_id, event.text] += 1
            case kind:
                done[kind, event.case_id, event.text] += 1
    for task in session.exec(select(Task).where(Task.state == "open")):
        done["done", task.id or 0, task.outcome or ""] = 0
    for mail in session.exec(select(Outreach).where(Outreach.channel == "email")):
        words = next((line for line in mail.body.splitlines() if line.startswith("Changed no. ")), "")
        done["mail", mail.case_id, words] += 1
        if mail.state in {"accepted", "refused"}:
            done["arrived" if mail.state == "accepted" else "lost", mail.id or 0, ""] += 1
    return done


def _mails(session: Session, outside: Outside) -> Iterator[Check]:
    received = Counter(str(mail.message["Message-ID"]) for mail in outside.mailbox.mails)
    yield Check(
        "no mail arrived twice", len(received), [f"{one} came {n} times" for one, n in received.items() if n > 1]
    )
    mails = session.exec(select(Outreach).where(Outreach.channel == "email")).all()
    states = {mail.message_id: mail.state for mail in mails}
    problems = [f"{one} was sent by nobody" for one in received if one not in states]
    problems += [f"{one} is {state}" for one, state in states.items() if state not in {"accepted", "refused"}]
    problems += [f"{mail.message_id} is accepted and never came" for mail in mails if _is_missing(mail, received)]
    yield Check("mails are what their cases say", len(mails), problems)


def _is_missing(mail: Outreach, received: Counter[str]) -> bool:
    return mail.state == "accepted" and not received[mail.message_id or ""]


def _outbox(session: Session, outside: Outside) -> Iterator[Check]:
    states = session.exec(select(Intent.state, func.count()).group_by(Intent.state)).all()
    left = [f"{count} are {state}" for state, count in states if state != "sent"]
    yield Check("everything in the outbox is sent", sum(count for _, count in states), left)
    posted = outside.workspace.posted
    twice = [f"{key} stands {len(places)} times" for key, places in posted.items() if len(places) > 1]
    yield Check("no card or line stands twice", len(posted), twice)
    keys = session.exec(select(Intent.key).where(col(Intent.kind).in_(("card", "line")))).all()
    yield Check("every card and line stands", len(keys), [f"{key} is nowhere" for key in keys if key not in posted])


def _cards(session: Session, outside: Outside, *, policy: Policy) -> Check:
    """Draw every card once more, and compare it with what stands in Slack."""
    intents = session.exec(select(Intent).where(Intent.kind == "card").order_by(col(Intent.case_id))).all()
    stands = {f"{one.subject}@{one.place}": (one.channel, one.ts) for one in session.exec(select(Card))}
    check = Check("every card shows its rows as they are", len(intents))
    for first in range(0, len(intents), DRAWN_TOGETHER):
        claimed = [_claimed(one) for one in intents[first : first + DRAWN_TOGETHER]]
        for drawn in drawings(session, claimed, policy=policy, at=datetime.now(UTC)):
            key = drawn.claimed.key
            shown = outside.message(key)
            if not isinstance(drawn, CardDrawn):
                check.problems.append(f"{key} can't be drawn")
            elif shown is None or (shown["text"], _plain(shown["blocks"])) != (
                drawn.message.text,
                _plain(drawn.message.blocks),
            ):
                check.problems.append(f"{key} shows something else{_difference(shown, drawn)}")
            elif stands.get(key) != outside.workspace.posted[key][-1]:
                check.problems.append(f"{key} stands elsewhere")
    return check


def _difference(shown: Json | None, drawn: CardDrawn) -> str:
    """Name the first words that differ, for whoever has to find out why."""
    if shown is None:
        return ": it isn't there"
    ours = list(_texts([drawn.message.text, drawn.message.blocks]))
    theirs = list(_texts([shown["text"], shown["blocks"]]))
    pair = next(((one, other) for one, other in zip_longest(theirs, ours) if one != other), ("", ""))
    return f": {pair[0]!r} instead of {pair[1]!r}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _texts(value[key] if key != "block_id" else None)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _claimed(intent: Intent) -> Claimed:
    """Take an intent in hand as delivery does; nothing is written."""
    return Claimed(
        id=intent.id or 0,
        key=intent.key,
        kind=intent.kind,
        lane=intent.lane,
        case_id=intent.case_id,
        facts=intent.facts,
        wanted=intent.wanted,
        attempts=intent.attempts,
        created_at=intent.created_at,
        sent_at=intent.sent_at,
        leased_until=intent.created_at,
        is_unclear=False,
    )


def _plain(value: Any) -> Any:
    """Leave out the ids of blocks, which Slack gives by itself, and what a card says "as of" its last drawing."""
    if isinstance(value, str):
        return AS_OF.sub("", value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "block_id"}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _soundness(session: Session) -> Check:
    """Ask SQLite whether its file is whole; PostgreSQL holds its own."""
    if session.get_bind().dialect.name != "sqlite":
        return Check("the database is sound", 1)
    problems = [str(row[0]) for row in session.connection().execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    problems += [str(tuple(row)) for row in session.connection().execute(text("PRAGMA foreign_key_check"))]
    return Check("the database is sound", 1, problems)


def left(db: Database) -> int:
    """Count what has still to be sent."""
    waiting = select(func.count()).select_from(Intent).where(col(Intent.state).in_(("waiting", "sending", "unclear")))
    return db.read_now(lambda session: session.exec(waiting).one())


def table(checks: Iterable[Check], counts: dict[str, object]) -> str:
    """Write it all down."""
    lines = [f"  {name:<44} {value}" for name, value in counts.items()]
    lines.append("")
    for check in checks:
        lines.append(f"  {check.what:<44} {check.looked_at:>8}   {'ok' if not check.problems else 'LOST'}")
        lines += [f"      {problem}" for problem in check.problems[:SHOWN]]
        if len(check.problems) > SHOWN:
            lines.append(f"      and {len(check.problems) - SHOWN} more")
    return "\n".join(lines)
