"""Lanes of the outbox: whose turn it is, who has it in hand, and what came of it. One at a time in a lane, in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.among import given_rows, insert_rows, is_among, listed
from storage.outbox import INTENTS
from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import HELD_INTENT, PENDING_INTENT, Card, Lane

CARDS: Final = table_of(Card)
LANES: Final = table_of(Lane)

# The states are written out, not bound: only then can the partial indexes be used.
_PENDING: Final = PENDING_INTENT
_IN_HAND: Final = f"{HELD_INTENT} AND state = 'sending'"  # the first half is the index's own words
# Walks from lane to lane through the index, however many intents wait in each.
_EVERY_LANE: Final = f"""
    WITH RECURSIVE pending(name) AS (
        SELECT min(lane) FROM intents WHERE {_PENDING} AND lane > :after
        UNION ALL
        SELECT (SELECT min(i.lane) FROM intents AS i WHERE i.{_PENDING} AND i.lane > pending.name)
        FROM pending WHERE pending.name IS NOT NULL
    )"""  # noqa: S608 -- constants of this file
# A lane is held by what is being sent, and by what may or may not have arrived until that has been looked up.
_HEADS: Final = f"""
    SELECT h.id, h.lane, h.state
    FROM pending JOIN intents AS h ON h.id = (
        SELECT i.id FROM intents AS i
        WHERE i.lane = pending.name AND i.{_PENDING} AND i.state <> 'sending' AND i.not_before <= :now
        ORDER BY i.lane, i.id LIMIT 1)
    LEFT JOIN lanes AS l ON l.name = pending.name
    WHERE (l.open_at IS NULL OR l.open_at <= :now)
    AND NOT EXISTS (
        SELECT 1 FROM intents AS b WHERE b.lane = pending.name AND b.{HELD_INTENT}
        AND (b.state = 'sending' OR b.not_before > :now))
    LIMIT :limit"""  # noqa: S608 -- constants of this file


class _Head(NamedTuple):
    """The intent whose turn it is in its lane."""

    id: int
    lane: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An intent that is in our hands until `leased_until`; nobody else touches its lane meanwhile."""

    id: int
    key: str
    kind: str
    lane: str
    case_id: int | None
    facts: dict[str, Any]
    wanted: int
    attempts: int
    """This one counted."""
    created_at: datetime
    sent_at: datetime | None
    leased_until: datetime
    is_unclear: bool
    """It was tried before, and nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A view that stands in Slack now."""

    subject: str
    place: str
    case_id: int
    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a claimed intent: its next state, and what was learnt on the way."""

    claimed: Claimed
    state: str
    attempts: int
    not_before: datetime
    sent_at: datetime | None = None
    problem: str | None = None
    """A sentence that names no person and quotes no text."""
    lane_opens_at: datetime | None = None
    stands: Standing | None = None
    is_gone: Standing | None = None
    """A view that somebody deleted in Slack."""


def claim(
    session: Session, *, now: datetime, leased_until: datetime, mail_until: datetime, limit: int, after: str = ""
) -> list[Claimed]:
    """Take the first due intent of each free lane and mark it `sending`, starting behind the lane `after`.

    Mails and fetches have a lease of their own, `mail_until`: those servers take their time. What was in somebody's
    hands when its lease ran out becomes unclear.
    """
    dialect = session.get_bind().dialect.name
    _EXPIRE.run(session, {"now": now})
    heads = _heads(session, now=now, limit=limit, after=after)
    if heads and dialect == "postgresql":
        heads = _locked(session, heads, now=now)
    if not heads:
        return []
    states = {head.id: head.state for head in heads}
    values = {"until": leased_until, "mail_until": mail_until, **listed(states, dialect)}
    taken = [dict(zip(_CLAIMED, row, strict=True)) for row in _take(dialect).all(session, values)]
    claimed = [Claimed(**row, is_unclear=states[row["id"]] == "unclear") for row in taken]
    return sorted(claimed, key=lambda one: one.id)


def settle(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of claimed intents.

    One whose lease ran out meanwhile is left to whoever has it now. A view that was wanted again while it was being
    sent waits for its next drawing.
    """
    if not outcomes:
        return
    dialect = session.get_bind().dialect.name
    # Lanes before intents, as in `claim`: one order of locks.
    lanes = {one.claimed.lane: one.lane_opens_at for one in outcomes if one.lane_opens_at}
    _move_lane(dialect).run_many(session, [{"name": name, "open_at": at} for name, at in sorted(lanes.items())])
    settled = [_settled(one) for one in sorted(outcomes, key=lambda one: one.claimed.id)]
    stands = {(one.stands.subject, one.stands.place): _stands(one.stands) for one in outcomes if one.stands}
    _FORGET_CARD.run_many(session, [_gone(one.is_gone) for one in outcomes if one.is_gone])
    if dialect == "postgresql":
        _HOLD.run(session, listed([one.claimed.id for one in outcomes], dialect))
    _settling(dialect).run_many(session, settled)
    _keeping(dialect).run_many(session, [*stands.values()])


def is_due(session: Session, *, now: datetime) -> bool:
    """Tell whether `claim` would find anything."""
    return bool(_heads(session, now=now, limit=1)) or _EXPIRED.first(session, {"now": now}) is not None


def next_due(session: Session, *, now: datetime) -> datetime | None:
    """Say when something may become due that isn't now; None: nothing waits."""
    later = [row[0] for statement in _LATER if (row := statement.first(session, {"now": now}))]
    return min((one for one in later if one is not None), default=None)


def oldest_due(session: Session) -> datetime | None:
    """Say since when the oldest of what is to be sent has been due: it lies in the future when nothing is late.

    What is asked of a survey tool is left out: it may have to wait for hours, and that is no fault of ours.
    """
    found = session.connection().execute(_OLDEST).scalar()
    assert found is None or isinstance(found, datetime)
    return found


def _heads(session: Session, *, now: datetime, limit: int, after: str = "") -> list[_Head]:
    values = {"now": now, "limit": limit}
    heads = [_Head(*row) for row in _WALK.all(session, {**values, "after": after})]
    if after and len(heads) < limit:
        seen = {head.id for head in heads}
        again = (_Head(*row) for row in _WALK.all(session, {**values, "after": ""}))
        heads += [head for head in again if head.id not in seen]
    return heads[:limit]


def _locked(session: Session, heads: Iterable[_Head], *, now: datetime) -> list[_Head]:
    """Keep the lanes that no other process has in hand, and look again: its claim may have ended just now."""
    free = [row[0] for row in _LOCK.all(session, {"names": [head.lane for head in heads]})]
    found = _HEADS_OF.all(session, {"now": now, "limit": len(free), "names": free}) if free else []
    return [_Head(*row) for row in found]


def _settled(one: Outcome) -> dict[str, Any]:
    return {
        "the_id": one.claimed.id,
        "lease": one.claimed.leased_until,
        "was_wanted": one.claimed.wanted,
        "new_state": one.state,
        "after_newer": "waiting" if one.state in ("sent", "dead") else one.state,
        "new_attempts": one.attempts,
        "new_not_before": one.not_before,
        "new_sent_at": one.sent_at or one.claimed.sent_at,
        "new_problem": one.problem,
    }


def _gone(view: Standing) -> dict[str, Any]:
    return {"the_subject": view.subject, "the_place": view.place, "the_ts": view.ts}


def _stands(view: Standing) -> dict[str, Any]:
    return {name: getattr(view, name) for name in _STANDING}


_CLAIMED: Final = tuple(one.name for one in fields(Claimed) if one.name != "is_unclear")
_STANDING: Final = tuple(one.name for one in fields(Standing))
_TIME: Final = INTENTS.c.not_before.type


def _typed(sql: str) -> Prepared:
    return Prepared(text(sql).bindparams(bindparam("now", type_=_TIME)))


_WALK: Final = _typed(_EVERY_LANE + _HEADS)
# PostgreSQL's own, for lanes that are named.
_HEADS_OF: Final = _typed(f"WITH pending(name) AS (SELECT unnest(CAST(:names AS text[]))) {_HEADS}")
# Held until the transaction ends, and never waited for. The first number is ours: nobody else locks by it.
_LOCK: Final = Prepared(
    text(
        "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE pg_try_advisory_xact_lock(4801, hashtext(name))"
    )
)
_EXPIRE: Final = _typed(
    f"UPDATE intents SET state = 'unclear', not_before = :now WHERE {_IN_HAND} AND leased_until <= :now"  # noqa: S608 -- ours
)
_EXPIRED: Final = _typed(f"SELECT 1 FROM intents WHERE {_IN_HAND} AND leased_until <= :now LIMIT 1")  # noqa: S608 -- ours
_NOW: Final = bindparam("now", type_=_TIME)
_IS_PENDING: Final = text(_PENDING)
_LATER: Final = (
    Prepared(select(func.min(INTENTS.c.not_before)).where(_IS_PENDING, INTENTS.c.not_before > _NOW)),
    Prepared(select(func.min(INTENTS.c.leased_until)).where(text(_IN_HAND), INTENTS.c.leased_until > _NOW)),
    Prepared(select(func.min(LANES.c.open_at)).where(LANES.c.open_at > _NOW)),
)
_OLDEST: Final = select(func.min(INTENTS.c.not_before)).where(_IS_PENDING, INTENTS.c.kind != "fetch")
_FACTS: Final = {
    "the_id": INTENTS.c.id.type,
    "lease": _TIME,
    "was_wanted": INTENTS.c.wanted.type,
    "new_state": INTENTS.c.state.type,
    "after_newer": INTENTS.c.state.type,
    "new_attempts": INTENTS.c.attempts.type,
    "new_not_before": _TIME,
    "new_sent_at": _TIME,
    "new_problem": INTENTS.c.problem.type,
}


@cache
def _settling(dialect: str) -> Prepared:
    # PostgreSQL takes for a list of rows little more than for one.
    is_listed = dialect == "postgresql"
    one = {name: bindparam(name, type_=kind) for name, kind in _FACTS.items()}
    given: Mapping[str, Any] = dict(given_rows(_FACTS).c.items()) if is_listed else one
    is_still = INTENTS.c.state == "sending", INTENTS.c.leased_until == given["lease"]
    return Prepared(
        update(INTENTS)
        .where(INTENTS.c.id == given["the_id"], *is_still)
        .values(
            state=case((INTENTS.c.wanted == given["was_wanted"], given["new_state"]), else_=given["after_newer"]),
            attempts=given["new_attempts"],
            not_before=given["new_not_before"],
            sent_at=given["new_sent_at"],
            problem=given["new_problem"],
            leased_until=None,
        ),
        takes_lists=is_listed,
    )


# In the order in which a crowd of moves wants them (outbox.want): neither waits for the other's with its own in hand.
_HOLD: Final = Prepared(
    select(INTENTS.c.id)
    .where(is_among(INTENTS.c.id, "postgresql"))
    .order_by(func.coalesce(INTENTS.c.case_id, 0), INTENTS.c.key.collate("C"))
    .with_for_update()
)
_FORGET_CARD: Final = Prepared(
    delete(CARDS).where(
        CARDS.c.subject == bindparam("the_subject"),
        CARDS.c.place == bindparam("the_place"),
        CARDS.c.ts == bindparam("the_ts"),
    )
)


@cache
def _take(dialect: str) -> Prepared:
    now = INTENTS.c
    is_free = or_(now.state == "waiting", now.state == "unclear")  # IN can't be prepared
    free = select(now.id).where(is_among(now.id, dialect), is_free).with_for_update(skip_locked=True)
    takes_time = or_(now.kind == "mail", now.kind == "fetch")
    until, mail_until = bindparam("until", type_=_TIME), bindparam("mail_until", type_=_TIME)
    return Prepared(
        update(INTENTS)
        .where(now.id.in_(free.scalar_subquery()))
        .values(
            state="sending",
            leased_until=case((takes_time, mail_until), else_=until),
            attempts=now.attempts + 1,
        )
        .returning(*(now[name] for name in _CLAIMED))
    )


@cache
def _keeping(dialect: str) -> Prepared:
    insert = insert_rows(CARDS, _STANDING, dialect)
    changes = {"channel": insert.excluded.channel, "ts": insert.excluded.ts}
    upsert = insert.on_conflict_do_update(index_elements=["subject", "place"], set_=changes)
    return Prepared(upsert, takes_lists=dialect == "postgresql")


@cache
def _move_lane(dialect: str) -> Prepared:
    insert = _insert(LANES, dialect, ["name", "open_at"])
    later = case((LANES.c.open_at > insert.excluded.open_at, LANES.c.open_at), else_=insert.excluded.open_at)
    return Prepared(insert.on_conflict_do_update(index_elements=["name"], set_={"open_at": later}))


def _insert(table: Table, dialect: str, columns: Iterable[str]) -> sqlite.Insert | postgresql.Insert:
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.values({name: bindparam(name) for name in columns})
