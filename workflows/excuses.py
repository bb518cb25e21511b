"""Ending a case without telling the customer: a reason, and a manager who answers for it."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from storage import rows
from storage.tables import EXCUSES, Approval, Case, Customer, Outreach
from workflows import casework, clocks, lifecycle, permission, routing, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal

# "Unreachable" has to be earned: so many attempts in Hearback's own timeline.
TRIES: Final = 3


def ask(
    session: Session, case_id: int, *, excuse: str, text: str, policy: Policy, by: str, at: datetime
) -> Approval | None:
    """Ask the managers whether a case may end untold. A manager's own word ends it at once, and None is returned."""
    case = casework.held(session, case_id)
    who = permission.may_work_on(session, case, by, policy=policy)
    lifecycle.check(case, "excuse")
    casework.refuse_while_mail_is_on_its_way(session, case)
    _check_reason(session, case, excuse, text)
    asked = _open_question(session, case)
    if permission.is_manager(who):
        if asked is not None:
            _decide(session, asked, "approved", by=by, at=at)
        _excuse(session, case, excuse, text.strip(), policy=policy, by=by, at=at)
        return None
    if asked is not None:
        raise Refusal("The managers have been asked already. Wait for their answer, or remind them.", "excuse")
    approval_id = rows.add(
        session, Approval, case_id=case_id, excuse=excuse, text=text.strip(), asked_by=by, asked_at=at
    )
    facts = {"approval_id": approval_id, "excuse": excuse}
    views = [(f"approval:{approval_id}", place) for place in _deciders(session, policy)]
    timeline.record(session, case, "excuse_asked", by=by, at=at, text=text.strip(), facts=facts, shows=views)
    return session.get_one(Approval, approval_id)


def approve(session: Session, approval_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Let a manager end the case as asked. A second press changes nothing."""
    approval, case = _held(session, approval_id)
    permission.may_approve(session, by, policy=policy)
    if approval.decision == "approved":
        return
    _refuse_decided(approval)
    lifecycle.check(case, "excuse")
    casework.refuse_while_mail_is_on_its_way(session, case)
    _decide(session, approval, "approved", by=by, at=at)
    _excuse(session, case, approval.excuse, approval.text, policy=policy, by=by, at=at)


def decline(session: Session, approval_id: int, *, text: str, policy: Policy, by: str, at: datetime) -> None:
    """Let a manager say no, with a reason; the case stays as it is. A second press changes nothing."""
    approval, case = _held(session, approval_id)
    permission.may_approve(session, by, policy=policy)
    if approval.decision == "declined":
        return
    _refuse_decided(approval)
    if not text.strip():
        raise Refusal("Say why not, so that its owner knows what to do next.", "text")
    approval.decision_text = text.strip()
    _decide(session, approval, "declined", by=by, at=at)
    facts = {"approval_id": approval_id, "excuse": approval.excuse, "asked_by": approval.asked_by}
    timeline.record(session, case, "excuse_declined", by=by, at=at, text=text.strip(), facts=facts, everywhere=True)


def _check_reason(session: Session, case: Case, excuse: str, text: str) -> None:
    if excuse == "anonymous":
        raise Refusal("An anonymous case ends by itself once it is resolved. Resolve it instead.", "excuse")
    if excuse not in EXCUSES:
        raise Refusal("Choose a reason.", "excuse")
    if not text.strip():
        raise Refusal("Say in a sentence why: somebody answers for it later.", "text")
    if excuse == "unreachable":
        tries = session.exec(
            select(func.count()).where(Outreach.case_id == case.id, Outreach.state != "taken_back")
        ).one()
        if tries < TRIES:
            raise Refusal(
                f"Unreachable takes {TRIES} tries; this case has {tries}. Write or log another one first.", "excuse"
            )


def _excuse(session: Session, case: Case, excuse: str, text: str, *, policy: Policy, by: str, at: datetime) -> None:
    case.excuse, case.excuse_text = excuse, text
    if excuse in {"opted_out", "not_to_contact"}:
        customer = session.get_one(Customer, case.customer_id)
        customer.opted_out_at = customer.opted_out_at or at
        session.add(customer)
    lifecycle.change_state(session, case, "excuse", kind="excused", by=by, at=at, text=text, facts={"excuse": excuse})
    clocks.follow(session, case, policy=policy, at=at)


def _decide(session: Session, approval: Approval, decision: str, *, by: str, at: datetime) -> None:
    approval.decision, approval.decided_by, approval.decided_at = decision, by, at
    session.add(approval)
    session.flush()


def _refuse_decided(approval: Approval) -> None:
    if approval.decision == "withdrawn":
        raise Refusal("This has settled itself: the case has moved on. There is nothing left to decide.")
    if approval.decision is not None:
        raise Refusal(f"<@{approval.decided_by}> has {approval.decision} this already.")


def _open_question(session: Session, case: Case) -> Approval | None:
    found = select(Approval).where(Approval.case_id == case.id, col(Approval.decision).is_(None))
    return session.exec(found.with_for_update()).first()


def _deciders(session: Session, policy: Policy) -> list[str]:
    """Name where the question is put: the managers' channel, else every manager by direct message."""
    if policy.team.manager_channel:
        return [policy.team.manager_channel]
    return routing.members_called(session, policy.team.managers or policy.team.admins)


def _held(session: Session, approval_id: int) -> tuple[Approval, Case]:
    """Hold the case first, then the question: everybody takes them in this order."""
    approval = session.get(Approval, approval_id)
    if approval is None:
        raise Refusal("That question isn't known any more. Open the case to see where it stands.")
    case = casework.held(session, approval.case_id)
    session.refresh(approval, with_for_update=True)
    return approval, case
