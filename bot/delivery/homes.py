"""What one member's App Home is drawn from, by what the policy lets them be."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from bot.slack.views.home import home
from storage import alarms, schedules
from storage.lists import mine, troubles
from storage.tables import Member
from workflows import permission
from workflows.overview import Scope, led, overview
from workflows.policy import Policy

# What no webhook brought stays on an admin's Home for so long; they have been told when it was found.
MISSED_FOR: Final = timedelta(days=3)


def home_of(session: Session, member: str, *, department: str | None, policy: Policy, at: datetime) -> dict[str, Any]:
    """Draw a member's Home. `department` is what a manager chose to look at; one that is gone stands for all."""
    role = permission.role(session, member, policy=policy)
    is_manager = permission.is_manager(role)
    known = department if department in {one.key for one in policy.departments} else None
    return home(
        mine(session, member),
        member=member,
        policy=policy,
        at=at,
        overview=overview(session, Scope(known), policy=policy, at=at) if is_manager else None,
        led=led(session, role.leads, at=at) if role.leads and not is_manager else None,
        troubles=troubles(session, missed_since=at - MISSED_FOR) if role.is_admin else None,
        me=session.get(Member, member),
        digests=schedules.listed(session) if is_manager else None,
        questions=alarms.open_questions(session) if is_manager else (),
    )
