"""`policy check | apply | show`: the policy as a file."""

import getpass
import sys
from functools import partial
from pathlib import Path

from sqlmodel import Session

from bot import policies
from bot.clock import wall_clock
from bot.commands.opened import database
from storage import policies as stored
from storage.database import Database
from workflows import recompute, timeline
from workflows.policy import Policy, load
from workflows.policy_text import PolicyError, Problem


def check(file: Path) -> int:
    """Say what is wrong with a file; 1 when it can't be used."""
    policy = _read(file)
    _say_warnings(policy)
    print(
        f"{file} is sound: {len(policy.departments)} departments, {len(policy.rules)} rules, "
        f"{len(policy.sources)} sources."
    )
    return 0


def apply(file: Path, *, is_agreed: bool = False) -> int:
    """Put a file in force. A Hearback that runs takes it over within seconds.

    Limits of open cases that it would set otherwise are set anew after asking; `is_agreed`: without asking.
    """
    policy = _read(file)
    _say_warnings(policy)
    with database() as db:
        by = f"command line, {getpass.getuser()}"
        version = db.write_now(lambda session: policies.apply(session, policy, by=by, at=wall_clock()))
        print(f"Version {version} of the policy is in force.")
        if changes := db.read_now(lambda session: recompute.count(session, policy=policy)):
            _offer(db, policy, version, changes=changes, is_agreed=is_agreed)
    return 0


def _offer(db: Database, policy: Policy, version: int, *, changes: int, is_agreed: bool) -> None:
    """Ask whether open cases get the limits of the policy; where nobody can be asked they keep those they have."""
    one = changes == 1
    print(f"{changes} open {'case has' if one else 'cases have'} other limits by it than until now.")
    if not is_agreed and not sys.stdin.isatty():
        print("They keep the limits they have. To set them anew, run the same once more with --yes.")
        return
    if not is_agreed and not _says_yes(f"Set {'its' if one else 'their'} limits anew? [y/n] "):
        print("They keep the limits they have.")
        return
    changed, after = 0, 0
    while True:
        part = db.write_now(partial(_part, after=after, policy=policy, version=version))
        changed += part.changed
        if part.last is None:
            break
        after = part.last
    print(f"The limits of {changed} open {'case' if changed == 1 else 'cases'} are set anew.")


def _part(session: Session, *, after: int, policy: Policy, version: int) -> recompute.Part:
    by = timeline.HEARBACK
    return recompute.some(session, after=after, policy=policy, policy_version=version, by=by, at=wall_clock())


def _says_yes(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def show(file: Path | None) -> int:
    """Print a file once it has been checked, or the version in force."""
    if file is not None:
        print(_read(file).text)
        return 0
    with database() as db:
        found = db.read_now(stored.latest)
    if found is None:
        print("No policy has been applied yet. Run: python -m bot policy apply FILE")
        return 1
    print(f"# Version {found.id}, applied {found.applied_at:%Y-%m-%d %H:%M} UTC by {found.applied_by}\n{found.text}")
    return 0


def _read(file: Path) -> Policy:
    try:
        return load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it isn't UTF-8 text"
        raise PolicyError([Problem(0, "", f"{file} can't be read: {reason}.")]) from None


def _say_warnings(policy: Policy) -> None:
    for warning in policy.warnings:
        print(f"Note: {warning}")
