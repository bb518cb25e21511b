"""Every view in every state: what the golden files hold, and what is held against Slack's limits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import view_files as of
from view_digests import DIGESTS
from view_events import events
from view_files import POLICY
from view_overview import OVERVIEWS
from view_storms import STORMS
from view_words import DAY, HOUR, MONDAY, Words

from bot.slack.views import pings
from bot.slack.views.approvals import approval_question
from bot.slack.views.card import case_card, owner_message
from bot.slack.views.case import case_modal
from bot.slack.views.customer import veiled
from bot.slack.views.home import home
from bot.slack.views.limits import limits_modal
from bot.slack.views.message import Message
from bot.slack.views.status import case_list, help_text
from bot.slack.views.tasks import task_card
from bot.slack.views.thread import line
from bot.slack.views.why import why_me
from storage.casefile import CaseFile
from storage.lists import Troubles
from storage.tables import Member
from storage.time_tables import Ping

Drawn = Message | dict[str, Any]
AT: Final = MONDAY + 5 * HOUR
NO_MINE: Final = replace(of.mine(count=1), cases=[], tasks=[], case_count=0, task_count=0)
PINGS: Final = {
    name: Ping(id=number, key=name, member="UBEN", case_id=12, kind=kind, at=MONDAY, facts=facts)
    for number, (name, kind, facts) in enumerate(
        (
            ("warn", "warn", {"clock": "claim", "due": (MONDAY + HOUR).isoformat()}),
            ("limit", "limit", {"clock": "contact", "due": (MONDAY + HOUR).isoformat()}),
            ("lead", "lead", {"clock": "tell", "due": (MONDAY + HOUR).isoformat()}),
            ("managers", "managers", {"clock": "claim"}),
            ("lent", "lent", {"clock": "claim", "from": "UANA", "due": (MONDAY + HOUR).isoformat()}),
            ("returned", "returned", {"from": "UANA"}),
            ("task", "task", {"task_id": 31, "step": "limit"}),
            ("task_warn", "task", {"task_id": 31, "step": "warn"}),
            ("task_lead", "lead", {"task_id": 31, "step": "lead"}),
            ("task_lent", "lent", {"task_id": 31, "from": "UANA"}),
            ("task_returned", "returned", {"task_id": 31, "from": "UANA"}),
            ("promise", "promise", {"promise_id": 61, "slipped": False}),
            ("promise_slipped", "promise", {"promise_id": 61, "slipped": True}),
            ("unknown", "approval", {}),
        ),
        1,
    )
}


def promising(words: Words) -> CaseFile:
    return replace(of.full("new", words), promises=of.promises(words))


def held_back() -> list[Ping]:
    """Give more of them than one message shows."""
    again = [Ping(**(one.model_dump() | {"id": number + 100})) for number, one in enumerate(PINGS.values())]
    return [*PINGS.values(), *again]


def card(file: CaseFile) -> Message:
    return case_card(file, policy=POLICY, place="#support", at=AT)


def owned(file: CaseFile, member: str = "UBEN") -> Message:
    return owner_message(file, policy=POLICY, member=member, at=AT)


def simple(words: Words, state: str = "new", **changes: Any) -> CaseFile:
    return of.file(of.case_in(state, words, **changes), words)


def confidential(words: Words) -> CaseFile:
    return of.full("ready", words, who=of.customer(words, contactability="confidential"), outreaches=[of.mail(words)])


def with_mail(words: Words, state: str, case_state: str = "ready") -> CaseFile:
    return of.full(
        case_state, words, outreaches=[of.call(words), of.mail(words, state=state, problem="550 unknown user")]
    )


def paused(words: Words) -> CaseFile:
    """Return a paused case with promises in every state, and one more than a card shows."""
    more = [of.promise(words, id=70 + number, due_at=MONDAY + 3 * DAY) for number in range(2)]
    return of.full(
        "working",
        words,
        case={"paused_until": MONDAY + 3 * DAY, "contact_due_at": MONDAY + 3 * DAY + 2 * HOUR},
        pauses=[of.pause(words)],
        promises=[*of.promises(words), *more],
    )


def csat(words: Words) -> CaseFile:
    answer = of.response(words, metric="csat", score=2, low_end=1, high_end=5, source="intercom", form=None)
    return of.file(of.case(words, owner=None), words, responses=[answer])


def ces_down(words: Words) -> CaseFile:
    answer = of.response(words, metric="ces", score=6, low_end=1, high_end=7, direction="down", comment="")
    return of.file(of.case(words, urgency="normal"), words, responses=[answer])


def wide_scale(words: Words) -> CaseFile:
    answer = of.response(words, metric="csat", score=-20.5, low_end=-100, high_end=100)
    return of.file(of.case(words), words, responses=[answer])


def unnamed(words: Words) -> CaseFile:
    who = of.customer(words, name=None, email=None, identity="id:intercom:c-99", account_name=None, account_id=None)
    return of.file(of.case_in("working", words), words, who=who)


GALLERY: Final[dict[str, Callable[[Words], Drawn]]] = {
    **OVERVIEWS,
    **DIGESTS,
    "card_new": lambda words: card(simple(words)),
    "card_new_full": lambda words: card(of.full("new", words)),
    "card_stand_in": lambda words: card(simple(words, owner="UANA", is_owner_stand_in=True, urgency="urgent")),
    "card_csat_unowned": lambda words: card(csat(words)),
    "card_ces_down_without_comment": lambda words: card(ces_down(words)),
    "card_wide_scale": lambda words: card(wide_scale(words)),
    "card_without_answer": lambda words: card(of.file(of.case(words), words, responses=[])),
    "card_working": lambda words: card(simple(words, "working")),
    "card_working_full": lambda words: card(of.full("working", words)),
    "card_working_contacted": lambda words: card(simple(words, "working", contacted_at=MONDAY + 2 * HOUR)),
    "card_working_reopened": lambda words: card(simple(words, "working", reopened=2)),
    "card_ready": lambda words: card(of.full("ready", words)),
    "card_told": lambda words: card(of.full("told", words, outreaches=[of.mail(words, state="accepted")])),
    "card_excused": lambda words: card(of.full("excused", words)),
    "card_mail_waiting": lambda words: card(with_mail(words, "waiting")),
    "card_mail_sending": lambda words: card(with_mail(words, "sending")),
    "card_mail_unclear": lambda words: card(with_mail(words, "unclear")),
    "card_mail_refused": lambda words: card(with_mail(words, "refused")),
    "card_mail_bounced": lambda words: card(with_mail(words, "bounced", "working")),
    "card_excuse_asked": lambda words: card(of.full("working", words, approval=of.approval(words))),
    "card_anonymous": lambda words: card(of.file(of.case_in("working", words), words, who=of.anonymous())),
    "card_anonymous_excused": lambda words: card(
        of.file(of.case_in("excused", words, excuse="anonymous", excuse_text=None), words, who=of.anonymous())
    ),
    "card_without_mail": lambda words: card(unnamed(words)),
    "card_confidential": lambda words: card(confidential(words)),
    "card_paused": lambda words: card(paused(words)),
    "card_snoozed": lambda words: card(simple(words, "working", snoozed_until=MONDAY + DAY)),
    "card_drawn_without_the_time": lambda words: case_card(simple(words), policy=POLICY, place="#support"),
    "card_moved": lambda words: card(simple(words, "working", department="billing", channel="C0BILLING")),
    "owner_new": lambda words: owned(simple(words)),
    "owner_working": lambda words: owned(of.full("working", words)),
    "owner_stand_in": lambda words: owned(simple(words, owner="UANA", is_owner_stand_in=True), "UANA"),
    "owner_confidential": lambda words: owned(confidential(words)),
    "owner_told": lambda words: owned(of.full("told", words, outreaches=[of.mail(words, state="accepted")])),
    "owner_handed_over": lambda words: owned(simple(words, "working"), "UANA"),
    "owner_handed_over_confidential": lambda words: owned(confidential(words), "UANA"),
    "task_open": lambda words: task_card(of.full("working", words), 31, policy=POLICY, place="UHUGO"),
    "task_done": lambda words: task_card(of.full("working", words), 32, policy=POLICY),
    "task_cancelled": lambda words: task_card(
        of.full("working", words, tasks=[of.task(words, state="cancelled", closed_by="UBEN", outcome=words.note)]),
        31,
        policy=POLICY,
    ),
    "task_unowned": lambda words: task_card(
        of.full("new", words, tasks=[of.task(words, owner=None, created_by="hearback", due_at=None)]),
        31,
        policy=POLICY,
        place="C0BILLING",
    ),
    "task_handed_over": lambda words: task_card(of.full("working", words), 31, policy=POLICY, place="UANA"),
    "task_confidential": lambda words: task_card(
        replace(confidential(words), tasks=[of.task(words)]), 31, policy=POLICY, place="UHUGO"
    ),
    "task_unknown": lambda words: task_card(of.full("working", words), 99, policy=POLICY),
    "approval_open": lambda words: approval_question(of.full("working", words), of.approval(words), policy=POLICY),
    **{
        f"approval_{decision}": lambda words, decision=decision: approval_question(
            of.full("working", words),
            of.approval(
                words,
                decision=decision,
                decided_by="UINES",
                decided_at=MONDAY + 2 * DAY,
                decision_text=words.note if decision == "declined" else "",
            ),
            policy=POLICY,
        )
        for decision in ("approved", "declined", "withdrawn")
    },
    "approval_confidential": lambda words: approval_question(confidential(words), of.approval(words), policy=POLICY),
    "home": lambda words: home(of.mine(words), member="UBEN", policy=POLICY, at=MONDAY + 5 * HOUR),
    "home_empty": lambda _: home(NO_MINE, member="UBEN", policy=POLICY, at=MONDAY),
    **{
        f"modal_{state}": lambda words, state=state: case_modal(of.full(state, words), policy=POLICY, at=AT)
        for state in of.STATES
    },
    "modal_mail_unclear": lambda words: case_modal(with_mail(words, "unclear"), policy=POLICY, at=AT),
    "modal_confidential": lambda words: case_modal(veiled(confidential(words)), policy=POLICY, at=AT),
    "modal_anonymous": lambda words: case_modal(
        of.file(of.case_in("working", words), words, who=of.anonymous()), policy=POLICY, at=AT
    ),
    "modal_paused": lambda words: case_modal(paused(words), policy=POLICY, at=AT),
    "why_me": lambda words: why_me(simple(words), policy=POLICY),
    "why_me_without_rule": lambda words: why_me(
        simple(words, "working", owner=None, why={"rule": None, "matched": ["no rule matches"]}), policy=POLICY
    ),
    "why_me_moved": lambda words: why_me(simple(words, "working", department="billing"), policy=POLICY),
    "why_me_told": lambda words: why_me(simple(words, "told"), policy=POLICY),
    "why_me_paused": lambda words: why_me(simple(words, paused_until=MONDAY + DAY), policy=POLICY),
    "why_me_late": lambda words: why_me(simple(words, next_step_at=None), policy=POLICY),
    "home_away": lambda words: home(
        NO_MINE,
        member="UBEN",
        policy=POLICY,
        at=MONDAY,
        me=Member(id="UBEN", name="Ben", away_until=MONDAY + DAY, away_note=words.note),
    ),
    "home_policy_changed": lambda _: home(
        NO_MINE,
        member="UNORA",
        policy=POLICY,
        at=MONDAY,
        troubles=Troubles(dead=[], latest_dead=None, parked=[], changed_policy=(4, MONDAY)),
    ),
    "modal_limits": lambda _: limits_modal(12, is_all=True, version=4),
    "modal_limits_many": lambda _: limits_modal(790, is_all=False, version=4),
    "modal_limits_one": lambda _: limits_modal(1, is_all=True, version=4),
    "modal_limits_none": lambda _: limits_modal(0, is_all=True, version=4),
    "home_present": lambda _: home(NO_MINE, member="UBEN", policy=POLICY, at=MONDAY, me=Member(id="UBEN", name="Ben")),
    **{
        f"ping_{name}": lambda words, one=one: pings.ping(promising(words), one, policy=POLICY)
        for name, one in PINGS.items()
    },
    "pings_held_back": lambda words: pings.held_back({12: promising(words)}, held_back(), policy=POLICY),
    "escalation": lambda words: pings.escalation(
        of.full("new", words), [one for one in events(words) if one.kind == "escalated"], policy=POLICY
    ),
    "list": lambda words: case_list(of.mine(words), policy=POLICY, at=MONDAY + 5 * HOUR),
    "list_empty": lambda _: case_list(NO_MINE, policy=POLICY, at=MONDAY),
    "help": lambda _: help_text(),
    **STORMS,
    "lines": lambda words: {
        "type": "lines",
        "lines": [
            (message := line(of.full("working", words), event, policy=POLICY))
            and [event.kind, message.text, message.blocks]
            for event in events(words)
        ],
    },
}
