"""Taking the report along: every response as CSV, in pieces, and the figures as JSON."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from bot.web.pages import HEADERS
from storage.database import Database
from workflows.figures_shapes import Figures, ListedRow, ListPage, Share

COLUMNS: Final = (
    "response", "submitted_at", "metric", "score", "high_end", "band", "touchpoint", "segment", "customer", "account",
    "comment", "case", "state", "department", "owner", "root_cause", "excuse", "opened_at", "claimed_at",
    "contacted_at", "closed_at",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
AT_ONCE: Final = 2_000
"""So many rows are read by one short transaction: whoever downloads slowly holds nothing up, and nothing piles up."""

Read = Callable[[Session, str | None], tuple[ListPage, Mapping[str, str]]]


def csv_of(db: Database, read: Read, *, name: str) -> Response:
    """Stream the rows of a list, page after page, as a file that is safe to open in a spreadsheet."""

    async def pieces() -> AsyncIterator[bytes]:
        # The mark at the beginning is how spreadsheets know UTF-8.
        yield _written([COLUMNS]).encode("utf-8-sig")
        after: str | None = None
        while True:
            at = after
            page, names = await db.read(lambda session: read(session, at))  # noqa: B023 -- it is awaited at once
            yield _written(_cells(row, names) for row in page.rows).encode()
            if page.next is None:
                return
            after = page.next

    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


def json_of(found: Figures) -> Response:
    """Give all figures of a period, named as the definitions name them; times in ISO 8601, shares from 0 to 1."""
    text = json.dumps(_plain(found), ensure_ascii=False, indent=1)
    return Response(text, media_type="application/json", headers=HEADERS)


def shown_customer(row: ListedRow) -> tuple[str, str]:
    """Give a customer's name and account. Who answered in confidence is revealed in Slack only, with a record of it."""
    if row.contactability in {"anonymous", "confidential"}:
        return f"{row.contactability.capitalize()} customer", ""
    return row.customer or f"Customer {row.customer_id}", row.account or ""


def safe(cell: object) -> object:
    """Give a cell that no spreadsheet runs: text that begins like a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _cells(row: ListedRow, names: Mapping[str, str]) -> list[object]:
    customer, account = shown_customer(row)
    cells = [
        *(
            row.response_id,
            row.submitted_at,
            row.metric,
            row.score,
            row.high_end,
            row.band,
            row.touchpoint,
            row.segment,
        ),
        *(
            customer,
            account,
            row.comment,
            row.case_id,
            row.state,
            row.department,
            names.get(row.owner or "", row.owner),
        ),
        *(row.root_cause, row.excuse, row.opened_at, row.claimed_at, row.contacted_at, row.closed_at),
    ]
    return [safe(cell.isoformat() if isinstance(cell, datetime) else cell) for cell in cells]


def _written(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _plain(value: Any) -> Any:
    """Turn figures into what JSON knows; a share says its value as well."""
    if isinstance(value, Share):
        return {**asdict(value), "value": value.value}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
