"""Exports rows as the report page does, in a process of its own, so that its memory can be measured."""

import asyncio
import sys
from datetime import timedelta

from sqlmodel import Session
from starlette.responses import StreamingResponse

from bot.web.exports import AT_ONCE, csv_of
from storage.database import Database
from tests.bench.house import policy_text
from tests.bench.most_memory import most_memory_kb
from tests.bench.rows_of_years import today
from workflows import figures
from workflows.entrance import Visitor
from workflows.figures import Filters, ListPage, Period
from workflows.policy import load


async def main(url: str, count: int) -> None:
    """Write nothing, but make every byte of the file."""
    db, at, policy = Database(url), today(), load(policy_text())
    period = Period(at - timedelta(days=4_000), at + timedelta(days=1))

    def read(session: Session, after: str | None) -> tuple[ListPage, dict[str, str]]:
        how = {"policy": policy, "period": period, "filters": Filters(), "at": at}
        return figures.behind(session, "responses", **how, after=after, size=AT_ONCE), {}

    answer = csv_of(db, read, visitor=Visitor("UANA", "Ana", None), name="all.csv")
    assert isinstance(answer, StreamingResponse)
    lines = 0
    async for piece in answer.body_iterator:
        lines += bytes(piece).count(b"\r\n") if not isinstance(piece, str) else 0
    assert lines == count + 1, lines
    db.close()
    print(most_memory_kb())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
