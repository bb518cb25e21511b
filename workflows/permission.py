"""Who may make which move, and the sentence for whoever may not."""

from sqlmodel import Session

from storage import members
from storage.tables import Case, Task
from workflows.policy import Policy
from workflows.refusal import Refusal
from workflows.roles import Role, role_of


def role(session: Session, member_id: str, *, policy: Policy) -> Role:
    """Say what the policy lets a member be; it may name them by Slack id or by e-mail."""
    email = members.email_of(session, member_id) if policy.names_addresses else None
    return role_of(policy, member_id, email)


def may_join_in(session: Session, by: str, *, policy: Policy) -> Role:
    """Let anybody of the team take notes, log contacts and see cases; Refusal for everybody else."""
    who = role(session, by, policy=policy)
    if not who.is_known:
        raise Refusal(
            f"You aren't one of {policy.team.name}'s people in Hearback's policy. "
            "Ask an admin to add you to a department, then press again."
        )
    return who


def may_work_on(session: Session, case: Case, by: str, *, policy: Policy) -> Role:
    """Let the owner, the case's department and managers make moves; Refusal for everybody else."""
    who = may_join_in(session, by, policy=policy)
    if is_manager(who) or case.owner == by or case.department in who.departments:
        return who
    name = department_name(policy, case.department)
    raise Refusal(f"Case {case.id} belongs to {name}. Ask its owner or a manager, or add a note instead.")


def may_close(session: Session, task: Task, case: Case, by: str, *, policy: Policy) -> Role:
    """Let the task's owner and department, and whoever works on the case, change a task."""
    who = may_join_in(session, by, policy=policy)
    if is_manager(who) or by in (task.owner, case.owner) or {task.department, case.department} & {*who.departments}:
        return who
    name = department_name(policy, task.department)
    raise Refusal(f"This task belongs to {name}. Ask its owner, or add a note to case {case.id} instead.")


def may_approve(session: Session, by: str, *, policy: Policy) -> Role:
    """Let managers decide whether a case is excused; Refusal for everybody else."""
    who = may_join_in(session, by, policy=policy)
    if not is_manager(who):
        raise Refusal("Only a manager may decide this. The managers have been asked; there is nothing left to press.")
    return who


def may_mend(session: Session, by: str, *, policy: Policy) -> Role:
    """Let admins send again what was given up; Refusal for everybody else."""
    who = may_join_in(session, by, policy=policy)
    if not who.is_admin:
        raise Refusal("Only an admin may send these again. The policy names the admins under [team].")
    return who


def is_manager(who: Role) -> bool:
    """Say whether they decide for the whole team: admins can do what managers can."""
    return who.is_manager or who.is_admin


def department_name(policy: Policy, key: str) -> str:
    """Name a department; one that the policy has no longer goes by its key."""
    return next((one.name for one in policy.departments if one.key == key), key)
