"""A policy as small as it may be, to which each test adds what it is about."""

from workflows.policy import Policy, PolicyError, Problem, load

TEAM = """\
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["de", "en"]
admins = ["UNORA"]
managers = ["UMAX", "Ines@lumendesk.example"]
valuable_account = 50_000
"""
DEPARTMENTS = """
[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "ben@lumendesk.example"]

[[department]]
key = "billing"
name = "Billing"
channel = "C0BILLING"
lead = "UHUGO"
members = ["UANA"]
calendar = { timezone = "America/New_York", days = ["mon"], hours = ["22:00-02:00"] }
"""


def small_policy(more: str = "") -> Policy:
    return load(TEAM + DEPARTMENTS + more)


def problems_of(text: str) -> list[Problem]:
    """Return what is wrong with this document."""
    try:
        load(text)
    except PolicyError as error:
        return error.problems
    return []


def problems_with(more: str) -> list[tuple[int, str, str]]:
    """Return what is wrong with the small policy and this after it; lines are counted in what was added."""
    start = (TEAM + DEPARTMENTS).count("\n")
    return [(problem.line - start, problem.key, problem.message) for problem in problems_of(TEAM + DEPARTMENTS + more)]
