"""The report in the browser: figures of a period, the list behind each, one case with its timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.links import ROOT
from bot.policies import PolicyInForce
from bot.slack.views.customer import veiled
from bot.web import exports
from bot.web.entrance import EntranceDoor
from bot.web.exports import shown_customer
from bot.web.pages import page, refusal_page
from bot.web.query import query_of
from bot.web.report_pages import (
    CASE,
    CSV,
    JSON,
    LIST,
    Asked,
    case_page,
    frame_of,
    name_of,
    period_of,
    report_page,
    text_of,
)
from storage import members
from storage.casefile import case_file
from storage.database import Database
from workflows import figures, figures_lists
from workflows.entrance import Visitor
from workflows.figures_shapes import Figures, ListPage
from workflows.refusal import Refusal

NO_CASE: Final = "There is no such case, or it belongs to a department that isn't yours. Go back to the report."


Listed = tuple[ListPage, dict[str, str]]
"""A page of a list, and its owners' names by id."""


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
            Route(CSV, guarded(self.csv)),
            Route(JSON, guarded(self.json)),
            Route(f"{CASE}/{{number:int}}", guarded(self.case)),
        ]

    async def report(self, request: Request, visitor: Visitor) -> Response:
        """Show the figures of a period."""
        asked = self._asked(request, visitor)

        def read(session: Session) -> tuple[Figures, dict[str, str]]:
            found = _figures(session, asked)
            return found, members.names(session, [group.key for group in found.by["owner"] if group.key])

        found, names = await self.db.read(read)
        return page("report.html", **report_page(asked, found, names))

    async def behind(self, request: Request, visitor: Visitor) -> Response:
        """Show the responses and cases behind one figure."""
        asked, key = self._asked(request, visitor), request.query_params.get("figure", "")
        after = request.query_params.get("after")

        try:
            found, names = await self.db.read(lambda session: _list(session, asked, key, after=after))
        except Refusal as refusal:
            return refusal_page(refusal.sentence, status=404)
        following = asked.query.address(LIST, figure=key, after=found.next) if found.next else None
        rows = [(row, *shown_customer(row)) for row in found.rows]
        return page(
            "list.html",
            **frame_of(asked),
            name=name_of(key),
            rows=rows,
            names=names,
            following=following,
            text=text_of(key),
        )

    async def case(self, request: Request, visitor: Visitor) -> Response:
        """Show one case with its timeline."""
        asked, number = self._asked(request, visitor), int(request.path_params["number"])
        if number > 2**31:
            return refusal_page(NO_CASE, status=404)
        file = await self.db.read(lambda session: case_file(session, number))
        if file is None or not (visitor.may_see(file.case.department) or file.case.owner == visitor.member):
            return refusal_page(NO_CASE, status=404)
        # Managers may know who answered in confidence, but by the button in Slack: each look is written down there.
        return page("case.html", **frame_of(asked), **case_page(asked, veiled(file)))

    async def csv(self, request: Request, visitor: Visitor) -> Response:
        """Give all responses of the period; where only a case can tell them apart, the low ones."""
        asked = self._asked(request, visitor)
        what = figures_lists.LOW if asked.query.filters.is_of_cases else figures_lists.RESPONSES

        def read(session: Session, after: str | None) -> Listed:
            return _list(session, asked, what, after=after, size=exports.AT_ONCE)

        return exports.csv_of(self.db, read, name=f"hearback-{asked.at:%Y-%m-%d}.csv")

    async def json(self, request: Request, visitor: Visitor) -> Response:
        """Give the figures of the page."""
        asked = self._asked(request, visitor)
        found = await self.db.read(lambda session: _figures(session, asked))
        return exports.json_of(found)

    def _asked(self, request: Request, visitor: Visitor) -> Asked:
        return Asked(visitor, query_of(request.query_params, visitor), self.policy(), self.clock())


def _figures(session: Session, asked: Asked) -> Figures:
    return figures.figures(
        session, policy=asked.policy, period=period_of(asked), filters=asked.query.filters, at=asked.at
    )


def _list(session: Session, asked: Asked, key: str, *, after: str | None, size: int = figures_lists.PAGE) -> Listed:
    found = figures_lists.behind(
        session,
        key,
        policy=asked.policy,
        period=period_of(asked),
        filters=asked.query.filters,
        at=asked.at,
        after=after,
        size=size,
    )
    return found, members.names(session, sorted({row.owner for row in found.rows if row.owner}))
