"""What time brings, as tables: pauses, promises, pings, and the posts that come again and again."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables import DIGEST_KINDS, PING_STATES, PROMISE_STATES, RUN_STATES, one_of


class Pause(SQLModel, table=True):
    """A time in which the team waited for the customer: the limits of the case stood still."""

    __tablename__ = "pauses"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    from_at: datetime
    until_at: datetime
    """When it ends, or, once it is over, when it ended."""
    reason: str = Field(sa_type=Text)
    by: str


class Promise(SQLModel, table=True):
    """A date that was given to a customer: "I call you back on Thursday"."""

    __tablename__ = "promises"
    __table_args__ = (
        one_of("state", PROMISE_STATES),
        Index(
            "ix_promises_open_step",
            "next_step_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    text: str = Field(sa_type=Text)
    due_at: datetime
    by: str
    """Who gave it, and is reminded of it."""
    made_at: datetime
    state: str = "open"
    reminded_at: datetime | None = None
    slipped_at: datetime | None = None
    """When it was seen that the date had passed; it can still be kept, late."""
    closed_at: datetime | None = None
    next_step_at: datetime | None = None


class Ping(SQLModel, table=True):
    """One reason to disturb one person, by direct message. Its key names it for ever: nobody is paged twice for it."""

    __tablename__ = "pings"
    __table_args__ = (
        one_of("state", PING_STATES),
        Index("ix_pings_member_at", "member", "at"),
        Index(
            "ix_pings_held", "release_at", sqlite_where=text("state = 'held'"), postgresql_where=text("state = 'held'")
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    member: str
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    kind: str
    urgency: str = "normal"
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime
    state: str = "held"
    release_at: datetime | None = None
    """When what was held back is sent, in one message with everything else that was."""
    sent_at: datetime | None = None


class Schedule(SQLModel, table=True):
    """A post that comes again and again: which, where, and when in local time."""

    __tablename__ = "schedules"
    __table_args__ = (
        one_of("kind", DIGEST_KINDS),
        one_of("origin", ("policy", "slack")),
        Index("ix_schedules_on_next", "next_at", sqlite_where=text("is_on"), postgresql_where=text("is_on")),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str
    channel: str | None = None
    """None: each to the person it is about, by direct message."""
    department: str | None = None
    days: list[int] = Field(default_factory=list, sa_type=JSON)
    """Weekdays, Monday is 0."""
    hour: str
    """Local time, such as 09:00."""
    timezone: str
    posts_empty: bool = False
    catch_up_minutes: int = 360
    """A slot that was missed is posted late for so long; after that it is recorded as skipped."""
    origin: str = "policy"
    is_on: bool = True
    next_at: datetime | None = None
    next_slot: str | None = None
    """The local slot of `next_at`, such as 2026-11-23T09:00."""
    changed_by: str
    changed_at: datetime


class Run(SQLModel, table=True):
    """One slot of a schedule: posted, empty, or skipped, and once only."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("schedule_id", "slot"), one_of("state", RUN_STATES))

    id: int | None = Field(default=None, primary_key=True)
    schedule_id: int = Field(foreign_key="schedules.id")
    slot: str
    state: str
    slot_at: datetime
    """The slot as an instant: what the post tells is as of then."""
    at: datetime
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Decision(SQLModel, table=True):
    """What a huddle decided about one thing of its pack."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("run_id", "item"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="runs.id")
    item: str
    decision: str
    by: str
    at: datetime
