"""What figures are read from, as tables: responses counted by day, and low responses with what became of them."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from storage.tables import BANDS, METRICS, one_of


class Tallying(SQLModel, table=True):
    """How far responses have been counted, and by whose days. One row from the start on; whoever counts holds it."""

    __tablename__ = "tallying"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    zone: str
    """The time zone in whose local days they are counted; "" before the first turn."""
    last_response_id: int = 0
    """Every response up to this one has been counted."""
    turns: int = 0
    """Goes up with every turn that changed something: whoever reads meanwhile can tell, and reads again."""


class Tally(SQLModel, table=True):
    """How many responses of one local day were alike. "" stands for no touchpoint and no segment."""

    __tablename__ = "tallies"
    __table_args__ = (
        one_of("metric", METRICS),
        one_of("band", BANDS),
        {"sqlite_with_rowid": False},  # its key is where a row lies: a period is read in one go
    )

    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """As `date.toordinal` counts."""
    metric: str = Field(primary_key=True)
    touchpoint: str = Field(primary_key=True)
    segment: str = Field(primary_key=True)
    low_end: float = Field(primary_key=True)
    high_end: float = Field(primary_key=True)
    direction: str = Field(primary_key=True)
    band: str = Field(primary_key=True)
    count: int
    total: float
    """The sum of the scores."""
    squares: float
    """The sum of their squares."""
    first_id: int
    """No response of these has a smaller id, and none a greater one than `last_id`: where their list is looked for."""
    last_id: int


class Loop(SQLModel, table=True):
    """One low response and what became of it, in few bytes. What is open is read from its case instead.

    The times are seconds; `code` holds what is counted, as `storage.loops` packs it. "" stands for none.
    """

    __tablename__ = "loops"
    __table_args__ = (
        one_of("metric", METRICS),
        Index(
            "ix_loops_unsettled",
            "day",
            sqlite_where=text("NOT is_settled"),
            postgresql_where=text("NOT is_settled"),
        ),
        Index(
            "ix_loops_answered",
            "answered",
            "since",
            sqlite_where=text("answered IS NOT NULL"),
            postgresql_where=text("answered IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    response_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    case_id: int | None = Field(default=None, index=True)
    is_settled: bool
    """Its case is closed and its columns here say how; a reopening makes it unsettled again."""
    metric: str
    touchpoint: str
    segment: str
    department: str
    owner: str
    root_cause: str
    code: int
    claim_wall: int | None = None
    contact_wall: int | None = None
    tell_wall: int | None = None
    claim_used: float | None = None
    contact_used: float | None = None
    tell_used: float | None = None
    since: int | None = Field(default=None, sa_type=BigInteger)
    """From when to when its customer waited, in seconds since 1970: only on the first low response of a case."""
    answered: int | None = Field(default=None, sa_type=BigInteger)


class FigureDay(SQLModel, table=True):
    """One local day, added up: its responses and settled loops. Stale as soon as one changes, soon made again."""

    __tablename__ = "figure_days"
    __table_args__ = (
        Index("ix_figure_days_stale", "day", sqlite_where=text("is_stale"), postgresql_where=text("is_stale")),
    )

    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    is_stale: bool
    scores: str | None = Field(default=None, sa_type=Text)
    """JSON: by dimension, key and scale what Tally counts; dimension "" has all of them under key ""."""
    sums: str | None = Field(default=None, sa_type=Text)
    """JSON: by dimension and key what `storage.loops.features` counts, in the same way."""
    claim_wall: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Sorted seconds as an array of doubles, and so the next five."""
    contact_wall: bytes | None = Field(default=None, sa_type=LargeBinary)
    tell_wall: bytes | None = Field(default=None, sa_type=LargeBinary)
    claim_used: bytes | None = Field(default=None, sa_type=LargeBinary)
    contact_used: bytes | None = Field(default=None, sa_type=LargeBinary)
    tell_used: bytes | None = Field(default=None, sa_type=LargeBinary)
