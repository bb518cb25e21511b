"""The policy in force, at hand for every press and response; the database says which version that is."""

import asyncio
import logging
from datetime import datetime
from typing import Final

from sqlmodel import Session

from storage import members, policies
from storage.database import Database
from workflows import digest_editing, recompute
from workflows.policy import Policy, PolicyError, load

log: Final = logging.getLogger("hearback")


class NoPolicyError(RuntimeError):
    """There is no policy to work by; the message says what to do."""


class PolicyInForce:
    """The latest applied policy. Calling it gives the document; `version` is the id of its row."""

    def __init__(self, db: Database, *, mail_from: str | None = None) -> None:
        """Know nothing yet. `mail_from` writes to customers where the policy names no sender of its own."""
        self._db, self._mail_from = db, mail_from
        self._policy: Policy | None = None
        self.version: int | None = None

    def __call__(self) -> Policy:
        """Return the policy. Raises NoPolicyError before `refresh` has found one."""
        if self._policy is None:
            raise NoPolicyError("No policy has been applied yet. Write one, and run: python -m bot policy apply FILE")
        return self._policy

    async def refresh(self) -> None:
        """Take over a version that this or another process has applied since."""
        if await self._db.read(policies.latest_id) != self.version:
            found = await self._db.read(policies.latest)
            if found is not None:
                # Parsing takes some hundredths of a second: not in the way of a press.
                policy = await asyncio.get_running_loop().run_in_executor(None, load, found.text)
                self._policy = with_sender(policy, self._mail_from)
                self.version = found.id


def apply_file(session: Session, text: str | None, *, at: datetime) -> None:
    """Apply what the file that POLICY names says, if it has changed since it was last read. None: there is no file.

    A file that stays as it was does not undo what was applied in another way meanwhile. Raises PolicyError when it
    can't be used, NoPolicyError when there is neither a file nor an applied policy.
    """
    if text is None:
        if policies.latest_id(session) is None:
            raise NoPolicyError("There is no policy. Copy docs/policy.example.toml to policy.toml and fill it in.")
        return
    policy = load(text)
    before = policies.latest_from_file(session)
    if before is not None and before.digest == policy.digest:
        return
    apply(session, policy, by=policies.FROM_FILE, at=at)
    if changes := recompute.count(session, policy=policy):
        log.warning(
            "The policy has changed: %s open cases keep the limits they had. "
            "To set them anew, run: python -m bot policy apply FILE --yes",
            changes,
        )


def apply(session: Session, policy: Policy, *, by: str, at: datetime) -> int:
    """Put a checked policy in force, and make its people known. Returns the version's id."""
    members.make_known(session, [name for name in policy.people if "@" not in name])
    before = policies.latest(session)
    version = policies.apply(session, policy.text, digest=policy.digest, by=by, at=at)
    digest_editing.from_policy(session, policy, at=at, before=_readable(before.text) if before else None)
    return version


def _readable(text: str) -> Policy | None:
    """Read a policy that held once; None: it was written for rules that aren't any more."""
    try:
        return load(text)
    except PolicyError:
        return None


def with_sender(policy: Policy, mail_from: str | None) -> Policy:
    """Give a policy that names no sender the one of MAIL_FROM."""
    if policy.mail.from_ or not mail_from:
        return policy
    return policy.model_copy(update={"mail": policy.mail.model_copy(update={"from_": mail_from})})
