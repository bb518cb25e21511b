"""Taking the report along: every response as CSV, in pieces, and the figures as JSON."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any, Final

from starlette.responses import Response, StreamingResponse

from bot.web.pages import HEADERS
from storage.database import Database
from workflows.figures import rows
from workflows.figures_shapes import Figures, ListedRow

COLUMNS: Final = (
    "response_id", "submitted_at", "metric", "score", "high_end", "band", "touchpoint", "segment", "customer", "account",
    "comment", "case_id", "state", "department", "owner", "root_cause", "excuse", "opened_at", "claimed_at",
    "contacted_at", "closed_at",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
AT_ONCE: Final = 2_000
"""So many rows are read by one short transaction: whoever downloads slowly holds nothing up."""
"""E
true
