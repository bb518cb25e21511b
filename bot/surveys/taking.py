"""What a rightly signed request holds, taken in as a whole: answers, what has to be asked for, what can't be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.surveys.fields import json_body
from bot.surveys.refetching import asked_for
from bot.surveys.request import Adapter, Fetch, Found, Ignored, Unreadable
from bot.surveys.scoring import as_the_policy_says
from storage import crowd, parked
from workflows import asking, fetching, gathering, intake
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import UnknownScale


@dataclass(frozen=True, slots=True)
class Understood:
    """What a request holds, and why parts of it can't be read."""

    found: Sequence[Found]
    problems: Sequence[str] = ()
    unknown: Sequence[UnknownScale] = ()
    """Those of the problems that an admin can settle by saying on which scale a form asks."""

    @property
    def ignored(self) -> str | None:
        """Why there is nothing to keep; None when there is something."""
        reasons = [one.reason for one in self.found if isinstance(one, Ignored)]
        return reasons[0] if reasons and len(reasons) == len(self.found) and not self.problems else None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a request: one word for all of it, its first case, and why parts of it couldn't be kept, if so."""

    status: str
    case_id: int | None
    problem: str


def understood(adapter: Adapter, body: bytes, policy: Policy, at: datetime) -> Understood:
    """Read a request's body. Of a list that can't be read as a whole, what can be read by itself is.

    What was parked because a reply of the tool's API couldn't be read is asked for again.
    """
    if adapter.fetch is not None and (named := asked_for(body)) is not None:
        return Understood([named])
    try:
        read = (adapter.read or json_body)(body)
        return Understood(_parsed(adapter, read, policy, at))
    except (Unreadable, UnknownScale) as problem:
        if not (adapter.read is None and _is_list_of_several(body)):
            return in_vain(problem)
    return _one_by_one(adapter, json_body(body), policy, at)


def in_vain(problem: Unreadable | UnknownScale) -> Understood:
    """Say that a request, or a reply, can't be read at all."""
    return Understood((), (str(problem),), (problem,) if isinstance(problem, UnknownScale) else ())


def set_aside(
    session: Session, source: str, body: bytes, held: Understood, reason: str, *, policy: Policy, at: datetime
) -> None:
    """Keep the bytes of what can't be read, and ask an admin where a word of theirs is all that is missing."""
    form = next((one.form for one in held.unknown), None)
    parked.park(session, source=source, body=body, reason=reason, form=form, at=at)
    ask_for_scales(session, source, held, policy=policy, at=at)


def ask_for_scales(session: Session, source: str, held: Understood, *, policy: Policy, at: datetime) -> None:
    """Ask for every scale that is missing, each once."""
    for one in held.unknown:
        asking.scale_is_unknown(
            session,
            source=one.source or source,
            form=one.form,
            metric=one.metric,
            reason=str(one),
            policy=policy,
            at=at,
        )


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request that was rightly signed, with what it holds, as it waits to be kept."""

    adapter: Adapter
    body: bytes
    held: Understood
    policy: Policy
    policy_version: int | None
    at: datetime

    @property
    def answers(self) -> list[Answer]:
        """The answers among what it holds."""
        return [one for one in self.held.found if isinstance(one, Answer)]


def keep_all(session: Session, arrived: Sequence[Arrived]) -> list[Kept]:
    """Keep requests that came together: each as if it had come alone, those that need little first."""
    policy = arrived[0].policy
    if len(arrived) == 1 or any(one.policy is not policy for one in arrived):
        return [_kept_or_parked(session, one) for one in arrived]
    kept: dict[int, Kept] = {}
    with crowd.gathered(session):
        are_plain = iter(gathering.look_up(session, [one for each in arrived for one in each.answers], policy=policy))
        plain = [all([next(are_plain) for _ in each.answers]) for each in arrived]  # noqa: C419 -- each is to be taken
        for number in sorted(range(len(arrived)), key=lambda one: not plain[one]):
            kept[number] = _kept_or_parked(session, arrived[number])
    return [kept[number] for number in range(len(arrived))]


def _kept_or_parked(session: Session, arrived: Arrived) -> Kept:
    """Keep all that a request holds, and beside it the request itself if parts can't be read."""
    how: Any = {"policy": arrived.policy, "at": arrived.at}
    kept = keep(session, arrived.adapter, arrived.held, policy_version=arrived.policy_version, **how)
    if kept.problem:
        set_aside(session, arrived.adapter.name, arrived.body, arrived.held, kept.problem, **how)
    return kept


def keep(
    session: Session, adapter: Adapter, held: Understood, *, policy: Policy, policy_version: int | None, at: datetime
) -> Kept:
    """Keep what can be kept, in this transaction. Doing it again is harmless: every response is there once."""
    problems, statuses, case_id = list(held.problems), set[str](), None
    for one in held.found:
        if isinstance(one, Fetch):
            fetching.want(session, source=adapter.name, external_id=one.external_id, ids=one.ids, at=at)
            statuses.add("fetching")
        elif isinstance(one, Answer):
            try:
                received = intake.receive(session, one, policy=policy, policy_version=policy_version, at=at)
            except ValueError as problem:  # a score beyond its scale; nothing has been written of it
                problems.append(f"{str(problem)[0].upper()}{str(problem)[1:]}.")
                continue
            statuses.add("new" if received.is_new else "changed" if received.is_changed else "known")
            case_id = case_id or received.case_id
    order = ("new", "changed", "fetching", "known")
    status = "parked" if problems else next((one for one in order if one in statuses), "ignored")
    return Kept(status, case_id, " ".join(dict.fromkeys(problems)))


def _parsed(adapter: Adapter, read: object, policy: Policy, at: datetime) -> Sequence[Found]:
    found = adapter.parse(read, policy, at)
    every = [found] if isinstance(found, Answer | Ignored | Fetch) else list(found)
    return [as_the_policy_says(one, policy) if isinstance(one, Answer) else one for one in every]


def _is_list_of_several(body: bytes) -> bool:
    try:
        read = json_body(body)
    except Unreadable:
        return False
    return isinstance(read, list) and len(read) > 1


def _one_by_one(adapter: Adapter, read: object, policy: Policy, at: datetime) -> Understood:
    assert isinstance(read, list)
    found, problems, unknown = list[Found](), list[str](), list[UnknownScale]()
    for one in read:
        try:
            found += _parsed(adapter, [one], policy, at)
        except (Unreadable, UnknownScale) as problem:
            problems.append(str(problem))
            unknown += [problem] if isinstance(problem, UnknownScale) else []
    return Understood(found, problems, unknown)
