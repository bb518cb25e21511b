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

[[source]]
name = "tally"
form = "mB6rTe"
metric = "csat"
scale = [1, 5]
score_field = "question_k1"

[[source]]
name = "google_forms"
form = "1FormInventedAbC"
metric = "ces"
scale = [1, 7]
score_field = "991"

[[source]]
name = "posthog"
form = "0195surv-invented"
metric = "nps"
score_field = "11111111-0000-4000-8000-000000000001"
comment_field = "11111111-0000-4000-8000-000000000002"

[[source]]
name = "asknicely"
form = "Twice a year"
metric = "nps"

[[source]]
name = "satismeter"
form = "64dd03"
metric = "ces"
scale = [1, 5]
low = 2
neutral = 3
score_field = "ease"
comment_field = "more"

[[source]]
name = "jotform"
form = "27002"
metric = "csat"
scale = [1, 5]
score_field = "q4_howWas"
comment_field = "q5_why"

[[source]]
name = "questionpro"
form = "6601"
metric = "csat"
scale = [1, 5]
score_field = "71"

[[source]]
name = "surveymonkey"
form = "30078"
metric = "csat"
scale = [1, 5]
"""


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load(POLICY)


@pytest.fixture(scope="session")
def policy_without_sources() -> Policy:
    return load(POLICY.partition("[[source]]")[0])
