"""What people do with a case: take it, hand it over, resolve it, reopen it, take notes."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Final, cast

from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage import crowd, due
from storage.tables import IS_OPEN_CASE, ROOT_CAUSES, Card, Case, Customer, Outreach, Task
from workflows import clocks, lifecycle, permission, routing, settling, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal

ON_ITS_WAY: Final = ("waiting", "sending", "unclear")


def held(session: Session, case_id: int) -> Case:
    """Return the case with its row held until the transaction ends; Refusal if there is none of this number."""
    if (company := crowd.of(session)) is not None and (known := company.memory("cases").get(case_id)) is not None:
        return cast("Case", known)
    case = session.exec(_numbered(), params={"the_case": case_id}).first()
    if case is None:
        raise Refusal(f"There is no case {case_id}. Look for its number on the card, or try /loop mine.")
    return case


def hold_all(session: Session, case_ids: Iterable[int]) -> None:
    """Hold what a crowd of presses is about, all at once: `held` finds it then. What isn't there is left out."""
    company = crowd.of(session)
    assert company is not None, "whoever comes alone holds their own"
    # In one order: two processes that hold some of the same can't wait for each other.
    found = select(Case).where(col(Case.id).in_({*case_ids})).order_by(col(Case.id)).with_for_update(key_share=True)
    cases = session.exec(found).all()
    company.memory("cases").update({case.id: case for case in cases})


@cache
def _numbered() -> SelectOfScalar[Case]:
    # Nobody changes a case's number: whoever writes a row that refers to it, such as a new card, needn't wait.
    return select(Case).where(Case.id == bindparam("the_case")).with_for_update(key_share=True)


def take(session: Session, case_id: int, *, policy: Policy, by: str, at: datetime) -> Case:
    """Make the person who pressed the owner, and begin working. A second press by the same person changes nothing."""
    case = held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    if case.state == "working" and case.owner == by:
        return case
    if case.state == "working" and case.owner:
        raise Refusal(f"<@{case.owner}> has taken case {case.id} already. If it should be yours, press Hand over.")
    before, case.owner, case.is_owner_stand_in = case.owner, by, False
    case.lent_by = case.lent_at = None
    lifecycle.change_state(session, case, "take", kind="taken", by=by, at=at, facts={"from": before})
    routing.assigned(session, by, at=at)
    clocks.follow(session, case, policy=policy, at=at)
    return case


def assign(
    session: Session,
    case_id: int,
    *,
    to: str | None,
    department: str | None,
    reason: str,
    policy: Policy,
    by: str,
    at: datetime,
) -> Case:
    """Hand a case to a person, to another department, or both; without a person the department's next one gets it."""
    case = held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    lifecycle.check(case, "assign")
    target = department or case.department
    if target not in {one.key for one in policy.departments}:
        raise Refusal("That department isn't in the policy any more. Choose another one.", "department")
    if to is not None and not permission.role(session, to, policy=policy).is_known:
        raise Refusal(f"<@{to}> isn't in Hearback's policy. Choose somebody who is, or ask an admin.", "to")
    if to is None and target == case.department and case.owner is not None:
        raise Refusal("Choose a person, or another department.", "to")
    owner = routing.Owner(to, "A person chose them.") if to else _next_of(session, case, target, policy=policy, at=at)
    if (owner.member, target) == (case.owner, case.department):
        raise Refusal(f"<@{owner.member}> owns case {case.id} already. Choose somebody else.", "to")
    facts = {"from": case.owner, "to": owner.member, "department": target, "stand_in": owner.is_stand_in}
    is_elsewhere = target != case.department
    _move_to(case, target, owner, policy=policy)
    lifecycle.change_state(session, case, "assign", kind="assigned", by=by, at=at, text=reason.strip(), facts=facts)
    if owner.member is not None:
        routing.assigned(session, owner.member, at=at)
    if is_elsewhere:  # its limits and its hours may be others
        clocks.set_again(session, case, policy=policy, at=at)
    clocks.follow(session, case, policy=policy, at=at)
    return case


def resolve(
    session: Session,
    case_id: int,
    *,
    root_cause: str,
    root_cause_text: str,
    what_changed: str,
    policy: Policy,
    by: str,
    at: datetime,
) -> Case:
    """Make a case ready to tell: its tasks are done, its cause is named, and what changed is said in words."""
    case = held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    lifecycle.check(case, "resolve")
    refuse_while_mail_is_on_its_way(session, case)
    if root_cause not in ROOT_CAUSES:
        raise Refusal("Choose what caused it.", "root_cause")
    if not what_changed.strip():
        raise Refusal("Say what changed, in words for the customer.", "what_changed")
    open_tasks = session.exec(select(Task).where(Task.case_id == case_id, Task.state == "open")).all()
    if open_tasks:
        named = ", ".join(f"“{one.title}”" for one in open_tasks[:3])
        raise Refusal(f"Still open: {named}. Have every task done or cancelled first.", "what_changed")
    case.root_cause, case.root_cause_text, case.what_changed = root_cause, root_cause_text.strip(), what_changed.strip()
    facts = {"root_cause": root_cause}
    if case.owner is None:
        case.owner = by
    lifecycle.change_state(session, case, "resolve", kind="resolved", by=by, at=at, text=case.what_changed, facts=facts)
    customer = session.get_one(Customer, case.customer_id)
    if customer.contactability == "anonymous":
        # Nobody can be told: the case ends here, and is counted apart.
        case.excuse = "anonymous"
        lifecycle.change_state(
            session, case, "excuse", kind="excused", by=timeline.HEARBACK, at=at, facts={"excuse": "anonymous"}
        )
    clocks.follow(session, case, policy=policy, at=at)
    return case


def reopen(session: Session, case_id: int, *, reason: str, policy: Policy, by: str, at: datetime) -> Case:
    """Take a case up again, for a reason that everybody can read."""
    case = held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    lifecycle.check(case, "reopen")
    refuse_while_mail_is_on_its_way(session, case)
    if not reason.strip():
        raise Refusal("Say why it has to be taken up again.", "reason")
    take_up_again(session, case, cause="person", text=reason.strip(), policy=policy, by=by, at=at)
    return case


def take_up_again(
    session: Session, case: Case, *, cause: str, text: str, policy: Policy, by: str, at: datetime
) -> None:
    """Reopen a case whose row is held. `cause`: `person`, `low_response`, `delivery` or `reply`.

    Whatever the cause, nobody has answered it yet: the limits for contact and telling run again from now.
    """
    other = _other_open_case(session, case)
    if other is not None:
        raise Refusal(f"This customer has case {other} open. Go on there; nothing is lost.", "reason")
    case.contacted_at = None
    due.wake_tasks(session, timeline.id_of(case), at=at)
    settling.end_pause(session, case, at=at)
    lifecycle.change_state(session, case, "reopen", kind="reopened", by=by, at=at, text=text, facts={"cause": cause})
    if case.owner is None:
        _move_to(case, case.department, _next_of(session, case, case.department, policy=policy, at=at), policy=policy)
    clocks.start(case, policy=policy, at=at)
    session.flush()  # its owner has one more: whoever comes next in this transaction goes by that count


def note(session: Session, case_id: int, *, text: str, policy: Policy, by: str, at: datetime) -> None:
    """Keep a note on the case's timeline, in every state."""
    case = held(session, case_id)
    permission.may_join_in(session, by, policy=policy)
    if not text.strip():
        raise Refusal("Write the note first.", "text")
    timeline.record(session, case, "note", by=by, at=at, text=text.strip())


def keep_reply(session: Session, *, channel: str, thread_ts: str, text: str, by: str, at: datetime) -> None:
    """Keep what a member wrote in a card's thread as a note; a thread that isn't a card's is none of our business."""
    found = select(Card).where(Card.channel == channel, Card.ts == thread_ts, col(Card.subject).startswith("case:"))
    card = session.exec(found).first()
    if card is None or not text.strip():
        return
    case = held(session, card.case_id)
    # The words stand in the thread already: no line repeats them.
    timeline.append(session, case, "note", by=by, at=at, text=text.strip(), facts={"in_thread": True})
    timeline.draw(session, card.case_id, timeline.main_views(case), at=at)


def refuse_while_mail_is_on_its_way(session: Session, case: Case) -> None:
    """Keep a case still while its mail to the customer waits, is being sent, or has an unclear outcome."""
    found = select(Outreach).where(Outreach.case_id == case.id, col(Outreach.state).in_(ON_ITS_WAY))
    mail = session.exec(found).first()
    if mail is None:
        return
    if mail.state == "waiting":
        raise Refusal("A mail to the customer is about to go out. Take it back first, or wait until it is sent.")
    if mail.state == "sending":
        raise Refusal("A mail to the customer is being sent this moment. Try again in a minute.")
    raise Refusal("It isn't clear whether the last mail arrived. Press Arrived or Did not arrive on the card first.")


def _other_open_case(session: Session, case: Case) -> int | None:
    if lifecycle.is_open(case):
        return None
    found = select(Case.id).where(Case.customer_id == case.customer_id, Case.id != case.id, IS_OPEN_CASE)
    return session.exec(found).first()


def _next_of(session: Session, case: Case, department: str, *, policy: Policy, at: datetime) -> routing.Owner:
    return routing.owner_for(session, routing.department(policy, department), policy=policy, besides=case.owner, at=at)


def _move_to(case: Case, department: str, owner: routing.Owner, *, policy: Policy) -> None:
    home = routing.department(policy, department)
    case.department, case.channel = home.key, home.channel
    case.owner, case.is_owner_stand_in = owner.member, owner.is_stand_in
    case.lent_by = case.lent_at = None
    case.why = {**case.why, "owner_rule": owner.rule}
