"""Every view in every state: what the golden files hold, and what is held against Slack's limits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import view_files as of
from view_events import events
from view_files import POLICY
from view_words import DAY, HOUR, MONDAY, Words

from bot.slack.views.approvals import approval_question
from bot.slack.views.card import case_card, owner_message
from bot.slack.views.case import case_modal
from bot.slack.views.customer import veiled
from bot.slack.views.home import home
from bot.slack.views.message import Message
from bot.slack.views.status import Counts, DepartmentCount, case_list, help_text, status
from bot.slack.views.tasks import task_card
from bot.slack.views.thread import line
from bot.slack.views.why import why_me
from storage.casefile import CaseFile

Drawn = Message | dict[str, Any]
NO_MINE: Final = replace(of.mine(count=1), cases=[], tasks=[], case_count=0, task_count=0)


def card(file: CaseFile) -> Message:
    return case_card(file, policy=POLICY, place="#support")


def owned(file: CaseFile, member: str = "UBEN") -> Message:
    return owner_message(file, policy=POLICY, member=member)


def simple(words: Words, state: str = "new", **changes: Any) -> CaseFile:
    return of.file(of.case_in(state, words, **changes), words)


def confidential(words: Words) -> CaseFile:
    return of.full("ready", words, who=of.customer(words, contactability="confidential"), outreaches=[of.mail(words)])


def with_mail(words: Words, state: str, case_state: str = "ready") -> CaseFile:
    return of.full(
        case_state, words, outreaches=[of.call(words), of.mail(words, state=state, problem="550 unknown user")]
    )


def counts(words: Words) -> Counts:
    del words
    departments = (
        DepartmentCount(department="support", open=9, overdue=2),
        DepartmentCount(department="billing", open=3, overdue=0),
        DepartmentCount(department="gone", open=1, overdue=1),
    )
    return Counts(
        new=4,
        working=7,
        ready=2,
        unowned=1,
        overdue=3,
        told=31,
        excused=2,
        excused_anonymous=5,
        since=MONDAY - DAY * 30,
        departments=departments,
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
    "home_manager": lambda words: home(
        of.mine(words), member="UINES", policy=POLICY, at=MONDAY, unowned=[simple(words, owner=None)]
    ),
    "home_empty": lambda _: home(NO_MINE, member="UBEN", policy=POLICY, at=MONDAY),
    "home_manager_empty": lambda _: home(NO_MINE, member="UINES", policy=POLICY, at=MONDAY, unowned=[]),
    **{
        f"modal_{state}": lambda words, state=state: case_modal(of.full(state, words), policy=POLICY)
        for state in of.STATES
    },
    "modal_mail_unclear": lambda words: case_modal(with_mail(words, "unclear"), policy=POLICY),
    "modal_confidential": lambda words: case_modal(veiled(confidential(words)), policy=POLICY),
    "modal_anonymous": lambda words: case_modal(
        of.file(of.case_in("working", words), words, who=of.anonymous()), policy=POLICY
    ),
    "why_me": lambda words: why_me(simple(words), policy=POLICY),
    "why_me_without_rule": lambda words: why_me(
        simple(words, "working", owner=None, why={"rule": None, "matched": ["no rule matches"]}), policy=POLICY
    ),
    "why_me_moved": lambda words: why_me(simple(words, "working", department="billing"), policy=POLICY),
    "why_me_told": lambda words: why_me(simple(words, "told"), policy=POLICY),
    "status": lambda words: status(counts(words), policy=POLICY),
    "list": lambda words: case_list(of.mine(words), policy=POLICY, at=MONDAY + 5 * HOUR),
    "list_empty": lambda _: case_list(NO_MINE, policy=POLICY, at=MONDAY),
    "help": lambda _: help_text(),
    "lines": lambda words: {
        "type": "lines",
        "lines": [
            (message := line(of.full("working", words), event, policy=POLICY))
            and [event.kind, message.text, message.blocks]
            for event in events(words)
        ],
    },
}
