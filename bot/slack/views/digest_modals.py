"""The modals of digests: which there are, one to be filled in, how it would look, and what is behind a figure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import progress, status
from bot.slack.views.blocks import Block, View, actions, button, context, divider, modal, section
from bot.slack.views.buttons import open_case
from bot.slack.views.charts import in_words
from bot.slack.views.digests import KINDS, post, without_buttons
from bot.slack.views.inputs import boxes, choice, conversation, form, hour, text_line
from bot.slack.views.text import day, inline, mention, plural, when
from storage.casefile import CaseFile
from storage.schedules import Listed
from storage.time_tables import Run, Schedule
from workflows.digest_editing import Wish
from workflows.digest_facts import place_of
from workflows.digest_pack import Pack
from workflows.policy import Policy
from workflows.slots import Slot

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHOWN: Final = 40
CASES: Final = 45
PREVIEW: Final = 60
WORKING_WEEK: Final = (0, 1, 2, 3, 4)


def digest_list(listed: Sequence[Listed], *, policy: Policy, can_change: bool) -> View:
    """List the digests: when each comes next, and what became of the last. Whoever may change them has buttons."""
    blocks: list[Block] = []
    if can_change:
        blocks += actions("digests:new", [button("New digest", ids.DIGEST_NEW, 0, style="primary")])
    for one in listed[:SHOWN]:
        schedule_id = one.schedule.id or 0
        blocks.append(section(digest_line(one, policy=policy)))
        moves = [button("Look", ids.DIGEST_LOOK, schedule_id)]
        if can_change:
            moves.append(button("Edit", ids.DIGEST_EDIT, schedule_id))
            off, on = ("Switch off", ids.DIGEST_OFF), ("Switch on", ids.DIGEST_ON)
            moves.append(button(*(off if one.schedule.is_on else on), schedule_id))
        blocks += actions(f"digest:{schedule_id}", moves)
    if not listed:
        blocks.append(section("There are none yet. The policy file may hold some as well, under `[[digest]]`."))
    if not can_change:
        blocks += [divider(), context("Managers and admins change what is posted when.")]
    return {**modal("Digests", blocks), "callback_id": ids.DIGESTS}


def digest_line(one: Listed, *, policy: Policy) -> str:
    """Say in some lines what a digest is, when it comes next, and what became of it last."""
    schedule = one.schedule
    comes = f"next {when(schedule.next_at)}" if schedule.is_on and schedule.next_at else "_switched off_"
    skipped = f" · ⚠️ *{plural(one.skipped, 'post')} skipped since*" if one.skipped else ""
    return (
        f"*{inline(schedule.name, 60)}* · {KINDS[schedule.kind]} → {where(schedule, policy)}\n"
        f"{days_in_words(schedule.days)} at {schedule.hour} ({inline(schedule.timezone, 40)}) · {comes}\n"
        f"{_last(one.last)}{skipped}{_origin(schedule)}"
    )


def digest_form(schedule: Schedule | None, *, policy: Policy, at: datetime, title: str) -> View:
    """Ask what is to be posted, where and when; `schedule` fills it in."""
    old = schedule or Schedule(
        name="",
        kind="department_daily",
        days=[*WORKING_WEEK],
        hour="09:00",
        timezone=policy.team.timezone,
        changed_by="",
        changed_at=at,
    )
    now = f"Now: {old.channel}. " if old.channel else ""
    departments = {one.key: one.name for one in policy.departments}
    blocks = [
        text_line("name", "Name", initial=old.name, placeholder="Support, every morning", most=60),
        choice("kind", "What does it tell?", KINDS, initial=old.kind),
        choice("department", "Of which department?", departments, initial=old.department, is_optional=True),
        conversation(
            "channel",
            "Where is it posted?",
            initial=old.channel if old.channel and not old.channel.startswith("#") else None,
            hint=f"{now}Left empty: the department's channel, else the managers'. Invite the bot there.",
            is_optional=True,
        ),
        boxes("days", "On which days?", {str(n): name for n, name in enumerate(WEEKDAYS)}, initial=map(str, old.days)),
        hour("hour", "At what time?", initial=old.hour),
        text_line("timezone", "In which time zone?", initial=old.timezone, placeholder="Europe/Berlin", most=60),
        boxes(
            "empty",
            "When there is nothing to tell",
            {"yes": "Post it all the same"},
            initial=["yes"] if old.posts_empty else [],
            is_optional=True,
        ),
    ]
    return form(ids.MODAL_DIGEST, metadata=old.id or 0, title=title, submit="Look at it", blocks=blocks)


def digest_draft(wish: Wish, times: Sequence[Slot], pack: Pack, *, metadata: str, policy: Policy) -> View:
    """Show how a digest would look before it is kept: its next times, and the post itself."""
    blocks = [section(f"*{inline(wish.name, 60)}* comes:\n{_times(times)}"), divider(), *_shown(pack, policy)]
    return form(ids.MODAL_DIGEST_DRAFT, metadata=metadata, title="How it looks", submit="Save", blocks=blocks)


def digest_look(schedule: Schedule, times: Sequence[Slot], pack: Pack, *, policy: Policy, can_post: bool) -> View:
    """Show how a digest would look if it were posted now; whoever may can post it."""
    comes = f"Its next times:\n{_times(times)}" if schedule.is_on else "It is switched off."
    blocks = [section(comes), divider(), *_shown(pack, policy)]
    if not can_post:
        return modal("How it looks", blocks)
    return form(
        ids.MODAL_DIGEST_POST, metadata=schedule.id or 0, title="How it looks", submit="Post now", blocks=blocks
    )


def figure_modal(
    title: str, definition: str, value: str, files: Sequence[CaseFile], count: int, *, policy: Policy, at: datetime
) -> View:
    """Show what a figure means, its value, and the cases behind it with a button each."""
    rows = [
        section(status.case_line(one, policy=policy, at=at), accessory=open_case(one.case)) for one in files[:CASES]
    ]
    left = count - len(rows)
    more = [context(f"_and {left} more_")] if left > 0 else []
    none = [] if rows else [context("_No case is behind it._")]
    return modal(title[:24], [section(value), context(definition), divider(), *rows, *more, *none])


def where(schedule: Schedule, policy: Policy) -> str:
    """Say where a digest goes."""
    if schedule.kind == "my_morning":
        return "everybody who has something to do"
    place = place_of(schedule, policy)
    shown = f"<#{place}>" if place and not place.startswith("#") else inline(place or "", 80)
    whose = f" ({progress.department(policy, schedule.department)})" if schedule.department else ""
    return (shown or "*nowhere: choose a channel*") + whose


def days_in_words(days: Sequence[int]) -> str:
    """Say on which days."""
    if tuple(days) == WORKING_WEEK:
        return "Monday to Friday"
    return "Every day" if len(days) == len(WEEKDAYS) else ", ".join(WEEKDAYS[one] for one in days)


def _shown(pack: Pack, policy: Policy) -> list[Block]:
    return [*without_buttons(in_words(post(pack, policy=policy).blocks))][:PREVIEW]


def _times(times: Sequence[Slot]) -> str:
    return "\n".join(f"• {day(one.at)}, {when(one.at)}" for one in times)


def _last(run: Run | None) -> str:
    if run is None:
        return "not posted yet"
    return f"posted {when(run.at)}" if run.state == "posted" else f"nothing to tell {when(run.at)}"


def _origin(schedule: Schedule) -> str:
    return f" · changed by {mention(schedule.changed_by)}" if schedule.origin == "slack" else " · from the policy file"


def home_digests(listed: Sequence[Listed], *, policy: Policy) -> list[Block]:
    """Give the App Home's lines of the digests that are on, and of any whose posts were skipped."""
    shown = [one for one in listed if one.schedule.is_on or one.skipped]
    lines = [_short(one, policy) for one in shown[:8]]
    if len(shown) > len(lines):
        lines.append(f"_and {len(shown) - len(lines)} more_")
    text = "\n".join(["*Digests*", *(lines or ["None yet."])])
    return [divider(), section(text, accessory=button("Digests", ids.DIGESTS, 1), block_id="home:digests")]


def _short(one: Listed, policy: Policy) -> str:
    comes = f"next {when(one.schedule.next_at)}" if one.schedule.next_at else "switched off"
    skipped = f" · ⚠️ {plural(one.skipped, 'post')} skipped" if one.skipped else ""
    return f"• {inline(one.schedule.name, 60)} → {where(one.schedule, policy)}: {comes}, {_last(one.last)}{skipped}"
