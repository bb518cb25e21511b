"""Who may look at the report: a link from Slack is exchanged, once, for a session that is bound to one member."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage.seen import first_time
from storage.source_tables import WebSession
from storage.tables import Member
from workflows import permission
from workflows.policy import Policy
from workflows.refusal import Refusal

LINK_LASTS: Final = timedelta(minutes=10)
SESSION_LASTS: Final = timedelta(hours=12)
AGAIN: Final = "Type /loop report in Slack for a new link."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. `departments` None: they may see all; else the keys of those they may see."""

    member: str
    name: str
    departments: tuple[str, ...] | None

    def may_see(self, department: str | None) -> bool:
        """Tell whether they may see this department's cases; None: the whole team's."""
        return self.departments is None or department in self.departments


def enter(session: Session, *, member: str, nonce: str, expires_at: datetime, policy: Policy, at: datetime) -> str:
    """Exchange what a rightly signed link says for a session; gives the cookie's value, which isn't kept.

    Raises Refusal when the link is too old or was used before, and when the policy doesn't name the member.
    """
    if at >= expires_at:
        raise Refusal(f"This link is too old: each is good for {LINK_LASTS.seconds // 60} minutes. {AGAIN}")
    if not first_time(session, f"report-link:{nonce}", at):
        raise Refusal(f"This link has been used: each opens the report once. {AGAIN}")
    permission.may_join_in(session, member, policy=policy)
    cookie = secrets.token_urlsafe(32)
    session.add(
        WebSession(digest=_digest(cookie), member=member, created_at=at, expires_at=at + SESSION_LASTS, revoked_at=None)
    )
    return cookie


def visitor(session: Session, cookie: str, *, policy: Policy, at: datetime) -> Visitor | None:
    """Tell who a cookie belongs to, as the policy and Slack know them now; None: nobody who may come in.

    Nothing about the role is kept in the session: whoever loses it loses the report with the next page.
    """
    row = session.get(WebSession, _digest(cookie))
    if row is None or row.revoked_at is not None or at >= row.expires_at:
        return None
    person = session.get(Member, row.member)
    role = permission.role(session, row.member, policy=policy)
    if person is None or person.is_deleted or not role.is_known:
        return None
    departments = None if permission.is_manager(role) else role.departments
    return Visitor(row.member, person.name, departments)


def leave(session: Session, cookie: str, *, at: datetime) -> None:
    """End a session; one that isn't there, or has ended, is left alone."""
    row = session.get(WebSession, _digest(cookie))
    if row is not None and row.revoked_at is None:
        row.revoked_at = at
        session.add(row)


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
