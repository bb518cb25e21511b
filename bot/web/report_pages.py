"""What the report's pages show: figures, tables and charts, made of what was read. Nothing here reads anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.links import ROOT
from bot.slack.views import lines
from bot.slack.views.customer import full_name
from bot.web import charts, tiles
from bot.web.entrance import LEAVE
from bot.web.from_slack import html_of
from bot.web.query import NONE, PERIODS, Query
from storage.casefile import CaseFile
from workflows.entrance import Visitor
from workflows.figures_definitions import DEFINITIONS
from workflows.figures_period import Period
from workflows.figures_shapes import DIMENSIONS, Figures, Group, Point
from workflows.permission import department_name
from workflows.policy import Policy

LIST: Final = f"{ROOT}/list"
CASE: Final = f"{ROOT}/case"
CSV: Final = f"{ROOT}/export.csv"
JSON: Final = f"{ROOT}/export.json"
GROUPS_SHOWN: Final = 12
DIMENSION_NAMES: Final = {
    "department": "Department",
    "touchpoint": "Touchpoint",
    "segment": "Segment",
    "owner": "Owner",
    "root_cause": "Root cause",
}
LIST_NAMES: Final = {
    "low": "All low responses",
    "told": "Told what changed",
    "open": "Not told yet",
    "funnel": "Unhappy and can be told",
    "claimed": "Claimed",
    "contacted": "Contacted",
    "resolved": "Resolved",
    "claim_late": "Claimed late, or not yet though the limit is over",
    "contact_late": "Contacted late, or not yet though the limit is over",
    "tell_late": "Told late, or not yet though the limit is over",
    "claim_kept": "Claimed in time",
    "contact_kept": "Contacted in time",
    "tell_kept": "Told in time",
    "responses": "All responses",
}
FUNNEL: Final = frozenset({"claimed", "contacted", "resolved", "told"})
STAGE_LISTS: Final = {"low": "funnel"}
STAGE_NAMES: Final = {
    "low": "Unhappy and can be told",
    "claimed": "Claimed",
    "contacted": "Contacted",
    "resolved": "Resolved",
    "told": "Told what changed",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What every page of the report starts from: who asks, for what, and when."""

    visitor: Visitor
    query: Query
    policy: Policy
    at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The team's, in which days and times are shown."""
        return ZoneInfo(self.policy.team.timezone)


def name_of(key: str) -> str:
    """Name a list by its key; KeyError for one that there is none of."""
    return LIST_NAMES[key] if key in LIST_NAMES else DEFINITIONS[key].name


def text_of(key: str) -> str:
    """Say what the figure behind a list means; nothing where its name says it all."""
    of = "in_limit" if key.endswith(("_kept", "_late")) else "funnel" if key in FUNNEL else key
    return DEFINITIONS[of].text if of in DEFINITIONS else ""


def period_of(asked: Asked) -> Period:
    """Give the period that is asked for."""
    return asked.query.period(at=asked.at, zone=asked.zone)


def frame_of(asked: Asked) -> dict[str, Any]:
    """Give what every page's head shows."""
    first, last = period_of(asked).days(asked.zone)
    return {
        "team": asked.policy.team.name,
        "visitor": asked.visitor,
        "leave": LEAVE,
        "home": asked.query.address(ROOT),
        "period_name": f"{_day(first)} to {_day(last)}",
        "at": _time(asked.at, asked.zone),
        "zone": asked.zone.key,
        "time": lambda moment: _time(moment, asked.zone) if moment else tiles.NOTHING,
        "department_name": lambda key: department_name(asked.policy, key),
        "case_path": CASE,
        "query": asked.query,
    }


def report_page(asked: Asked, found: Figures, names: dict[str, str]) -> dict[str, Any]:
    """Give what `report.html` shows; `names` of owners by id."""
    query, loops = asked.query, found.now.loops
    first, last = found.period.days(asked.zone)
    return {
        **frame_of(asked),
        "periods": [(days, query_with(query, days).address(ROOT), query.days == days) for days in PERIODS],
        "first": first.isoformat(),
        "last": last.isoformat(),
        "choices": _choices(asked, found, names),
        "tiles": [(tile, query.address(LIST, figure=tile.key)) for tile in tiles.tiles(found)],
        "funnel": _funnel(found, query),
        "beside": [
            (DEFINITIONS[key].name, getattr(loops, key), query.address(LIST, figure=key))
            for key in ("excused", "anonymous", "history")
        ],
        "times": [
            (tiles.TIME_NAMES[clock], of.wall.count, *tiles.spread(of.wall), *tiles.spread(of.working))
            for clock, of in found.now.times.items()
        ],
        "charts": list(_charts(found)),
        "tables": [_table(asked, found, dimension, names) for dimension in DIMENSIONS if found.by.get(dimension)],
        "definitions": DEFINITIONS.values(),
        "csv": query.address(CSV),
        "json": query.address(JSON),
    }


def query_with(query: Query, days: int) -> Query:
    """Ask for the same with another period."""
    return Query(query.filters, days)


def _funnel(found: Figures, query: Query) -> list[tuple[str, int, Any, str]]:
    whole = found.now.loops.tellable
    return [
        (
            STAGE_NAMES[stage],
            count,
            charts.share_bar(count, whole, words=f"{count} of {whole}"),
            query.address(LIST, figure=STAGE_LISTS.get(stage, stage)),
        )
        for stage, count in found.now.loops.funnel
    ]


def _choices(asked: Asked, found: Figures, names: dict[str, str]) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Give the selects of the form: name, label, and its options (value, label, is chosen)."""
    chosen = asked.query.filters
    policy, visitor = asked.policy, asked.visitor
    departments = [(one.key, one.name) for one in policy.departments if visitor.may_see(one.key)]
    options: dict[str, list[tuple[str, str]]] = {
        "department": departments,
        "touchpoint": _keys(found.by.get("touchpoint", ())),
        "segment": _keys(found.by.get("segment", ())),
        "owner": [(key, names.get(key, label)) for key, label in _keys(found.by.get("owner", ()))],
        "root_cause": _keys(found.by.get("root_cause", ())),
        "metric": list(tiles.METRIC_NAMES.items()),
    }
    shown = []
    for name, found_options in options.items():
        now = getattr(chosen, name)
        value = None if now is None else now or NONE
        listed = [(key or NONE, label) for key, label in found_options]
        if value is not None and value not in {key for key, _ in listed}:
            listed.append((value, value))
        everything = [] if name == "department" and visitor.departments is not None else [("", "all", value is None)]
        label = DIMENSION_NAMES.get(name, "Survey")
        shown.append((name, label, [*everything, *((key, text, key == value) for key, text in listed)]))
    return shown


def _keys(groups: Sequence[Group]) -> list[tuple[str, str]]:
    return [(group.key, group.key or "none") for group in groups]


def _table(asked: Asked, found: Figures, dimension: str, names: dict[str, str]) -> dict[str, Any]:
    """Give the table of one dimension: a line a group, each leading to the report of that group alone."""

    def label(key: str) -> str:
        if not key:
            return "nobody" if dimension == "owner" else "none"
        if dimension == "department":
            return department_name(asked.policy, key)
        return names.get(key, key) if dimension == "owner" else key

    groups = found.by[dimension]
    lines_shown = [
        {
            "label": label(group.key),
            "address": asked.query.address(ROOT, **{dimension: group.key or NONE}),
            "low": group.loops.low,
            "told": tiles.percent(group.loops.told_rate),
            "bar": charts.share_bar(
                group.loops.told, group.loops.tellable, words=f"{group.loops.told} of {group.loops.tellable} told"
            ),
            "beside": group.loops.excused + group.loops.anonymous,
            "in_limit": tiles.percent(group.loops.in_limit["contact"]),
            "scores": {metric: tiles.score_value(score) for metric, score in group.scores.items()},
        }
        for group in groups[:GROUPS_SHOWN]
    ]
    return {
        "name": DIMENSION_NAMES[dimension],
        "lines": lines_shown,
        "more": max(len(groups) - GROUPS_SHOWN, 0),
        "metrics": [metric for metric in tiles.METRIC_NAMES if any(metric in group.scores for group in groups)],
        "metric_names": tiles.METRIC_NAMES,
    }


def _charts(found: Figures) -> Sequence[tuple[str, Any]]:
    """Draw what changes over the period."""
    points = found.over_time
    told = [
        charts.Dot(
            _short(point.first),
            None if point.loops.told_rate.value is None else point.loops.told_rate.value * 100,
            f"{_span(point)}: {tiles.percent(point.loops.told_rate)} told, of {point.loops.tellable}",
        )
        for point in points
    ]
    drawn: list[tuple[str, Any]] = [
        ("Told-rate, %", charts.line_chart(told, title="Told-rate", low=0, high=100)),
        ("Low responses", charts.bar_chart([_bar(point) for point in points], title="Low responses")),
    ]
    for metric, name in tiles.METRIC_NAMES.items():
        scored = [point.scores.get(metric) for point in points]
        values = [score for score in scored if score is not None and score.value is not None]
        if not values:
            continue
        dots = [
            charts.Dot(
                _short(point.first),
                score.value if score else None,
                f"{_span(point)}: {tiles.score_value(score)}, {tiles.plural(score.count, 'answer')}" if score else "",
                score.margin if score else None,
            )
            for point, score in zip(points, scored, strict=True)
        ]
        low, high = (-100.0, 100.0) if metric == "nps" else (0.0, 100.0)
        if metric == "ces" and values[0].scale is not None:
            low, high = values[0].scale[:2]
        drawn.append((f"{name}, with its margin of error", charts.line_chart(dots, title=name, low=low, high=high)))
    return drawn


def _bar(point: Point) -> charts.Bar:
    loops = point.loops
    still = max(loops.tellable - loops.told, 0)
    beside = loops.excused + loops.anonymous + loops.history
    words = f"{_span(point)}: {loops.told} told, {still} open, {beside} excused, anonymous or history"
    return charts.Bar(_short(point.first), (("told", loops.told), ("open", still), ("beside", beside)), words)


def case_page(asked: Asked, file: CaseFile) -> dict[str, Any]:
    """Give what `case.html` shows of a file, which is veiled already for who may not see all of it."""
    names = {member.id: member.name for member in file.members.values()}

    def html(text: str) -> Any:
        return html_of(text, names=names, zone=asked.zone)

    return {
        "case": file.case,
        "who": html(full_name(file)),
        "owner": names.get(file.case.owner or "", file.case.owner or "nobody"),
        "responses": file.responses,
        "tasks": [(task, names.get(task.owner or "", task.owner or "nobody")) for task in file.tasks],
        "timeline": [
            (event.at, html(lines.said(file, event, policy=asked.policy)), lines.words_of(file, event))
            for event in file.events
        ],
    }


def _span(point: Point) -> str:
    return _day(point.first) if point.first == point.last else f"{_day(point.first)} to {_day(point.last)}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"
