"""What is known of survey tools as senders, and who is signed in, as tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlmodel import Field, SQLModel

from storage.tables import ALARM_KINDS, one_of


class SourceState(SQLModel, table=True):
    """What is known of one survey tool as a sender: when it last sent, how often it does, what was missed."""

    __tablename__ = "sources"

    name: str = Field(primary_key=True)
    last_response_id: int = 0
    """Responses up to this id have been looked at for the rhythm."""
    last_at: datetime | None = None
    gaps: list[float] = Field(default_factory=list, sa_type=JSON)
    """The latest gaps between responses, in seconds: its rhythm."""
    silent_at: datetime | None = None
    """Since when it is reported as silent; None: it isn't."""
    refused: int = 0
    refused_at: datetime | None = None
    missed: int = 0
    """Responses that a poll found and no webhook had brought."""
    missed_told: int = 0
    polled_at: datetime | None = None
    problem: str | None = Field(default=None, sa_type=Text)


class PollCursor(SQLModel, table=True):
    """Where a poll of a survey tool's API goes on."""

    __tablename__ = "cursors"

    source: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    """The form, or "" where one poll gives all."""
    purpose: str = Field(primary_key=True)
    """`reconcile`, or `backfill:<date>`."""
    since: datetime
    cursor: str = Field(default="", sa_type=Text)
    is_done: bool = False
    taken: int = 0
    changed_at: datetime
    leased_until: datetime | None = None


class Alarm(SQLModel, table=True):
    """Something about a survey that an admin is asked or told once, until it is settled."""

    __tablename__ = "alarms"
    # By the form that it is about: every low answer of a form asks whether something about it is open.
    __table_args__ = (one_of("kind", ALARM_KINDS), Index("ix_alarms_about", "kind", "source", "form"))

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """Such as `reversal:typeform:hTq4:1`: one question for one episode."""
    kind: str
    source: str
    form: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


class HeldBack(SQLModel, table=True):
    """A low response that opens no case before somebody has said whether its form's scale is upside-down."""

    __tablename__ = "held_back"

    response_id: int = Field(primary_key=True, foreign_key="responses.id")
    alarm_id: int = Field(foreign_key="alarms.id", index=True)
    at: datetime


class WebSession(SQLModel, table=True):
    """A signed-in browser: bound to one Slack user."""

    __tablename__ = "sessions"

    digest: str = Field(primary_key=True)
    """The SHA-256 of the cookie: who reads the database can't take the session over."""
    member: str = Field(index=True)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
