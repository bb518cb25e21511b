"""Who may do what, by Slack id or by e-mail address."""

import pytest
from small_policy import small_policy

from workflows.roles import Role, Who, departments_of, is_admin, is_manager, may_approve, role_of


@pytest.mark.parametrize(
    ("who", "role"),
    [
        (("UNORA", None), Role(is_admin=True, is_manager=False, departments=(), leads=())),
        (("UMAX", None), Role(is_admin=False, is_manager=True, departments=(), leads=())),
        (("UX", "INES@lumendesk.example"), Role(is_admin=False, is_manager=True, departments=(), leads=())),
        (
            ("UANA", None),
            Role(is_admin=False, is_manager=False, departments=("support", "billing"), leads=("support",)),
        ),
        (("UHUGO", None), Role(is_admin=False, is_manager=False, departments=("billing",), leads=("billing",))),
        (("UB", "Ben@LumenDesk.example"), Role(is_admin=False, is_manager=False, departments=("support",), leads=())),
    ],
)
def test_the_policy_says_what_somebody_is(who: tuple[str, str | None], role: Role) -> None:
    found = role_of(small_policy(), *who)

    assert found == role
    assert found.is_known


def test_a_stranger_is_nothing() -> None:
    found = role_of(small_policy(), "USTRANGER", "ana@elsewhere.example")

    assert found == Role(is_admin=False, is_manager=False, departments=(), leads=())
    assert not found.is_known


@pytest.mark.parametrize(("member", "may"), [("UNORA", True), ("UMAX", True), ("UANA", False), ("USTRANGER", False)])
def test_managers_and_administrators_approve(member: str, *, may: bool) -> None:
    assert may_approve(small_policy(), Who(member)) is may


def test_the_single_questions_agree_with_the_role() -> None:
    policy, who = small_policy(), Who("UB", "ben@lumendesk.example")

    assert (is_admin(policy, who), is_manager(policy, who), departments_of(policy, who)) == (False, False, ("support",))
