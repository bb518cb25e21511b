"""The report in the browser: figures of a period, the list behind each, one case with its timeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.links import ROOT
from bot.policies import PolicyInForce
from bot.slack.views import lines
from bot.slack.views.customer import full_name, veiled
from bot.web import charts, tiles
from bot.web.entrance import LEAVE, EntranceDoor
from bot.web.from_slack import html_of
from bot.web.pages import page, refusal_page
from bot.web.query import NONE, PERIODS, Query, query_of
from storage import members
from storage.casefile import CaseFile, case_file
from storage.database import Database
from workflows import figures
from workflows.entrance import Visitor
from workflows.figures_definitions import DEFINITIONS
from workflows.figures_shapes import DIMENSIONS, Figures, Group, ListPage, Point
from workflows.permission import department_name
from workflows.policy import Policy

LIST: Final = f"{ROOT}/list"
CASE: Final = f"{ROOT}/case"
CSV: Final = f"{ROOT}/export.csv"
JSON: Final = f"{ROOT}/export.json"
NO_CASE: Final = "There is no such case, or it belongs to a department that isn't yours. Go back to the report."
NO_FIGURE: Final = "The report has no such figure. Go back to it and choose another."
GROUPS_SHOWN: Final = 12
DIMENSION_NAMES: Final = {
    "department": "Department",
    "touchpoint": "Touchpoint",
    "segment": "Segment",
    "owner": "Owner",
    "root_cause": "Root cause",
}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDoor:
    """GET /report and the pages below it, each for who is signed in."""

    db: Database
    policy: PolicyInForce
    clock: Callable[[], datetime]
    entrance: EntranceDoor

    def routes(self) -> list[Route]:
        """Give the routes."""
        guarded = self.entrance.guarded
        return [
            Route(ROOT, guarded(self.report)),
            Route(LIST, guarded(self.behind)),
            Route(f"{CASE}/{{number:int}}", guarded(self.case)),
        ]

    async def report(self, request: Request, visitor: Visitor) -> Response:
        """Show the figures of a period."""
        asked = self._asked(request, visitor)

        def read(session: Session) -> tuple[Figures, dict[str, str]]:
            found = figures.figures(
                session, policy=asked.policy, period=_period(asked), filters=asked.query.filters, at=asked.at
            )
            return found, members.names(session, [group.key for group in found.by["owner"] if group.key])

        found, names = await self.db.read(read)
        return page("report.html", **_report(asked, found, names))

    async def behind(self, request: Request, visitor: Visitor) -> Response:
        """Show the responses and cases behind one figure."""
        asked, key = self._asked(request, visitor), request.query_params.get("figure", "")
        if key.partition(":")[0] not in DEFINITIONS:
            return refusal_page(NO_FIGURE, status=404)
        after = request.query_params.get("after")

        def read(session: Session) -> tuple[ListPage, dict[str, str]]:
            found = figures.behind(
                session,
                key,
                policy=asked.policy,
                period=_period(asked),
                filters=asked.query.filters,
                at=asked.at,
                after=after,
            )
            return found, members.names(session, [row.owner for row in found.rows if row.owner])

        try:
            found, names = await self.db.read(read)
        except ValueError:
            return refusal_page(NO_FIGURE, status=404)
        definition = DEFINITIONS[key.partition(":")[0]]
        following = asked.query.address(LIST, figure=key, after=found.next) if found.next else None
        return page(
            "list.html",
            **_frame(asked),
            figure=key,
            definition=definition,
            rows=found.rows,
            names=names,
            following=following,
        )

    async def case(self, request: Request, visitor: Visitor) -> Response:
        """Show one case with its timeline."""
        asked, number = self._asked(request, visitor), int(request.path_params["number"])
        if number > 2**31:
            return refusal_page(NO_CASE, status=404)
        file = await self.db.read(lambda session: case_file(session, number))
        if file is None or not (visitor.may_see(file.case.department) or file.case.owner == visitor.member):
            return refusal_page(NO_CASE, status=404)
        shown = file if visitor.departments is None or file.case.owner == visitor.member else veiled(file)
        return page("case.html", **_frame(asked), **_case(asked, shown))

    def _asked(self, request: Request, visitor: Visitor) -> Asked:
        return Asked(visitor, query_of(request.query_params, visitor), self.policy(), self.clock())


def _period(asked: Asked) -> Any:
    return asked.query.period(at=asked.at, zone=asked.zone)


def _frame(asked: Asked) -> dict[str, Any]:
    """Give what every page's head shows."""
    first, last = _period(asked).days(asked.zone)
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


def _report(asked: Asked, found: Figures, names: dict[str, str]) -> dict[str, Any]:
    query, loops = asked.query, found.now.loops
    first, last = found.period.days(asked.zone)
    return {
        **_frame(asked),
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
            query.address(LIST, figure=f"funnel:{stage}"),
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


def _case(asked: Asked, file: CaseFile) -> dict[str, Any]:
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
