"""What is remembered: one class a table, its keys and its checks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Field, SQLModel

METRICS: Final = ("nps", "csat", "ces")
BANDS: Final = ("low", "neutral", "high")
URGENCIES: Final = ("low", "normal", "high", "urgent")
STATES: Final = ("new", "working", "ready", "told", "excused")
OPEN_STATES: Final = ("new", "working", "ready")
CONTACTABILITY: Final = ("contactable", "confidential", "anonymous")
EXCUSES: Final = ("unreachable", "opted_out", "not_to_contact", "duplicate", "not_a_complaint", "anonymous")
ROOT_CAUSES: Final = ("people", "process", "product", "policy", "other")
TASK_STATES: Final = ("open", "done", "cancelled")
OUTREACH_KINDS: Final = ("contact", "told")
OUTREACH_CHANNELS: Final = ("email", "phone", "meeting", "chat", "other")
# waiting: may still be taken back · sending: handed to the mail server, outcome not known yet · accepted / refused /
# bounced: what the server said · unclear: the connection broke, a person decides · logged: a person did it elsewhere
OUTREACH_STATES: Final = ("waiting", "taken_back", "sending", "accepted", "refused", "bounced", "unclear", "logged")
# waiting -> sending (marked before the network is touched) -> sent; unclear: look before posting again; dead: a person
INTENT_STATES: Final = ("waiting", "sending", "unclear", "sent", "dead")
PROMISE_STATES: Final = ("open", "kept", "withdrawn")
PING_STATES: Final = ("held", "sent", "dropped")
DIGEST_KINDS: Final = ("department_daily", "manager_weekly", "huddle", "my_morning", "excused")
RUN_STATES: Final = ("posted", "empty", "skipped")
ALARM_KINDS: Final = ("reversal", "silence", "missed", "parked")
HAS_CASE: Final = "case_id IS NOT NULL"
# What isn't over, by the two words that say it is. SQLite compares a column with two words one by one; for a list of
# three it builds a table of them, at every statement and for every index that has such a condition.
OPEN_CASE: Final = "state NOT IN ('told', 'excused')"
IS_OPEN_CASE: Final[ColumnElement[bool]] = literal_column(f"(cases.{OPEN_CASE})")
"""As the partial indexes have it, word for word: with bound values, or as a Boolean, SQLite sees no likeness."""
PENDING_INTENT: Final = "state NOT IN ('sent', 'dead')"
HELD_INTENT: Final = "state IN ('sending', 'unclear')"
LENT_CASE: Final = f"{OPEN_CASE} AND lent_by IS NOT NULL"
LENT_TASK: Final = "state = 'open' AND lent_by IS NOT NULL"


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Hold a text column to its words: table models don't validate, so the database does."""
    return CheckConstraint(_OneOf(column, values), name=f"{column}_is_known")


class _OneOf(ColumnElement[bool]):
    inherit_cache = False

    def __init__(self, column: str, values: Iterable[str]) -> None:
        self.column, self.words = column, [f"'{value}'" for value in values]


@compiles(_OneOf)
def _in_a_list(check: _OneOf, _compiler: object, **_: object) -> str:
    return f"{check.column} IN ({', '.join(check.words)})"


@compiles(_OneOf, "sqlite")
def _one_by_one(check: _OneOf, _compiler: object, **_: object) -> str:
    """For a list SQLite would build a table at every statement: a third of the time that writing a row takes."""
    return " OR ".join(f"{check.column} = {word}" for word in check.words)


SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class PolicyVersion(SQLModel, table=True):
    """One applied policy document, kept for ever: a case remembers the version that routed it."""

    __tablename__ = "policies"

    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_type=Text)
    digest: str
    applied_at: datetime
    applied_by: str


class Member(SQLModel, table=True):
    """A person of the team, as Slack knows them."""

    __tablename__ = "members"

    id: str = Field(primary_key=True)
    name: str
    email: str | None = Field(default=None, index=True)
    timezone: str | None = None
    is_present: bool = True
    """As their status in Slack says. What somebody says of themselves in the App Home is `away_until`."""
    status_until: datetime | None = None
    """When the status that says they are away ends by itself; None: not before they change it."""
    dnd_until: datetime | None = None
    """They have asked Slack for silence in working hours, until then."""
    is_deleted: bool = False
    away_until: datetime | None = None
    """They are away until then, as they said themselves in the App Home."""
    away_note: str | None = None
    assigned_at: datetime | None = None
    """When a case last came to this person: who has waited longest goes first."""
    open_cases: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Counted by a trigger, so that choosing an owner costs the same with ten open cases and with ten thousand."""
    home_opened_at: datetime | None = None
    """Set once they have looked at the App Home: from then on it is kept up to date."""


class Customer(SQLModel, table=True):
    """Who answered.

    `identity` is `mail:<address>`, `id:<source>:<id>` or, for an anonymous one, `answer:<source>:<id>`.
    """

    __tablename__ = "customers"
    __table_args__ = (one_of("contactability", CONTACTABILITY),)

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(unique=True)
    contactability: str = "contactable"
    email: str | None = None
    name: str | None = None
    language: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    account_value: float | None = None
    account_manager: str | None = None
    segment: str | None = None
    opted_out_at: datetime | None = None
    created_at: datetime


class Case(SQLModel, table=True):
    """The record of one unhappy customer, from the first low response until told or excused."""

    __tablename__ = "cases"
    __table_args__ = (
        one_of("state", STATES),
        one_of("urgency", URGENCIES),
        one_of("root_cause", ROOT_CAUSES),
        one_of("excuse", EXCUSES),
        # At most one open case a customer: a second low response joins it, whatever races with whatever.
        Index(
            "uq_cases_open_customer",
            "customer_id",
            unique=True,
            sqlite_where=text(OPEN_CASE),
            postgresql_where=text(OPEN_CASE),
        ),
        Index("ix_cases_open_owner", "owner", sqlite_where=text(OPEN_CASE), postgresql_where=text(OPEN_CASE)),
        Index("ix_cases_open_due", "next_due_at", sqlite_where=text(OPEN_CASE), postgresql_where=text(OPEN_CASE)),
        Index("ix_cases_open_step", "next_step_at", sqlite_where=text(OPEN_CASE), postgresql_where=text(OPEN_CASE)),
        Index("ix_cases_customer_opened", "customer_id", "opened_at"),
        Index("ix_cases_lent", "lent_by", sqlite_where=text(LENT_CASE), postgresql_where=text(LENT_CASE)),
    )

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customers.id")
    state: str = "new"
    department: str
    channel: str
    """The department's, where the case's card and thread are."""
    owner: str | None = None
    is_owner_stand_in: bool = False
    """The lead owns it because nobody of the department was present."""
    urgency: str = "normal"
    policy_version: int | None = Field(default=None, foreign_key="policies.id")
    why: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """The answer to "why me?": rule, what it matched, urgency and owner reasons. Replaced whole, never in place."""
    opened_at: datetime
    waiting_since: datetime
    """Since when the customer waits to hear back: the opening, or the latest reopening. The limits run from here."""
    claimed_at: datetime | None = None
    contacted_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    claim_due_at: datetime | None = None
    contact_due_at: datetime | None = None
    tell_due_at: datetime | None = None
    next_due_at: datetime | None = None
    next_step_at: datetime | None = None
    """When the sweep has to look at this case next: a warning, a limit, a step of escalation, the end of a pause."""
    paused_until: datetime | None = None
    """The team waits for the customer: until then no limit runs. Each pause is a row of its own, too."""
    snoozed_until: datetime | None = None
    """Nobody is reminded until then; the limits run on."""
    lent_by: str | None = None
    """The owner who is away: the case comes back to them if it is still untouched when they do."""
    lent_at: datetime | None = None
    claim_used: float | None = None
    """Seconds of the team's working time that it took until the case was claimed; the next two: until contact, told."""
    contact_used: float | None = None
    tell_used: float | None = None
    umbrella_id: int | None = None
    """The umbrella post that speaks for this case and many like it. No foreign key: SQLite can't add one later."""
    withheld_at: datetime | None = None
    """It has no card and no message to its owner yet: its umbrella's posts speak for it until somebody touches it."""
    root_cause: str | None = None
    root_cause_text: str | None = Field(default=None, sa_type=Text)
    what_changed: str | None = Field(default=None, sa_type=Text)
    excuse: str | None = None
    excuse_text: str | None = Field(default=None, sa_type=Text)
    reopened: int = 0


class Response(SQLModel, table=True):
    """One survey answer. Unique by (source, external_id): webhook, retry, poll and import of one make one."""

    __tablename__ = "responses"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        one_of("metric", METRICS),
        one_of("band", BANDS),
        Index("ix_responses_customer_submitted", "customer_id", "submitted_at"),
        # Most answers have no case: an entry for each of them would be looked for by nobody.
        Index("ix_responses_case_id", "case_id", sqlite_where=text(HAS_CASE), postgresql_where=text(HAS_CASE)),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str
    external_id: str
    metric: str
    score: float
    low_end: float
    high_end: float
    direction: str
    band: str
    comment: str = Field(default="", sa_type=Text)
    customer_id: int = Field(foreign_key="customers.id")
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    form: str | None = None
    touchpoint: str | None = None
    language: str | None = None
    url: str | None = None
    segment: str | None = None
    """The customer's when they answered: a customer who moves on takes no old answer along."""
    submitted_at: datetime
    received_at: datetime


class Task(SQLModel, table=True):
    """A follow-up for one department, with one owner and one due time."""

    __tablename__ = "tasks"
    __table_args__ = (
        one_of("state", TASK_STATES),
        Index(
            "ix_tasks_open_owner", "owner", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")
        ),
        Index(
            "ix_tasks_open_step",
            "next_step_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_tasks_lent", "lent_by", sqlite_where=text(LENT_TASK), postgresql_where=text(LENT_TASK)),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    title: str = Field(sa_type=Text)
    department: str
    owner: str | None = None
    state: str = "open"
    due_at: datetime | None = None
    next_step_at: datetime | None = None
    """When the sweep has to look at this task next."""
    lent_by: str | None = None
    created_by: str
    created_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = Field(default=None, sa_type=Text)
    """What was done, or why it was cancelled."""


class Event(SQLModel, table=True):
    """One immutable line of a case's timeline; triggers in the database refuse to change or delete it."""

    __tablename__ = "events"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    kind: str
    by: str
    """A member's id, `hearback` or `customer`."""
    at: datetime
    text: str = Field(default="", sa_type=Text)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Outreach(SQLModel, table=True):
    """One contact with the customer: sent by Hearback, or logged by a person."""

    __tablename__ = "outreaches"
    __table_args__ = (
        one_of("kind", OUTREACH_KINDS),
        one_of("channel", OUTREACH_CHANNELS),
        one_of("state", OUTREACH_STATES),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    kind: str
    channel: str
    state: str
    by: str
    at: datetime
    """When it happened, or when it is to be sent."""
    recipient: str | None = None
    language: str | None = None
    subject: str | None = Field(default=None, sa_type=Text)
    body: str = Field(default="", sa_type=Text)
    message_id: str | None = Field(default=None, unique=True)
    problem: str | None = Field(default=None, sa_type=Text)
    created_at: datetime


class Approval(SQLModel, table=True):
    """A manager is asked whether a case may be excused; at most one question is open for a case."""

    __tablename__ = "approvals"
    __table_args__ = (
        one_of("excuse", EXCUSES),
        CheckConstraint(
            "decision IS NULL OR decision IN ('approved', 'declined', 'withdrawn')", name="decision_is_known"
        ),
        Index(
            "uq_approvals_open",
            "case_id",
            unique=True,
            sqlite_where=text("decision IS NULL"),
            postgresql_where=text("decision IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    excuse: str
    text: str = Field(default="", sa_type=Text)
    asked_by: str
    asked_at: datetime
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_text: str = Field(default="", sa_type=Text)


class Card(SQLModel, table=True):
    """Where in Slack a view of a row stands: a case's card, its owner's message, a task's, an approval's question."""

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("subject", "place"), Index("ix_cards_channel_ts", "channel", "ts"))

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    """`case:12`, `owner:12`, `task:7` or `approval:3`."""
    place: str
    """The channel or member it was meant for."""
    case_id: int = Field(foreign_key="cases.id", index=True)
    channel: str
    ts: str


def _index_while(name: str, *columns: str, state: str) -> Index:
    """Index only the intents in some states: what was sent long ago costs nothing."""
    return Index(f"ix_intents_{name}", *columns, sqlite_where=text(state), postgresql_where=text(state))


class Intent(SQLModel, table=True):
    """Something to be sent, left in the outbox by the transaction that wants it."""

    __tablename__ = "intents"
    __table_args__ = (
        one_of("state", INTENT_STATES),
        # From lane to lane, and in each to its first intent; to the next time something is due; to what holds its lane.
        _index_while("pending_lanes", "lane", "id", state=PENDING_INTENT),
        _index_while("pending_times", "not_before", state=PENDING_INTENT),
        _index_while("held", "lane", state=HELD_INTENT),
        _index_while("dead", "id", state="state = 'dead'"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """Names the effect for ever: one key is never sent twice. For a card: `case:12`, redrawn when `wanted` goes up."""
    kind: str
    lane: str
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    wanted: int = 1
    """Goes up when the same key is wanted once more (a redraw); `sent` counts only when nothing newer is wanted."""
    state: str = "waiting"
    attempts: int = 0
    not_before: datetime
    leased_until: datetime | None = None
    """Whoever sends it has until then; afterwards it counts as unclear."""
    created_at: datetime
    sent_at: datetime | None = None
    problem: str | None = Field(default=None, sa_type=Text)


class Lane(SQLModel, table=True):
    """One Slack channel or mail domain: when it may be used next."""

    __tablename__ = "lanes"

    name: str = Field(primary_key=True)
    open_at: datetime


class Seen(SQLModel, table=True):
    """What must have an effect once only: Slack's event ids, submitted modals, commands."""

    __tablename__ = "seen"

    key: str = Field(primary_key=True)
    at: datetime = Field(index=True)


class Parked(SQLModel, table=True):
    """A rightly signed request that could not be read: kept with its bytes and the reason, until an admin decides."""

    __tablename__ = "parked"
    __table_args__ = (UniqueConstraint("source", "digest"), one_of("state", ("parked", "replayed", "dismissed")))

    id: int | None = Field(default=None, primary_key=True)
    source: str
    digest: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str = Field(sa_type=Text)
    form: str | None = None
    received_at: datetime
    state: str = "parked"
    times: int = 1


class Umbrella(SQLModel, table=True):
    """One post that speaks for many cases of one theme, or for several people of one account."""

    __tablename__ = "umbrellas"

    id: int | None = Field(default=None, primary_key=True)
    theme: str = Field(index=True)
    """Such as `department:support|rule:Billing`, or `account:a-31`."""
    label: str = Field(sa_type=Text)
    """What its cases have in common, in words."""
    department: str
    channel: str
    first_case_id: int
    """Its cards hang on this case: a card belongs to one."""
    opened_at: datetime
    last_at: datetime
    """When its latest case came."""


class Theme(SQLModel, table=True):
    """Which cases came lately of one theme: looked at, and held, whenever another one opens."""

    __tablename__ = "themes"

    theme: str = Field(primary_key=True)
    recent: list[Any] = Field(default_factory=list, sa_type=JSON)
    """[case's id, unix time] of each, the latest last. Replaced whole, never in place."""
    umbrella_id: int | None = None
