"""A policy that knows one form of each survey tool, for the stories in this folder."""

import pytest

from workflows.policy import Policy, load

POLICY = """
[team]
name = "Polderwerk care"
timezone = "Europe/Amsterdam"
admins = ["U00000001"]

[[department]]
key = "support"
name = "Support"
channel = "C00000001"
lead = "U00000001"

[[source]]
name = "typeform"
form = "pW3nTz8K"
metric = "csat"
scale = [1, 7]
low = 3
neutral = 4
score_field = "recommend"

[[source]]
name = "typeform"
form = "several"
metric = "csat"
scale = [1, 5]
low = 2
neutral = 3

[[source]]
name = "formbricks"
form = "cm9surv1111invented"
metric = "ces"
scale = [1, 5]
low = 2
neutral = 3
score_field = "q_score"
comment_field = "q_why"

[[source]]
name = "generic"
form = "stars"
metric = "csat"
scale = [1, 10]
low = 4
neutral = 6
"""


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load(POLICY)


@pytest.fixture(scope="session")
def policy_without_sources() -> Policy:
    return load(POLICY.partition("[[source]]")[0])
