"""One crash run from the first response to the verdict."""

import asyncio
import contextlib
import random
import re
import socket
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.database import Database
from tests.crash import people as team
from tests.crash import town, verdict
from tests.crash.outside import Outside, outside
from tests.crash.people import People
from tests.crash.survey_tool import SurveyTool, answers
from tests.crash.victim import Victim
from workflows.policy import load

# Of a hundred kills so many come while it starts: an upgrade may be under way, or the first claim of the outbox.
WHILE_STARTING: Final = 10
LONGEST_START: Final = 1.5
# Those that aren't aimed come a little after an answer.
LATER: Final = 0.15
# The thread that strikes must not wait for the others of this process.
SWITCH_SECONDS: Final = 0.0005
STUCK_AFTER: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to happen."""

    responses: int
    kills: int
    seed: int
    folder: Path
    database: str
    variant: str = "sound"
    aimed: float = 0.6
    """The share of kills that come the moment an answer is heard: whoever answers before committing is caught there."""
    hold_commits: float = 0.01
    """Seconds for which each transaction is held open before its commit, as on a disk that takes its time."""
    do_reply: bool = False
    """Whether people write into the threads of cards, too."""
    say: Callable[[str], None] = print


class StuckError(RuntimeError):
    """The outbox doesn't become empty."""


async def crash(plan: Plan) -> bool:
    """Run it, and print the table. Tells whether nothing was lost or doubled."""
    begun = time.monotonic()
    sys.setswitchinterval(SWITCH_SECONDS)
    port = _free_port()
    async with outside(plan.folder, port=port, database=plan.database) as around, _victim(plan, around) as victim:
        tool = SurveyTool(answers(plan.responses, seed=plan.seed), address=around.hearback, seed=plan.seed)
        people = People(around, seed=plan.seed, do_reply=plan.do_reply)
        await _through_the_kills(plan, victim, tool, people)
        loaded = time.monotonic() - begun
        plan.say(f"Everything is answered after {loaded:.0f} s; waiting until everything is sent.")
        db = Database(plan.database)
        try:
            unclear = await _until_quiet(plan, around, people, db)
            policy = load(town.policy())
            promises = people.ledger.promises
            checks = await asyncio.get_running_loop().run_in_executor(
                None,
                db.read_now,
                lambda session: list(verdict.verdict(session, tool.answers, promises, around, policy=policy)),
            )
        finally:
            db.close()
        status = await victim.stop()
    checks.append(verdict.Check("it stops in good order when asked", 1, [f"status {status}"] if status else []))
    seconds = time.monotonic() - begun
    counts: dict[str, object] = {
        "database": plan.database.partition(":")[0],
        "variant": plan.variant,
        "seed": plan.seed,
        "kills": victim.kills,
        "start to ready, median and longest": f"{statistics.median(victim.starts):.2f} s, {max(victim.starts):.2f} s",
        "responses": len(tool.answered),
        "requests for them": f"{tool.sent}, of these {tool.unanswered} unanswered, {tool.refused} refused",
        "moves acked": people.ledger.acked(),
        "presses for them": ", ".join(f"{count} {what}" for what, count in sorted(people.ledger.presses.items())),
        "mails of which a person had to say": unclear,
        "refused by Slack": len(around.workspace.refusals),
        "warnings in the log": len(victim.complaints()),
        "time under load, and until all was sent": f"{loaded:.0f} s, {seconds:.0f} s",
    }
    plan.say(verdict.table(checks, counts))
    for line, times in Counter(_without_numbers(one) for one in victim.complaints()).most_common(5):
        plan.say(f"      in the log, {times} times: {line}")
    is_whole = not any(check.problems for check in checks)
    plan.say(f"\n  {'NOTHING LOST, NOTHING DOUBLED' if is_whole else 'SOMETHING WAS LOST OR DOUBLED'}")
    return is_whole


async def _through_the_kills(plan: Plan, victim: Victim, tool: SurveyTool, people: People) -> None:
    """Send and press for as long as there are answers to send, and kill meanwhile."""
    killed = False

    async def kill() -> None:
        nonlocal killed
        await _kill_again_and_again(plan, victim, tool)
        killed = True

    def is_over() -> bool:
        return killed and len(tool.answered) == len(tool.answers)

    async with asyncio.TaskGroup() as going:
        going.create_task(kill())
        going.create_task(tool.send_all())
        going.create_task(people.work(is_over))


async def _kill_again_and_again(plan: Plan, victim: Victim, tool: SurveyTool) -> None:
    chance = random.Random(f"kills {plan.seed}")
    # Moments are counted in answers: spread at random over the whole load, whatever the speed of the machine.
    moments = sorted(chance.randrange(1, max(2, int(plan.responses * 0.95))) for _ in range(plan.kills))
    for number, moment in enumerate(moments, 1):
        await victim.start()
        if chance.randrange(100) < WHILE_STARTING and plan.aimed < 1:
            await asyncio.sleep(chance.uniform(0, LONGEST_START))
            victim.strike()
        else:
            await victim.until_ready()
            await tool.until(max(moment, len(tool.answered) + 1))
            if chance.random() >= plan.aimed or not await tool.aim(victim.strike):
                await asyncio.sleep(chance.expovariate(1 / LATER))
                victim.strike()
        await victim.gone()
        if number % max(1, plan.kills // 10) == 0:
            plan.say(f"{number} kills, {len(tool.answered)} responses answered")
    victim.environment["CRASH_HOLD_COMMITS"] = "0"  # this one stays alive
    await victim.start()
    await victim.until_ready()


async def _until_quiet(plan: Plan, around: Outside, people: People, db: Database) -> int:
    """Wait until everything has been told and sent, and people have settled what only they can."""
    unclear = 0
    while True:
        await around.slack.wire.settle()
        await _until_sent(plan, db)
        if team.is_quiet(around):
            return unclear
        unclear += await people.settle_unclear()


async def _until_sent(plan: Plan, db: Database) -> None:
    fewest, since = verdict.left(db), time.monotonic()
    said_at = since
    while waiting := await asyncio.get_running_loop().run_in_executor(None, verdict.left, db):
        now = time.monotonic()
        if waiting < fewest:
            fewest, since = waiting, now
        if now - since > STUCK_AFTER:
            raise StuckError(f"{waiting} intents are not sent, and none has been for {STUCK_AFTER:g} seconds.")
        if now - said_at > 30:
            said_at = now
            plan.say(f"{waiting} are still to be sent")
        await asyncio.sleep(0.3)


@contextlib.asynccontextmanager
async def _victim(plan: Plan, around: Outside) -> AsyncIterator[Victim]:
    broken = {"CRASH_VARIANT": plan.variant, "CRASH_HOLD_COMMITS": str(plan.hold_commits)}
    victim = Victim(around.environment | broken, address=around.hearback, log=plan.folder / "hearback.log")
    try:
        yield victim
    finally:
        await victim.stop()


def _without_numbers(line: str) -> str:
    """Make lines of the log that differ in their time and their numbers only the same."""
    return re.sub(r"\d+", "#", line)[24:180]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
