"""Asking admins and managers about a form: once, with all who may answer, and their answer kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from storage import alarms, members, outbox
from storage.source_tables import Alarm
from workflows import permission
from workflows.policy import Policy
from workflows.refusal import Refusal


def scale_is_unknown(
    session: Session, *, source: str, form: str | None, metric: str | None, reason: str, policy: Policy, at: datetime
) -> None:
    """Ask the admins on which scale a form asks, unless they are being asked already."""
    asked = alarms.latest(session, "parked", source, form)
    if asked is not None and asked.answer is None:
        return
    alarm_id = alarms.ask(session, "parked", source, form, facts={"metric": metric, "reason": reason}, at=at)
    tell(session, alarm_id, members.ids_of(session, policy.team.admins), at=at)


def deciders(session: Session, policy: Policy) -> list[str]:
    """Name those who decide about a form that looks upside-down: managers and admins."""
    return members.ids_of(session, [*policy.team.admins, *policy.team.managers])


def tell(session: Session, alarm_id: int, people: Sequence[str], *, at: datetime, again: int = 0) -> None:
    """Ask each of these people by direct message, and show it in their App Home; `again` numbers the reminders."""
    outbox.leave_all(session, [outbox.notice(alarm_id, member=one, again=again) for one in people], at=at)
    outbox.want(session, [outbox.home(one) for one in members.with_home(session, people)], at=at)


def refuse_answered(alarm: Alarm) -> None:
    """Raise Refusal when a question has been answered."""
    if alarm.answer is not None:
        who = f"<@{alarm.answered_by}>" if (alarm.answered_by or "").startswith(("U", "W")) else "Hearback"
        raise Refusal(f"{who} has settled this already. There is nothing left to decide.")


def may_say_scale(session: Session, alarm_id: int, *, policy: Policy, by: str) -> Alarm:
    """Give an open question for a scale to an admin; Refusal for everybody else, and once it is answered."""
    who = permission.may_join_in(session, by, policy=policy)
    if not who.is_admin:
        raise Refusal("Only an admin may say on which scale a form asks. The policy names the admins under [team].")
    alarm = alarms.held(session, alarm_id)
    if alarm is None or alarm.kind != "parked":
        raise Refusal("That question isn't known any more. Look into the App Home for what is open.")
    refuse_answered(alarm)
    return alarm


def answer(session: Session, alarm: Alarm, said: str, *, policy: Policy, by: str, at: datetime) -> None:
    """Keep an answer, and whose it is; the App Homes show that it is settled."""
    alarm.answer, alarm.answered_by, alarm.answered_at = said, by, at
    session.add(alarm)
    session.flush()
    homes = members.with_home(session, deciders(session, policy))
    outbox.want(session, [outbox.home(one) for one in homes], at=at)
