"""The modals of a case's clocks: pause it, put off its reminders, promise something, withdraw a promise."""

from datetime import datetime, timedelta

from bot.slack import ids
from bot.slack.views.blocks import View, context, section
from bot.slack.views.inputs import form, moment, notice, text_area, text_line
from bot.slack.views.modals import about
from bot.slack.views.text import inline, quoted, when
from storage.casefile import CaseFile
from storage.time_tables import Promise

_DAY = timedelta(days=1)


def pause(file: CaseFile, *, at: datetime) -> View:
    """Ask until when the team waits for the customer, and for what."""
    return form(
        ids.MODAL_PAUSE,
        metadata=file.case.id or 0,
        title="Pause",
        submit="Pause",
        blocks=[
            *about(file),
            notice("The limits stand still until then, and go on with the working time that is left."),
            moment(
                "until",
                "Until when?",
                initial=_full_hour(at + 3 * _DAY),
                hint="90 days at most. It goes on earlier when the customer writes, or when you press Resume.",
            ),
            text_area(
                "reason", "What do you wait for?", placeholder="She sends us the serial number by Friday.", most=500
            ),
        ],
    )


def snooze(file: CaseFile, *, at: datetime) -> View:
    """Ask until when nobody is to be reminded."""
    return form(
        ids.MODAL_SNOOZE,
        metadata=file.case.id or 0,
        title="Put off reminders",
        submit="Put off",
        blocks=[
            *about(file),
            notice("Nobody is reminded of this case until then. Its limits run on."),
            moment("until", "Until when?", initial=_full_hour(at + _DAY), hint="7 days at most."),
        ],
    )


def promise(file: CaseFile) -> View:
    """Ask what was promised to the customer, and for when."""
    return form(
        ids.MODAL_PROMISE,
        metadata=file.case.id or 0,
        title="Promise",
        submit="Keep in mind",
        blocks=[
            *about(file),
            text_line("text", "What did you promise the customer?", placeholder="I call her about the refund"),
            moment("due_at", "For when?", hint="You are reminded before, and everybody sees it if it slips."),
        ],
    )


def withdraw(file: CaseFile, one: Promise) -> View:
    """Ask why a promise doesn't hold any more."""
    return form(
        ids.MODAL_PROMISE_WITHDRAW,
        metadata=one.id or 0,
        title="Withdraw a promise",
        submit="Withdraw",
        blocks=[
            *about(file),
            section(f"*Promised:* {quoted(one.text, 300)}"),
            context(f"By {inline(file.name_of(one.by), 60)}, for {when(one.due_at)}"),
            text_area(
                "reason",
                "Why doesn't it hold any more?",
                placeholder="She called us herself.",
                hint="Say what the customer knows of it.",
                most=500,
            ),
        ],
    )


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
