"""`digest list | show | run`: what is posted again and again, for whoever keeps the time elsewhere, such as cron."""

import sys
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.slack.plain import mentioned, plain
from bot.slack.views import digest_modals, digests
from bot.slack.views.charts import in_words
from bot.slack.views.message import Message
from storage import members, schedules
from storage.time_tables import Schedule
from workflows import digests as turns
from workflows.digest_facts import place_of, with_something_to_do
from workflows.digest_pack import preview
from workflows.policy import Policy


def listed() -> int:
    """List the digests: when each comes next, and what became of the last."""
    with database() as db:
        policy, _ = policy_in_force(db)
        found = db.read_now(schedules.listed)
    for one in found:
        schedule = one.schedule
        comes = _local(schedule) if schedule.is_on else "switched off"
        last = f"{one.last.state} {one.last.slot}" if one.last else "not posted yet"
        skipped = f", {one.skipped} skipped since" if one.skipped else ""
        to = "direct messages" if schedule.kind == "my_morning" else place_of(schedule, policy) or "nowhere"
        print(f"{schedule.name}\t{schedule.kind}\t{to}\tnext {comes}\tlast {last}{skipped}")
    none = "There are no digests. Add a [[digest]] to the policy, or type /loop digests."
    print(f"{len(found)} digests." if found else none)
    return 0


def show(name: str) -> int:
    """Print one digest: when it comes, and what it would tell now."""
    with database() as db:
        policy, _ = policy_in_force(db)
        return db.read_now(lambda session: _show(session, name, policy))


def run(name: str, *, is_dry: bool) -> int:
    """Post the latest slot of a digest, once: a second run says so. `is_dry` only prints what it would tell."""
    if is_dry:
        return show(name)
    with database() as db:
        policy, _ = policy_in_force(db)
        ran = db.write_now(lambda session: _run(session, name, policy))
    if ran is None:
        return _unknown(name)
    if ran.state == "skipped":
        print(f"It has no channel to go to. Give “{name}” one, in the policy or by /loop digests.", file=sys.stderr)
        return 1
    said = {"posted": "posted", "empty": "not posted: there is nothing to tell"}[ran.state]
    print(f"{name}, {ran.slot}: {said}." if ran.is_new else f"{name}, {ran.slot}: was {said} before; nothing to do.")
    return 0


def _run(session: Session, name: str, policy: Policy) -> turns.Ran | None:
    schedule = schedules.named(session, name)
    if schedule is None or schedule.id is None:
        return None
    return turns.run_slot(session, schedule.id, policy=policy, at=wall_clock())


def _show(session: Session, name: str, policy: Policy) -> int:
    schedule = schedules.named(session, name)
    if schedule is None:
        return _unknown(name)
    at = wall_clock()
    days = digest_modals.days_in_words(schedule.days)
    print(f"{schedule.name}: {digests.KINDS[schedule.kind]}, {days} at {schedule.hour} ({schedule.timezone})")
    for slot in turns.preview_times(turns.plan_of(schedule), at=at):
        print(f"  {slot.local.replace('T', ' ')}")
    if schedule.kind == "my_morning":
        people = with_something_to_do(session, at=at)
        print(f"\nIt would go to {', '.join(members.names(session, people).values()) or 'nobody'}.")
        return 0
    found = preview(session, schedule, policy=policy, at=at, member="")
    print("\n" + _in_plain_text(session, digests.post(found, policy=policy)))
    return 0


def _in_plain_text(session: Session, message: Message) -> str:
    texts = [text for block in in_words(message.blocks) for text in _texts(block)]
    wanted = [one for text in texts for one in mentioned(text)]
    names = members.names(session, wanted)
    return "\n".join(plain(text, names) for text in texts)


def _texts(block: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of a block, leaving out what can be pressed."""
    if block["type"] == "rich_text":
        yield "  “" + block["elements"][0]["elements"][0]["text"] + "”"
    elif block["type"] in {"section", "header"}:
        yield str(block["text"]["text"])
    elif block["type"] == "context":
        yield from (str(one["text"]) for one in block["elements"])


def _local(schedule: Schedule) -> str:
    assert schedule.next_at is not None
    return f"{schedule.next_at.astimezone(ZoneInfo(schedule.timezone)):%Y-%m-%d %H:%M} {schedule.timezone}"


def _unknown(name: str) -> int:
    print(f"There is no digest “{name}”. See those that there are: python -m bot digest list", file=sys.stderr)
    return 1
