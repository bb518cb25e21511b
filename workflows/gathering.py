"""Responses that come together: what all of them need is looked up at once, before they are taken in one by one."""

from collections.abc import Sequence

from sqlmodel import Session

from storage import crowd, known, umbrellas
from storage.tables import Case, Customer, Event, Response
from workflows import customers, storms
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.triage import triage


def look_up(session: Session, answers: Sequence[Answer], *, policy: Policy) -> list[bool]:
    """Look up what a crowd of answers needs, and hold it; tells of each whether it goes with little more than that.

    So go new responses of customers who never had a case. Those that need more (a correction, another response of an
    unhappy customer) best come after them: what they do may be of what was looked up, so it is forgotten.
    """
    company = crowd.of(session)
    assert company is not None, "whoever comes alone looks up for themselves"
    names = [customers.identities(one) for one in answers]
    responses = known.responses(session, {(one.source, one.external_id) for one in answers})
    found = known.held_customers(session, {name for each in names for name in each})
    taken = set[object]()
    are_plain = []
    for answer, mine in zip(answers, names, strict=True):
        response = (answer.source, answer.external_id)
        row = next((found[name] for name in mine if name in found), None)
        is_known = response in responses or not taken.isdisjoint([response, *mine])
        is_plain = not is_known and (row is None or (not row["has_cases"] and customers.is_as_said(row, answer, mine)))
        taken.update([response, *mine])
        are_plain.append(is_plain)
        if is_plain:
            company.memory("new responses")[response] = True
            company.memory("customers").update({name: found.get(name) for name in mine})
    plain = [one for one, is_plain in zip(answers, are_plain, strict=True) if is_plain]
    low = [one for one in plain if _is_low(one)]
    _hold_themes(session, company, low, policy=policy)
    strangers = sum(row is None for row in company.memory("customers").values())
    company.expect({Customer: strangers, Response: len(plain), Case: len(low), Event: len(low)})
    return are_plain


def _is_low(answer: Answer) -> bool:
    try:
        return answer.scale.band(answer.score) == "low"
    except ValueError:  # beyond its scale: whoever takes it in says so
        return False


def _hold_themes(session: Session, company: crowd.Crowd, low: Sequence[Answer], *, policy: Policy) -> None:
    themes = set[str]()
    for answer in low:
        verdict = triage(policy, answer, band="low", low_before_within_90_days=False)
        company.memory("verdicts")[id(answer)] = verdict
        themes.add(storms.theme_of(answer, verdict))
        if storms.counts_by_account(answer, policy=policy):
            themes.add(storms.theme_of_account(answer))
    if themes:
        umbrellas.hold_themes(session, company, themes)
