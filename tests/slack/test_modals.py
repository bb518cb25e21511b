"""Every modal: within Slack's limits whatever the words in it, paging nobody, and saying what matters."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_house import POLICY, START

from bot.sandbox.rules import view_problems
from bot.slack.views import clock_modals, feedback_modals, mail_modals, modals, task_modals
from bot.slack.views.away import away_modal
from bot.slack.views.blocks import View
from storage.casefile import CaseFile
from storage.tables import Approval, Case, Customer, Member, Response, Task
from storage.time_tables import Promise
from workflows.mails import Draft

GOLDEN = Path(__file__).parent / "golden"
KIND = "We are sorry."
HOSTILE = "<!channel> <@UANA> *bold* `code` & <http://evil.test|click> \u202egnirts \ud800\x00\n_it_ " + "ж" * 100_000


def file(words: str = KIND) -> CaseFile:
    customer = Customer(
        id=1, identity="mail:jane@acme.test", email="jane@acme.test", name=words, account_name=words, created_at=START
    )
    response = Response(
        id=1,
        source="generic",
        external_id="r1",
        metric="nps",
        score=2.0,
        low_end=0.0,
        high_end=10.0,
        direction="up",
        band="low",
        comment=words,
        customer_id=1,
        case_id=12,
        touchpoint=words,
        language="de",
        submitted_at=START,
        received_at=START,
        digest="",
    )
    case = Case(
        id=12,
        customer_id=1,
        state="working",
        department="support",
        channel="#support",
        owner="UANA",
        opened_at=START,
        waiting_since=START,
        root_cause="process",
        root_cause_text=words,
        what_changed=words,
    )
    return CaseFile(
        case=case,
        customer=customer,
        responses=[response],
        tasks=[task(words)],
        events=[],
        outreaches=[],
        approval=None,
        earlier_cases=[],
        earlier_responses=[],
        cards=[],
        members={"UANA": Member(id="UANA", name="Ana Example")},
    )


def task(words: str) -> Task:
    return Task(
        id=7,
        case_id=12,
        title=words,
        department="billing",
        owner="UGRETA",
        due_at=START,
        created_by="UANA",
        created_at=START,
    )


def draft(words: str) -> Draft:
    return Draft("jane@acme.test", "de", words[:200], words)


def promise(words: str) -> Promise:
    return Promise(id=5, case_id=12, text=words, due_at=START, by="UANA", made_at=START)


def approval(words: str) -> Approval:
    return Approval(id=3, case_id=12, excuse="duplicate", text=words, asked_by="UANA", asked_at=START)


def preview(words: str) -> View:
    return mail_modals.preview(
        file(words), draft(words), kind="told", subject=words[:200], body=words[:3000], policy=POLICY, is_again=True
    )


MODALS: dict[str, Callable[[str], View]] = {
    "assign": lambda words: modals.assign(file(words), policy=POLICY),
    "resolve": lambda words: modals.resolve(file(words)),
    "excuse": lambda words: modals.excuse(file(words), needs_approval=True),
    "excuse at once": lambda words: modals.excuse(file(words), needs_approval=False),
    "decline": lambda words: modals.decline(file(words), approval(words)),
    "reopen": lambda words: modals.reopen(file(words)),
    "note": lambda words: modals.note(file(words)),
    "sentence": lambda _: modals.sentence(KIND),
    "write": lambda words: mail_modals.write(file(words), draft(words), kind="contact"),
    "tell": lambda words: mail_modals.write(file(words), draft(words), kind="told"),
    "preview": preview,
    "log contact": lambda words: mail_modals.log_contact(file(words), at=START, why=KIND),
    "log told": lambda words: mail_modals.log_told(file(words), at=START),
    "add task": lambda words: task_modals.add_task(file(words), policy=POLICY),
    "task do": lambda words: task_modals.task_do(file(words), task(words)),
    "task cancel": lambda words: task_modals.task_cancel(file(words), task(words)),
    "task hand over": lambda words: task_modals.task_hand_over(file(words), task(words)),
    "away": lambda _: away_modal(until=START),
    "pause": lambda words: clock_modals.pause(file(words), at=START),
    "snooze": lambda words: clock_modals.snooze(file(words), at=START),
    "promise": lambda words: clock_modals.promise(file(words)),
    "promise withdraw": lambda words: clock_modals.withdraw(file(words), promise(words)),
    "add feedback": lambda words: feedback_modals.add_feedback(policy=POLICY, comment=words, origin="C1:1.1"),
    "feedback kept": lambda _: feedback_modals.feedback_kept(case_id=12, is_new=True),
}


@pytest.mark.parametrize("words", [KIND, HOSTILE], ids=["kind", "hostile"])
@pytest.mark.parametrize("name", MODALS)
def test_a_modal_is_drawn_as_in_its_golden_file(name: str, words: str) -> None:
    path = GOLDEN / f"{name.replace(' ', '_')}{'' if words == KIND else '.hostile'}.json"

    drawn = json.dumps(MODALS[name](words), ensure_ascii=False, indent=1) + "\n"

    if os.environ.get("HEARBACK_GOLDEN") == "write":
        path.write_text(drawn, encoding="utf-8")
    assert path.exists(), f"There is no {path.name} yet: run with HEARBACK_GOLDEN=write, and look at what it wrote."
    assert drawn == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [KIND, HOSTILE], ids=["kind", "hostile"])
@pytest.mark.parametrize("name", MODALS)
def test_slack_takes_every_modal(name: str, words: str) -> None:
    view = MODALS[name](words)

    assert view_problems(view, surface="modal") == []
    assert len(view["title"]["text"]) <= 24


@pytest.mark.parametrize("name", MODALS)
def test_a_customers_words_page_nobody_and_link_nothing(name: str) -> None:
    view = MODALS[name](HOSTILE)

    for text in mrkdwn(view):
        assert "<!channel>" not in text
        assert "<http" not in text
        assert "*bold*" not in text
    assert "\ud800" not in str(view["blocks"])
    assert "\u202e" not in "".join(mrkdwn(view))


@pytest.mark.parametrize(
    "name", [one for one in MODALS if one not in {"sentence", "add feedback", "feedback kept", "preview", "away"}]
)
def test_every_form_says_which_case_it_is_about(name: str) -> None:
    shown = str(MODALS[name](KIND)["blocks"])

    assert "*Case 12*" in shown
    assert "2 of 10" in shown


@pytest.mark.parametrize("name", ["write", "tell"])
def test_whoever_writes_sees_what_the_customer_said(name: str) -> None:
    comment = "The parcel was late, and nobody called. " * 20
    view = mail_modals.write(file(comment), draft(KIND), kind="told" if name == "tell" else "contact")

    assert comment.strip() in str(view["blocks"])
    assert "German" in str(view["blocks"])


def test_a_draft_that_does_not_fit_says_that_its_end_is_missing() -> None:
    fits = mail_modals.write(file(), draft("x" * 3000), kind="told")
    cut = mail_modals.write(file(), draft("x" * 3001), kind="told")

    assert ("its end is missing" in str(fits), "its end is missing" in str(cut)) == (False, True)


def test_open_tasks_are_named_before_somebody_fills_in_the_form() -> None:
    assert "Have every task done or cancelled first." in str(modals.resolve(file())["blocks"])


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        (timedelta(minutes=2), "goes out in *2 minutes*, and can be taken back until then"),
        (timedelta(minutes=1, seconds=30), "in *1 minute 30 seconds*"),
        (timedelta(hours=1), "in *1 hour*"),
        (timedelta(), "*at once* and can't be taken back"),
    ],
)
def test_it_is_said_until_when_a_mail_can_be_taken_back(delay: timedelta, said: str) -> None:
    assert said in mail_modals.going_out(delay)


def test_a_preview_carries_the_case_and_a_digest_but_no_words() -> None:
    assert preview(KIND)["private_metadata"] == f"12 told {mail_modals.digest('jane@acme.test', KIND, KIND)}"


def mrkdwn(part: Any) -> Iterator[str]:
    """Yield every text in which Slack reads markup."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for value in part.values():
            yield from mrkdwn(value)
    elif isinstance(part, list):
        for value in part:
            yield from mrkdwn(value)
