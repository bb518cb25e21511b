"""`sources`: each survey tool, when it last sent, how often it does, and what is wrong with it."""

from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.clock import wall_clock
from bot.commands.opened import database
from bot.settings import Settings, read_settings
from bot.surveys import ADAPTERS
from storage import policies, sources
from storage.database import Database
from storage.source_tables import SourceState
from storage.sources import Arrivals
from workflows.policy import load

TITLES: Final = ("source", "last response", "rhythm", "parked", "refused", "missed", "last poll")
NEVER: Final = "-"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def listed() -> int:
    """Print one line for each source that has a secret, a token, a policy entry or responses; times are in UTC."""
    settings = read_settings(needs_slack=False)
    with database(settings) as db:
        rows, problems = _rows(db, settings, at=wall_clock())
    if not rows:
        print("No survey tool is connected. Set WEBHOOK_SECRET_<SOURCE>; .env.example says how.")
        return 0
    widths = [max(len(row[n]) for row in (TITLES, *rows)) for n in range(len(TITLES))]
    for row in (TITLES, *rows):
        print("  ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)).rstrip())
        for problem in problems.get(row[0], ()):
            print(f"    {problem}")
    return 0


def _rows(db: Database, settings: Settings, *, at: datetime) -> tuple[list[tuple[str, ...]], dict[str, list[str]]]:
    states, arrivals = db.read_now(sources.states), db.read_now(sources.arrivals)
    parked, unfetched = db.read_now(sources.parked_by_source), db.read_now(sources.unfetched)
    in_policy = db.read_now(policies.latest)
    named = {entry.name for entry in load(in_policy.text).sources} if in_policy else set()
    own = {*settings.webhook_secrets, *settings.api_tokens} & ADAPTERS.keys()
    known = own | named | states.keys() | arrivals.keys() | parked.keys() | unfetched.keys()
    rows, problems = [], {}
    for name in sorted(known):
        state = states.get(name) or SourceState(name=name)
        rows.append(_row(state, arrivals.get(name), parked.get(name, 0), at=at))
        problems[name] = [*_problems(state, unfetched.get(name))]
    return rows, problems


def _row(state: SourceState, came: Arrivals | None, parked: int, *, at: datetime) -> tuple[str, ...]:
    return (
        state.name,
        f"{_ago(came.last_at, at=at)} ({came.count:,} in all)" if came else NEVER,
        f"every {_length(timedelta(seconds=median(state.gaps)))}" if state.gaps else NEVER,
        str(parked or NEVER),
        f"{state.refused:,} ({_ago(state.refused_at, at=at)})" if state.refused and state.refused_at else NEVER,
        str(state.missed or NEVER),
        _ago(state.polled_at, at=at) if state.polled_at else NEVER,
    )


def _problems(state: SourceState, unfetched: tuple[int, str | None] | None) -> list[str]:
    said = [f"silent since {state.silent_at:%Y-%m-%d %H:%M}"] if state.silent_at else []
    if state.problem:
        said.append(state.problem)
    if unfetched is not None:
        count, problem = unfetched
        said.append(f"{count:,} still to be asked for{f': {problem}' if problem else '.'}")
    return said


def _ago(then: datetime, *, at: datetime) -> str:
    return f"{then:%Y-%m-%d %H:%M}, {_length(at - then)} ago"


def _length(time: timedelta) -> str:
    for unit, word in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if time >= 2 * unit:
            return f"{time / unit:.0f} {word}"
    return f"{max(time.total_seconds(), 0):.0f} s"
