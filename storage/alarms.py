"""Questions about a form, and the low responses that wait for their answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, bindparam, delete, func, select
from sqlmodel import Session, col

from storage import crowd, rows
from storage.prepared import Prepared
from storage.source_tables import Alarm, HeldBack
from storage.tables import Parked, Response

ALARMS: Final = rows.table_of(Alarm)
RESPONSES: Final = rows.table_of(Response)
QUESTIONS: Final = ("parked", "reversal")
# Nobody looks further back than so many responses of all forms: the look costs the same however many there are.
LOOKED_AT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The latest question of a kind about a form."""

    id: int
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is open, and how many requests or responses wait for its answer."""

    alarm: Alarm
    waiting: int


def latest(session: Session, kind: str, source: str, form: str | None) -> Asked | None:
    """Find the latest question of this kind about a form."""
    company = crowd.of(session)
    remembered = {} if company is None else company.memory("alarms")
    if (kind, source, form) not in remembered:
        values = {"kind": kind, "source": source, **({"form": form} if form else {})}
        found = _latest(form is None).first(session, values)
        remembered[kind, source, form] = Asked(*found) if found else None
    asked: Asked | None = remembered[kind, source, form]
    return asked


def ask(session: Session, kind: str, source: str, form: str | None, *, facts: dict[str, Any], at: datetime) -> int:
    """Write a question down; returns its id. Of two at once about one form, the second finds the first."""
    asked = select(func.count()).where(ALARMS.c.kind == kind, ALARMS.c.source == source, _is_form(ALARMS.c.form, form))
    number = int(session.connection().execute(asked).scalar_one()) + 1
    key = f"{kind}:{source}:{form or ''}:{number}"
    return rows.add(session, Alarm, key=key, kind=kind, source=source, form=form, facts=facts, at=at)


def held(session: Session, alarm_id: int) -> Alarm | None:
    """Give a question with its row held until the transaction ends."""
    return session.execute(select(Alarm).where(col(Alarm.id) == alarm_id).with_for_update()).scalars().first()


def open_questions(session: Session) -> list[Question]:
    """List what admins are asked now, the oldest first."""
    found = select(Alarm).where(ALARMS.c.kind.in_(QUESTIONS), ALARMS.c.answer.is_(None)).order_by(ALARMS.c.id)
    return [Question(one, waiting(session, one)) for one in session.execute(found).scalars()]


def waiting(session: Session, alarm: Alarm) -> int:
    """Count what waits for the answer to a question."""
    if alarm.kind == "reversal":
        counted = select(func.count()).select_from(HeldBack).where(col(HeldBack.alarm_id) == alarm.id)
    else:
        is_its = col(Parked.source) == alarm.source, _is_form(col(Parked.form), alarm.form)
        counted = select(func.count()).select_from(Parked).where(col(Parked.state) == "parked", *is_its)
    return int(session.execute(counted).scalar_one())


def unfinished(session: Session) -> list[Alarm]:
    """List questions that have been answered, and of whose answer not everything has been done yet."""
    found = select(Alarm).where(ALARMS.c.kind.in_(QUESTIONS), ALARMS.c.answer.is_not(None)).order_by(ALARMS.c.id)
    return [one for one in session.execute(found).scalars() if not one.facts.get("is_done")]


def latest_answers(
    session: Session, source: str, form: str | None, metric: str, *, limit: int
) -> list[tuple[Any, ...]]:
    """List the latest answers of a form, newest first: (id, band, submitted_at) each."""
    company, key = crowd.of(session), (source, form, metric)
    remembered = {} if company is None else company.memory("answers")
    if key not in remembered:
        values = {"source": source, "metric": metric, "limit": limit, "looked_at": LOOKED_AT}
        remembered[key] = _answers(form is None).all(session, values | ({"form": form} if form else {}))
    unwritten = [] if company is None else reversed(company.waiting(Response))
    now = [
        (one["id"], one["band"], one["submitted_at"])
        for one in unwritten
        if (one["source"], one["form"], one["metric"]) == key
    ]
    return [*now, *remembered[key]][:limit]


def hold_back(session: Session, response_id: int, alarm_id: int, *, at: datetime) -> None:
    """Let a response wait for the answer to a question."""
    if session.get(HeldBack, response_id) is None:
        rows.add_all(session, HeldBack, [{"response_id": response_id, "alarm_id": alarm_id, "at": at}])


def take_held_back(session: Session, alarm_id: int, *, limit: int) -> list[int]:
    """Take the next responses that waited, the oldest first; they are nobody else's now. Returns their ids."""
    found = select(col(HeldBack.response_id)).where(col(HeldBack.alarm_id) == alarm_id)
    found = found.order_by(col(HeldBack.response_id)).limit(limit).with_for_update(skip_locked=True)
    ids = list(session.execute(found).scalars())
    session.execute(delete(HeldBack).where(col(HeldBack.response_id).in_(ids)))
    return ids


def upside_down(session: Session, alarm: Alarm, *, limit: int) -> Sequence[Response]:
    """Give the next responses of a form that are still read the wrong way round, held."""
    facts = alarm.facts
    found = select(Response).where(
        RESPONSES.c.id >= facts["since_id"],
        RESPONSES.c.source == alarm.source,
        _is_form(RESPONSES.c.form, alarm.form),
        RESPONSES.c.metric == facts["metric"],
        RESPONSES.c.direction == facts["direction"],
    )
    return session.execute(found.order_by(RESPONSES.c.id).limit(limit).with_for_update()).scalars().all()


def parked_ids(session: Session, source: str, form: str | None) -> list[int]:
    """List what is parked of a form, the oldest first; None: of all of its source, whose forms may have one scale."""
    found = select(col(Parked.id)).where(col(Parked.source) == source, col(Parked.state) == "parked")
    if form is not None:
        found = found.where(col(Parked.form) == form)
    return [one for one in session.execute(found.order_by(col(Parked.id))).scalars() if one is not None]


def _is_form(column: Any, form: str | None) -> ColumnElement[bool]:
    is_form: ColumnElement[bool] = column.is_(None) if form is None else column == form
    return is_form


@cache
def _latest(is_formless: bool) -> Prepared:  # noqa: FBT001 -- one of two statements, never a caller's choice
    is_form = ALARMS.c.form.is_(None) if is_formless else ALARMS.c.form == bindparam("form")
    about = (ALARMS.c.kind == bindparam("kind"), ALARMS.c.source == bindparam("source"), is_form)
    return Prepared(
        select(ALARMS.c.id, ALARMS.c.answer, ALARMS.c.answered_at).where(*about).order_by(ALARMS.c.id.desc()).limit(1),
        aside=True,
    )


@cache
def _answers(is_formless: bool) -> Prepared:  # noqa: FBT001 -- one of two statements, never a caller's choice
    table = RESPONSES.c
    lately = select(func.coalesce(func.max(table.id), 0)).scalar_subquery() - bindparam("looked_at")
    is_form = table.form.is_(None) if is_formless else table.form == bindparam("form")
    is_its = (table.source == bindparam("source"), table.metric == bindparam("metric"), is_form)
    found = select(table.id, table.band, table.submitted_at).where(table.id > lately, *is_its)
    return Prepared(found.order_by(table.id.desc()).limit(bindparam("limit", type_=Integer())), aside=True)
