"""Who may do what: administrators, managers, leads and members, as the policy names them by Slack id or e-mail."""

from dataclasses import dataclass

from workflows.policy import Policy


@dataclass(frozen=True, slots=True)
class Who:
    """A member of the Slack workspace as the policy may name them."""

    member_id: str
    email: str | None = None

    def is_among(self, people: tuple[str, ...]) -> bool:
        """Say whether these people of the policy include this one."""
        return self.member_id in people or (self.email is not None and self.email.lower() in people)


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody is: the departments are keys, those they lead among those they belong to."""

    is_admin: bool
    is_manager: bool
    departments: tuple[str, ...]
    leads: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether the policy names them at all."""
        return self.is_admin or self.is_manager or bool(self.departments)


def role_of(policy: Policy, member_id: str, email: str | None = None) -> Role:
    """Return everything that the policy lets this member be."""
    who = Who(member_id, email)
    return Role(
        is_admin=is_admin(policy, who),
        is_manager=is_manager(policy, who),
        departments=departments_of(policy, who),
        leads=tuple(one.key for one in policy.departments if who.is_among((one.lead,))),
    )


def is_admin(policy: Policy, who: Who) -> bool:
    """Say whether they may change the policy, and see what was parked or wasn't delivered."""
    return who.is_among(policy.team.admins)


def is_manager(policy: Policy, who: Who) -> bool:
    """Say whether the policy lists them as a manager."""
    return who.is_among(policy.team.managers)


def may_approve(policy: Policy, who: Who) -> bool:
    """Say whether they may approve that a customer is never told: managers, and administrators."""
    return is_manager(policy, who) or is_admin(policy, who)


def departments_of(policy: Policy, who: Who) -> tuple[str, ...]:
    """Return the keys of the departments that they are a member or the lead of, in the policy's order."""
    return tuple(one.key for one in policy.departments if who.is_among((one.lead, *one.members)))
