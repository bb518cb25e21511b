"""Storms: many cases of one theme, or of one account, stand under one umbrella instead of a card and a ping each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from storage import umbrellas
from storage.tables import Umbrella
from workflows import casework, customers, permission, timeline
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.refusal import Refusal
from workflows.triage import Triage

# One press does so many; whoever has more presses again.
TOGETHER: Final = 200
ACCOUNT: Final = "account:"


@dataclass(slots=True)
class Shelter:
    """Where a new case finds itself: alone, or under an umbrella. `owner` and `department` are those of the account."""

    umbrella_id: int | None = None
    is_withheld: bool = False
    lead: umbrellas.Lead | None = None
    """The account's open case: its owner and department answer for the new one too."""
    tasks_given: frozenset[str] = frozenset()
    """Departments that have something to do for the lead."""
    themes: list[tuple[str, list[Any], int | None]] = field(default_factory=list)
    """What is to be kept once the case has a number: (theme, recent cases before this one, umbrella's id)."""


def shelter(
    session: Session, answer: Answer, verdict: Triage, customer_id: int, *, policy: Policy, at: datetime
) -> Shelter:
    """Look whether a new case is one of many. Holds the themes it belongs to until the transaction ends."""
    found = Shelter()
    if counts_by_account(answer, policy=policy):
        _of_account(session, found, answer, customer_id, at=at)
    _of_theme(session, found, answer, verdict, policy=policy, at=at)
    return found


def sheltered(session: Session, found: Shelter, case_id: int, *, at: datetime) -> None:
    """Count a case, now that it has a number, among the recent ones of its themes.

    Its umbrella, which may be another theme's, is written only now that its own themes are held: two cases at once
    that took the two in different order would wait for each other.
    """
    if found.umbrella_id is not None:
        umbrellas.came(session, found.umbrella_id, at=at)
    for theme, recent, umbrella_id in found.themes:
        umbrellas.keep_theme(session, theme, [*recent, [case_id, at.timestamp()]], umbrella_id)


def counts_by_account(answer: Answer, *, policy: Policy) -> bool:
    """Tell whether a case goes with others of its account: the post names it, so who answers in confidence doesn't."""
    is_named = bool(answer.account_id) and customers.contactability_of(answer) == "contactable"
    return policy.storm.accounts and is_named


def theme_of_account(answer: Answer) -> str:
    """Name the theme of an answer's account."""
    return f"{ACCOUNT}{answer.source}:{answer.account_id}"


def theme_of(answer: Answer, verdict: Triage) -> str:
    """Name what a case is about: its department and rule, or, where no rule matched, where the customer was asked."""
    if verdict.rule_name is not None:
        return f"department:{verdict.department}|rule:{verdict.rule_name}"
    return f"form:{answer.source}|{answer.form or ''}|{answer.touchpoint or ''}"


def take_mine(session: Session, umbrella_id: int, *, policy: Policy, by: str, at: datetime) -> int:
    """Take every untouched case under an umbrella that is theirs, or nobody's; returns how many. None: Refusal."""
    ids = _ids(session, umbrella_id, ["new"])
    mine = [one for one in ids if casework.held(session, one).owner in {by, None}]
    if not mine and _is_at_work(session, umbrella_id, by):
        return 0  # a second press: it is as they wished
    if not mine:
        raise Refusal("None of these is yours and still to be taken. Press All cases, and open the one you mean.")
    return _together(
        session, umbrella_id, mine, lambda one: casework.take(session, one, policy=policy, by=by, at=at), at
    )


def resolve_together(
    session: Session,
    umbrella_id: int,
    *,
    root_cause: str,
    root_cause_text: str,
    what_changed: str,
    policy: Policy,
    by: str,
    at: datetime,
) -> int:
    """Resolve every case under an umbrella that can be: with one cause, and one text for all their customers.

    Each of them is still to be told by themselves. Returns how many were resolved; Refusal when none could be.
    """
    said = {"root_cause": root_cause, "root_cause_text": root_cause_text, "what_changed": what_changed}
    ids = _ids(session, umbrella_id, ["new", "working"])
    if not ids:
        raise Refusal("None of these is still to be resolved. Open a case to see where it stands.", "what_changed")
    return _together(
        session, umbrella_id, ids, lambda one: casework.resolve(session, one, **said, policy=policy, by=by, at=at), at
    )


def may_see(session: Session, umbrella_id: int, *, policy: Policy, by: str) -> Umbrella:
    """Give an umbrella to somebody of the team; Refusal for everybody else."""
    permission.may_join_in(session, by, policy=policy)
    umbrella = session.get(Umbrella, umbrella_id)
    if umbrella is None:
        raise Refusal("These cases aren't known any more. Try /loop mine instead.")
    return umbrella


def _together(session: Session, umbrella_id: int, ids: Sequence[int], move: Any, at: datetime) -> int:
    """Make a move with each case, and leave them under their umbrella; Refusal, the first one, when none allows it."""
    done, refusal = 0, None
    session.info[timeline.TOGETHER] = True
    try:
        for one in ids:
            try:
                move(one)
                done += 1
            except Refusal as refused:
                refusal = refusal or refused
    finally:
        del session.info[timeline.TOGETHER]
    if not done and refusal is not None:
        raise refusal
    timeline.draw_umbrella(session, umbrella_id, owner=None, at=at)
    return done


def _is_at_work(session: Session, umbrella_id: int, member: str) -> bool:
    found = umbrellas.gathered(session, umbrella_id, limit=0, owner=member)
    return found is not None and found.open > 0


def _ids(session: Session, umbrella_id: int, states: Sequence[str]) -> list[int]:
    return umbrellas.ids_in(session, umbrella_id, states=states, limit=TOGETHER)


def _of_account(session: Session, found: Shelter, answer: Answer, customer_id: int, *, at: datetime) -> None:
    theme = theme_of_account(answer)
    recent = umbrellas.held_theme(session, theme)[0][-umbrellas.OF_ACCOUNT :]
    lead = umbrellas.first_open(session, [one[0] for one in recent], besides=customer_id) if recent else None
    if lead is None:
        found.themes.append((theme, [], None))
        return
    umbrella_id = lead.umbrella_id
    if umbrella_id is None:
        umbrella_id = umbrellas.opened(
            session,
            theme=theme,
            label=answer.account_name or answer.account_id or "",
            department=lead.department,
            channel=lead.channel,
            first_case_id=lead.id,
            opened_at=at,
            last_at=at,
        )
        umbrellas.put_under(session, lead.id, umbrella_id)
    found.umbrella_id, found.is_withheld, found.lead = umbrella_id, True, lead
    found.tasks_given = frozenset(umbrellas.departments_with_tasks(session, lead.id))
    found.themes.append((theme, recent, None))


def _of_theme(
    session: Session, found: Shelter, answer: Answer, verdict: Triage, *, policy: Policy, at: datetime
) -> None:
    theme = theme_of(answer, verdict)
    recent, umbrella_id = umbrellas.held_theme(session, theme)
    since = (at - policy.storm.within).timestamp()
    recent = [one for one in recent if one[1] > since][-policy.storm.cases :]
    if not recent:
        umbrella_id = None  # the last storm is over
    is_storm = umbrella_id is not None or len(recent) + 1 >= policy.storm.cases
    if is_storm and umbrella_id is None:
        home = policy.department(verdict.department)
        ids = [int(one[0]) for one in recent]
        umbrella_id = umbrellas.opened(
            session,
            theme=theme,
            label=_label(answer, verdict),
            department=home.key,
            channel=home.channel,
            first_case_id=ids[0],
            opened_at=datetime.fromtimestamp(recent[0][1], at.tzinfo),
            last_at=at,
        )
        umbrellas.gather(session, ids, umbrella_id)
    if is_storm and umbrella_id is not None and found.umbrella_id is None:
        found.umbrella_id, found.is_withheld = umbrella_id, True
    found.themes.append((theme, recent, umbrella_id))


def _label(answer: Answer, verdict: Triage) -> str:
    if verdict.rule_name is not None:
        return verdict.rule_name
    return " · ".join(one for one in (answer.touchpoint, answer.form) if one) or answer.source
