"""Digests of every kind, full and empty, as the golden files hold them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import view_files as of
from view_words import DAY, HOUR, MONDAY, Words

from bot.slack.views.digest_lists import MEANINGS
from bot.slack.views.digest_modals import digest_draft, digest_form, digest_list, digest_look, figure_modal
from bot.slack.views.digests import post
from bot.slack.views.message import Message
from bot.slack.views.notices import notice
from storage.casefile import CaseFile
from storage.schedules import Listed
from storage.source_tables import Alarm
from storage.time_tables import Decision, Promise, Run, Schedule
from workflows.digest_editing import Wish
from workflows.digest_pack import Listing, Pack, Said, Weekly
from workflows.figures_period import Filters, Period
from workflows.figures_shapes import (
    Figures,
    Group,
    Headline,
    Loops,
    Score,
    Share,
    Spread,
    Times,
    Waiting,
    Week,
)
from workflows.slots import Slot

BERLIN: Final = ZoneInfo("Europe/Berlin")
AT: Final = MONDAY + 7 * DAY


def pack(kind: str, **more: Any) -> Pack:
    known: dict[str, Any] = {
        "name": "Every morning",
        "kind": kind,
        "department": "support",
        "run_id": 5,
        "at": AT,
        "zone": BERLIN,
        "since": AT - 3 * DAY,
        "day_ends": AT + 14 * HOUR,
    }
    return Pack(**(known | more))


def files(words: Words, state: str = "working", count: int = 2, **changes: Any) -> list[CaseFile]:
    return [of.file(of.case_in(state, words, id=12 + number, **changes), words) for number in range(count)]


def hidden(words: Words) -> CaseFile:
    return of.file(of.case_in("working", words, id=99), words, who=of.customer(words, contactability="confidential"))


def unknown(words: Words) -> CaseFile:
    return of.file(of.case_in("working", words, id=98, owner=None), words, who=of.anonymous())


def promised(words: Words) -> list[tuple[Promise, CaseFile]]:
    promise = Promise(id=61, case_id=12, text=words.note, due_at=AT + 4 * HOUR, by="UBEN", made_at=MONDAY)
    return [(promise, files(words, count=1)[0])]


def daily(words: Words) -> Pack:
    return pack(
        "department_daily",
        lists={
            "unowned": Listing(files(words, "new", owner=None), 2),
            "overdue": Listing([*files(words), hidden(words), unknown(words)], 11),
            "due_today": Listing(files(words, "ready", count=6), 6),
            "told": Listing(files(words, "told", count=1), 1),
        },
        promises=promised(words),
        promise_count=1,
    )


def no_day(_: Words) -> Pack:
    lists = {name: Listing([], 0) for name in ("unowned", "overdue", "due_today", "told")}
    return pack("department_daily", since=AT - DAY, lists=lists)


def huddle(words: Words, **more: Any) -> Pack:
    comments = [Said(of.response(words), file) for file in (*files(words, count=1), hidden(words), unknown(words))]
    (told,), (late,) = files(words, "told", count=1), files(words, "new", count=1)
    return pack(
        "huddle",
        comments=comments,
        promises=promised(words),
        promise_count=3,
        learn=told,
        raised=late,
        **more,
    )


def decided(words: Words) -> Pack:
    given = (("comment_1", "yes"), ("learn", "no"), ("raise", "yes"))
    return huddle(
        words,
        decided={
            item: Decision(run_id=5, item=item, decision=decision, by="UBEN", at=AT + HOUR) for item, decision in given
        },
    )


def loops(low: int, told: int, **more: Any) -> Loops:
    known: dict[str, Any] = {"excused": 2, "anonymous": 1, "history": 0, "claimed": low, "contacted": told}
    limits = {"claim": Share(low - 1, low), "contact": Share(told, low), "tell": Share(0, 0)}
    shares = {"resolved": told, "in_limit": limits, "reopened": Share(1, told)}
    return Loops(low=low, told=told, **(known | shares | more))


def headline(low: int, told: int, nps: float | None) -> Headline:
    spread = Spread(3, 3600.0, 7200.0)
    scores = {
        "nps": Score("nps", 40, 10, 8, 22, nps, 12.4),
        "csat": Score("csat", 12, 2, 2, 8, 66.7, 26.0),
        "ces": Score("ces", 9, 3, 2, 4, 4.6, 0.9, (1.0, 7.0, "up")),
    }
    return Headline(loops(low, told), scores, {"claim": Times(spread, spread)})


def weekly(words: Words) -> Weekly:
    period = Period.of_days(date(2026, 11, 2), date(2026, 11, 8), zone=BERLIN)
    groups = {
        "department": (Group("support", loops(9, 5)), Group("gone", loops(2, 0))),
        "owner": (Group("UBEN", loops(7, 4)), Group("", loops(4, 1))),
        "root_cause": (Group("process", loops(5, 5)), Group("product", loops(2, 2)), Group("", loops(3, 0))),
        "touchpoint": (Group(words.touchpoint, loops(3, 0)),),
    }
    weeks = [
        Week(
            date(2026, 8, 17) + timedelta(days=7 * number),
            date(2026, 8, 23) + timedelta(days=7 * number),
            Share(number, 12),
            Waiting(number, 30.5 * number),
        )
        for number in range(12)
    ]
    figures = Figures(
        period=period,
        filters=Filters(department="support"),
        at=AT,
        zone="Europe/Berlin",
        now=headline(14, 8, 30.0),
        before=headline(12, 5, 34.5),
        waiting=Waiting(3, 335.5),
        unit="day",
        over_time=(),
        by=groups,
    )
    longest = [*files(words, count=8), hidden(words), unknown(words)]
    return Weekly(figures=figures, weeks=weeks, longest=longest, names={"UBEN": words.member})


def week(words: Words) -> Pack:
    said = [Said(of.response(words), file) for file in (*files(words, count=1), hidden(words), unknown(words))]
    return pack("manager_weekly", department=None, comments=said, weekly=weekly(words))


def quiet_week(words: Words) -> Pack:
    full = weekly(words)
    nothing = Headline(Loops(0, 0, 0, 0, 0, 0, 0, 0, {}, Share(0, 0)), {}, {})
    figures = Figures(
        period=full.figures.period,
        filters=Filters(),
        at=AT,
        zone="Europe/Berlin",
        now=nothing,
        before=nothing,
        waiting=Waiting(0, 0.0),
        unit="day",
        over_time=(),
        by={},
    )
    weeks = [Week(one.first, one.last, Share(0, 0), Waiting(0, 0.0)) for one in full.weeks]
    return pack("manager_weekly", department=None, weekly=Weekly(figures, weeks, [], {}))


def schedule(words: Words, **more: Any) -> Schedule:
    known: dict[str, Any] = {
        "id": 3,
        "name": words.title[:60],
        "kind": "department_daily",
        "department": "support",
        "days": [0, 1, 2, 3, 4],
        "hour": "09:00",
        "timezone": "Europe/Berlin",
        "next_at": AT + DAY,
        "next_slot": "2026-11-10T09:00",
        "changed_by": "UINES",
        "changed_at": MONDAY,
    }
    return Schedule(**(known | more))


def listed(words: Words) -> list[Listed]:
    run = Run(id=5, schedule_id=3, slot="2026-11-09T09:00", state="posted", slot_at=AT, at=AT)
    weekly = schedule(words, id=4, kind="manager_weekly", department=None, channel="C0LEADS", days=[0], origin="slack")
    return [
        Listed(schedule(words), run, 0),
        Listed(weekly, None, 2),
        Listed(schedule(words, id=5, kind="my_morning", is_on=False, next_at=None, days=list(range(7))), run, 0),
        Listed(schedule(words, id=6, department="gone"), run, 1),
    ]


TIMES: Final = [Slot(f"2026-11-1{number}T09:00", AT + number * DAY) for number in range(3)]


def wish(words: Words) -> Wish:
    return Wish(
        name=words.title[:60],
        kind="huddle",
        channel=None,
        department="support",
        days=(1, 3),
        hour="10:00",
        timezone="Europe/Berlin",
    )


def silent(words: Words, **facts: str) -> Message:
    found = notice(Alarm(id=1, key="k", kind="silence", source=words.form[:40], facts=facts, at=AT))
    assert found is not None
    return found


DIGESTS: Final[dict[str, Callable[[Words], Message | dict[str, Any]]]] = {
    "digest_daily": lambda words: post(daily(words), policy=of.POLICY),
    "digest_daily_empty": lambda words: post(no_day(words), policy=of.POLICY),
    "digest_huddle": lambda words: post(huddle(words), policy=of.POLICY),
    "digest_huddle_decided": lambda words: post(decided(words), policy=of.POLICY),
    "digest_huddle_empty": lambda _: post(pack("huddle"), policy=of.POLICY),
    "digest_morning": lambda words: post(pack("my_morning", department=None, mine=of.mine(words)), policy=of.POLICY),
    "digest_morning_empty": lambda _: post(pack("my_morning", department=None), policy=of.POLICY),
    "digest_excused": lambda words: post(
        pack("excused", lists={"excused": Listing([of.full("excused", words), files(words, "excused")[1]], 3)}),
        policy=of.POLICY,
    ),
    "digest_excused_empty": lambda _: post(pack("excused", lists={"excused": Listing([], 0)}), policy=of.POLICY),
    "digest_week": lambda words: post(week(words), policy=of.POLICY),
    "digest_week_quiet": lambda words: post(quiet_week(words), policy=of.POLICY),
    "digest_list": lambda words: digest_list(listed(words), policy=of.POLICY, can_change=True),
    "digest_list_seen": lambda words: digest_list(listed(words), policy=of.POLICY, can_change=False),
    "digest_list_empty": lambda _: digest_list([], policy=of.POLICY, can_change=False),
    "digest_figure": lambda words: figure_modal(
        "Overdue", MEANINGS["overdue"], "*11 cases*", [*files(words), hidden(words)], 11, policy=of.POLICY, at=AT
    ),
    "silence": lambda words: silent(words, last_at=MONDAY.isoformat()),
    "silence_over": lambda words: silent(words, last_at=MONDAY.isoformat(), back_at=AT.isoformat()),
}
FORMS: Final[dict[str, Callable[[Words], dict[str, Any]]]] = {
    "digest_form": lambda words: digest_form(schedule(words), policy=of.POLICY, at=AT, title="Edit digest"),
    "digest_form_new": lambda _: digest_form(None, policy=of.POLICY, at=AT, title="New digest"),
    "digest_draft": lambda words: digest_draft(wish(words), TIMES, huddle(words), metadata="0 {}", policy=of.POLICY),
    "digest_look": lambda words: digest_look(
        schedule(words, kind="manager_weekly"), TIMES, week(words), policy=of.POLICY, can_post=True
    ),
}
