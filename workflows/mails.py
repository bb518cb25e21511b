"""A mail to the customer before it leaves: worded, written, and taken back while it waits."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage import outbox, rows
from storage.tables import Case, Customer, Member, Outreach, Response
from workflows import addresses, casework, lifecycle, outreach, permission, timeline, wording
from workflows.policy import Policy
from workflows.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as it is offered to the writer, who edits it."""

    recipient: str
    language: str
    subject: str
    body: str


def draft(session: Session, case_id: int, *, kind: str, policy: Policy, by: str, recipient: str | None = None) -> Draft:
    """Word a mail from the policy's wording and, for `told`, from what changed. Changes nothing.

    `recipient`: the address as its writer corrected it; None: the customer's own.
    """
    case = session.get(Case, case_id)
    if case is None:
        raise Refusal(f"There is no case {case_id}. Look for its number on the card, or try /loop mine.")
    customer = session.get_one(Customer, case.customer_id)
    address = addresses.recipient(customer, recipient)
    member = session.get(Member, by)
    latest = session.exec(
        select(Response).where(Response.case_id == case_id).order_by(col(Response.submitted_at).desc())
    ).first()
    language, texts = wording.wording_for(policy, customer.language)
    values = {
        "customer": customer.name or "",
        "team": policy.team.name,
        "what_changed": case.what_changed or "",
        "comment": latest.comment if latest else "",
        "owner": member.name if member else "",
        "account": customer.account_name or "",
    }
    subject, body = (
        (texts.told_subject, texts.told_body) if kind == "told" else (texts.contact_subject, texts.contact_body)
    )
    return Draft(address, language, wording.one_line(wording.fill(subject, **values)), wording.fill(body, **values))


def write(
    session: Session,
    case_id: int,
    *,
    kind: str,
    subject: str,
    body: str,
    language: str | None,
    policy: Policy,
    by: str,
    at: datetime,
    recipient: str | None = None,
) -> int:
    """Leave a mail to the customer, to go out after the policy's delay. Returns the outreach's id.

    The case is told only once the mail has been accepted, not now. `recipient`: the address as its writer corrected
    it, which is kept on the customer; None: the customer's own.
    """
    case = casework.held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    lifecycle.check(case, "tell" if kind == "told" else "contact")
    casework.refuse_while_mail_is_on_its_way(session, case)
    customer = session.get_one(Customer, case.customer_id)
    address = addresses.recipient(customer, recipient)
    if not subject.strip():
        raise Refusal("Give the mail a subject.", "subject")
    if not body.strip():
        raise Refusal("Write the mail first.", "body")
    addresses.correct(session, case, customer, address, by=by, at=at)
    send_at = at + policy.mail.delay
    outreach_id = rows.add(
        session,
        Outreach,
        case_id=case_id,
        kind=kind,
        channel="email",
        state="waiting",
        by=by,
        at=send_at,
        recipient=address,
        language=language,
        subject=wording.one_line(subject),
        body=body.strip(),
        created_at=at,
    )
    found = session.get_one(Outreach, outreach_id)
    # Made from our own numbers, so that the same mail has the same id whatever is tried again.
    found.message_id = f"<case-{case_id}.mail-{outreach_id}.{int(at.timestamp())}@{_our_domain(policy)}>"
    session.add(found)
    timeline.record(
        session,
        case,
        "mail_waiting",
        by=by,
        at=at,
        facts={"outreach_id": outreach_id, "kind": kind, "send_at": send_at.isoformat()},
    )
    mail = outbox.mail(outreach_id, recipient=address, case_id=case_id)
    outbox.leave_all(session, [mail], at=at, not_before=send_at)
    return outreach_id


def take_back(session: Session, outreach_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Keep a waiting mail from being sent. Whoever presses twice sees the same."""
    mail, case = outreach.held(session, outreach_id)
    permission.may_work_on(session, case, by, policy=policy)
    if mail.state == "taken_back":
        return
    if mail.state != "waiting":
        raise Refusal("It is too late: the mail has left. If it was wrong, write once more and say so.")
    outreach.settle(session, mail, "taken_back")
    timeline.record(session, case, "mail_taken_back", by=by, at=at, facts={"outreach_id": outreach_id})


def _our_domain(policy: Policy) -> str:
    return (policy.mail.from_ or "hearback.invalid").rpartition("@")[2].strip("> ") or "hearback.invalid"
