"""Digests in Slack: which there are, changing one, looking at one first, what is behind a figure, a huddle's word."""

import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from bot.slack import ids
from bot.slack.context import Context
from bot.slack.forms import Fields
from bot.slack.listeners import replies
from bot.slack.listeners.behind import behind_view
from bot.slack.listeners.move import Move
from bot.slack.payloads import Press, Submission
from bot.slack.views import digest_lists, digest_modals, digest_week
from bot.slack.views.blocks import View
from bot.slack.views.text import plural
from storage import members, outbox, schedules
from storage.casefile import case_files
from storage.seen import first_time
from storage.time_tables import Run, Schedule
from workflows import digest_editing, huddle, permission
from workflows import digests as turns
from workflows.digest_editing import Wish
from workflows.digest_pack import preview, report_of
from workflows.figures_definitions import DEFINITIONS
from workflows.refusal import Refusal

Answer = dict[str, Any]
_GONE: Final = "That digest isn't known any more. Type /loop digests to see those that there are."
_OLD: Final = "This post is from another time. Type /loop status to see how things stand now."


def listed(session: Session, move: Move) -> View:
    """Draw the list of digests. Raises Refusal."""
    who = permission.may_join_in(session, move.by, policy=move.policy)
    can_change = permission.is_manager(who)
    return digest_modals.digest_list(schedules.listed(session), policy=move.policy, can_change=can_change)


def _form(session: Session, press: Press, move: Move) -> View:
    turns.may_schedule(session, move.by, policy=move.policy)
    schedule = _schedule(session, press.row) if press.action_id == ids.DIGEST_EDIT else None
    title = "Edit digest" if schedule else "New digest"
    return digest_modals.digest_form(schedule, policy=move.policy, at=move.at, title=title)


def _look(session: Session, press: Press, move: Move) -> View:
    who = permission.may_join_in(session, move.by, policy=move.policy)
    schedule = _schedule(session, press.row)
    times = turns.preview_times(turns.plan_of(schedule), at=move.at)
    found = preview(session, schedule, policy=move.policy, at=move.at, member=move.by)
    can_post = permission.is_manager(who)
    return digest_modals.digest_look(schedule, times, found, policy=move.policy, can_post=can_post)


def _list(session: Session, press: Press, move: Move) -> View:
    """Show the cases of a list as they were found at its slot."""
    permission.may_join_in(session, move.by, policy=move.policy)
    run, name = _run(session, press.row), press.block_id.partition(":")[2]
    found = run.facts.get("lists", {}).get(name)
    if found is None or name not in digest_lists.MEANINGS:
        raise Refusal(_OLD)
    count = int(run.facts["counts"][name])
    files = case_files(session, found[: digest_modals.CASES])
    return digest_modals.figure_modal(
        digest_lists.TITLES[name],
        digest_lists.MEANINGS[name],
        f"*{plural(count, 'case')}*",
        [files[one] for one in found if one in files],
        count,
        policy=move.policy,
        at=move.at,
    )


def _figure(session: Session, press: Press, move: Move) -> View:
    """Show what a figure of a week means, and the cases behind it."""
    permission.may_join_in(session, move.by, policy=move.policy)
    run, key = _run(session, press.row), press.block_id.partition(":")[2]
    asked = report_of(session, run, policy=move.policy)
    if asked is None or key not in DEFINITIONS:
        raise Refusal(_OLD)
    weekly, period, filters = asked
    lines = dict(digest_week.figure_lines(weekly))
    value = lines.get(key, DEFINITIONS[key].name)
    return behind_view(session, key, value, period=period, filters=filters, policy=move.policy, at=move.at)


_OPENERS: Final[Mapping[str, Callable[[Session, Press, Move], View]]] = MappingProxyType(
    {
        ids.DIGESTS: lambda session, _, move: listed(session, move),
        ids.DIGEST_NEW: _form,
        ids.DIGEST_EDIT: _form,
        ids.DIGEST_LOOK: _look,
        ids.LIST: _list,
        ids.FIGURE: _figure,
    }
)


async def _open(context: Context, press: Press) -> None:
    move = Move.of(context, press.by)
    view = await context.db.read(lambda session: _OPENERS[press.action_id](session, press, move))
    await replies.show(context, press, view)


async def _switch(context: Context, press: Press) -> None:
    move, row = Move.of(context, press.by), press.row
    switch = digest_editing.switch_off if press.action_id == ids.DIGEST_OFF else digest_editing.switch_on

    def work(session: Session) -> None:
        switch(session, row, policy=move.policy, by=move.by, at=move.at)
        _redraw_homes(session, move)

    await context.db.write(work)
    if press.view_id:
        context.background(redraw_list(context, view_id=press.view_id, by=press.by))


async def _decide(context: Context, press: Press) -> None:
    move, row, item = Move.of(context, press.by), press.row, press.block_id.partition(":")[2]
    decision = huddle.YES if press.action_id == ids.HUDDLE_YES else huddle.NO
    is_here = press.channel and press.message_ts
    where = huddle.copy_of(row, channel=str(press.channel), ts=str(press.message_ts)) if is_here else None

    def work(session: Session) -> None:
        huddle.decide(session, row, item, decision, where=where, policy=move.policy, by=move.by, at=move.at)

    await context.db.write(work)


PRESSES: Final[Mapping[str, Callable[[Context, Press], Awaitable[None]]]] = MappingProxyType(
    {
        **dict.fromkeys(_OPENERS, _open),
        ids.DIGEST_OFF: _switch,
        ids.DIGEST_ON: _switch,
        ids.HUDDLE_YES: _decide,
        ids.HUDDLE_NO: _decide,
    }
)
"""What a press on a digest's button does, by its action id. Raises Refusal."""


async def filled(context: Context, sent: Submission) -> Answer:
    """Answer the form with how the digest would look: nothing is kept yet. Raises Refusal."""
    move = Move.of(context, sent.by)
    field = Fields(sent)
    number = int(sent.metadata) if sent.metadata.isdecimal() else 0

    def view(session: Session) -> View:
        turns.may_schedule(session, move.by, policy=move.policy)
        wish = _wish(field, session.get(Schedule, number) if number else None)
        drafted = digest_editing.drafted(wish, move.policy, at=move.at)
        times = turns.preview_times(turns.plan_of(drafted), at=move.at)
        found = preview(session, drafted, policy=move.policy, at=move.at, member=move.by)
        metadata = f"{number} {json.dumps({one: getattr(wish, one) for one in Wish.__slots__})}"
        return digest_modals.digest_draft(wish, times, found, metadata=metadata, policy=move.policy)

    return replies.update(await context.db.read(view))


async def saved(context: Context, sent: Submission) -> Answer:
    """Keep what the preview showed, once; the list behind it is drawn anew. Raises Refusal."""
    move = Move.of(context, sent.by)
    number, wish = _draft(sent.metadata)

    def work(session: Session) -> None:
        if not first_time(session, sent.key, move.at):
            return
        if number:
            digest_editing.edit(session, number, wish, policy=move.policy, by=move.by, at=move.at)
        else:
            digest_editing.create(session, wish, policy=move.policy, by=move.by, at=move.at)
        _redraw_homes(session, move)

    await context.db.write(work)
    if sent.parent_view_id:
        context.background(redraw_list(context, view_id=sent.parent_view_id, by=sent.by))
    return {}


async def posted(context: Context, sent: Submission) -> Answer:
    """Post a digest now, once however often the submission arrives. Raises Refusal."""
    move, row = Move.of(context, sent.by), sent.row

    def work(session: Session) -> None:
        if first_time(session, sent.key, move.at):
            turns.post_now(session, row, policy=move.policy, by=move.by, at=move.at)

    await context.db.write(work)
    return {}


async def redraw_list(context: Context, *, view_id: str, by: str) -> None:
    """Draw the list of digests anew where it is open."""
    move = Move.of(context, by)
    view = await context.db.read(lambda session: listed(session, move))
    await replies.replace_view(context, view_id=view_id, view=view)


def _draft(metadata: str) -> tuple[int, Wish]:
    """Read what the preview was of: the schedule's id, 0 for a new one, and the wish."""
    number, _, said = metadata.partition(" ")
    try:
        held: dict[str, Any] = json.loads(said)
        return int(number), Wish(**{**held, "days": tuple(held["days"])})
    except (ValueError, TypeError, KeyError):
        raise Refusal("This preview is from another time. Close it and fill in the form once more.") from None


def _wish(field: Fields, old: Schedule | None) -> Wish:
    channel = field.conversation("channel")
    if channel is None and old is not None and (old.channel or "").startswith("#"):
        channel = old.channel  # the form can't show a channel that the policy names
    return Wish(
        name=" ".join(field.text("name").split()),
        kind=field.option("kind") or "",
        channel=channel,
        department=field.option("department"),
        days=tuple(int(one) for one in field.options("days") if one.isdecimal()),
        hour=field.hour("hour"),
        timezone=field.text("timezone"),
        posts_empty=bool(field.options("empty")),
    )


def _redraw_homes(session: Session, move: Move) -> None:
    people = members.ids_of(session, [*move.policy.team.admins, *move.policy.team.managers])
    homes = members.with_home(session, people) if people else []
    outbox.want(session, [outbox.home(one) for one in homes], at=move.at)


def _schedule(session: Session, schedule_id: int) -> Schedule:
    schedule = session.get(Schedule, schedule_id)
    if schedule is None:
        raise Refusal(_GONE)
    return schedule


def _run(session: Session, run_id: int) -> Run:
    run = session.get(Run, run_id)
    if run is None:
        raise Refusal(_OLD)
    return run
