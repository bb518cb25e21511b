"""The views of storms and of what is asked about forms: umbrellas, questions, who answered in confidence."""

from dataclasses import replace
from typing import Any, Final

import view_files as of
from view_files import POLICY
from view_words import HOUR, MONDAY, Words

from bot.slack.views import confidence, questions, umbrella
from bot.slack.views.home import home
from storage.alarms import Question
from storage.lists import Mine
from storage.source_tables import Alarm
from storage.tables import Umbrella
from storage.umbrellas import Gathered

NOTHING: Final = Mine(cases=[], tasks=[], case_count=0, task_count=0)


def gathered(words: Words, *, theme: str = "department:support|rule:Late", **counts: int) -> Gathered:
    post = Umbrella(
        id=3,
        theme=theme,
        label=words.title,
        department="support",
        channel="#support",
        first_case_id=12,
        opened_at=MONDAY,
        last_at=MONDAY + HOUR,
    )
    confidential = of.customer(words, contactability="confidential")
    other = of.full("working", words)
    other.case.id = 13
    files = [of.full("new", words), replace(other, customer=confidential)]
    return Gathered(post, counts, files if counts.get("new") else [])


def parked(words: Words, **more: Any) -> Alarm:
    facts = {"metric": "ces", "reason": f"Nothing says on which scale {words.title} asks."}
    return Alarm(id=7, key="p", kind="parked", source="google_forms", form=words.title, facts=facts, at=MONDAY, **more)


def reversal(words: Words, direction: str = "up", form: str | None = "", **more: Any) -> Alarm:
    low, neutral = (2, 3) if direction == "up" else (4, 3)
    facts = {"metric": "csat", "direction": direction, "scale": [1, 5], "low": low, "neutral": neutral, "since_id": 1}
    facts |= {name: more.pop(name) for name in ("reminded",) if name in more}
    form = words.title if form == "" else form
    return Alarm(id=8, key="r", kind="reversal", source="typeform", form=form, facts=facts, at=MONDAY, **more)


def asked(words: Words) -> list[Question]:
    return [Question(parked(words), 3), Question(reversal(words), 1)]


STORMS: Final[dict[str, Any]] = {
    "umbrella": lambda words: umbrella.umbrella_post(
        gathered(words, new=40, working=8, told=2), policy=POLICY, place="#support"
    ),
    "umbrella_own": lambda words: umbrella.umbrella_post(gathered(words, new=20), policy=POLICY, place="UBEN"),
    "umbrella_account": lambda words: umbrella.umbrella_post(
        gathered(words, theme="account:generic:a-31", new=1, ready=1), policy=POLICY, place="#support"
    ),
    "umbrella_closed": lambda words: umbrella.umbrella_post(
        gathered(words, told=11, excused=1), policy=POLICY, place="#support"
    ),
    "umbrella_cases": lambda words: umbrella.all_cases(gathered(words, new=120, working=2)),
    "umbrella_no_cases": lambda words: umbrella.all_cases(gathered(words, told=11)),
    "question_scale": lambda words: questions.asked(parked(words)),
    "question_reversal": lambda words: questions.asked(reversal(words)),
    "question_reversal_again": lambda words: questions.asked(reversal(words, "down", None, reminded=1)),
    "question_unanswered": lambda words: questions.asked(reversal(words, answer="unanswered", answered_by="hearback")),
    "question_settled": lambda words: questions.asked(parked(words, answer="said", answered_by="UINES")),
    "home_questions": lambda words: home(NOTHING, member="UBEN", policy=POLICY, questions=asked(words)),
    "scale_kept": lambda words: questions.scale_kept(parked(words), f'[[source]]\nform = "{words.title}"', version=4),
    "who_it_is": lambda words: confidence.who_it_is(
        of.file(of.case_in("new", words), words, who=of.customer(words, contactability="confidential"))
    ),
}
