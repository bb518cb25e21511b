"""`policy check | apply | show`: the policy as a file."""

import getpass
from pathlib import Path

from bot import policies
from bot.app import wall_clock
from bot.commands.opened import database
from storage import policies as stored
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


def apply(file: Path) -> int:
    """Put a file in force. A Hearback that runs takes it over within seconds."""
    policy = _read(file)
    _say_warnings(policy)
    with database() as db:
        by = f"command line, {getpass.getuser()}"
        version = db.write_now(lambda session: policies.apply(session, policy, by=by, at=wall_clock()))
    print(f"Version {version} of the policy is in force.")
    return 0


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
