"""What a card offers and tells in each state, and to whom."""

import json
from datetime import timedelta
from typing import Any

import pytest
import view_files as of
from test_limits import everything
from view_events import event, events
from view_files import POLICY
from view_gallery import GALLERY, card, confidential, owned, simple, with_mail
from view_overview import much
from view_words import CALM, DAY, HOSTILE, MONDAY, Words

from bot.sandbox import rules
from bot.slack import ids
from bot.slack.views.approvals import approval_question
from bot.slack.views.card import case_card
from bot.slack.views.case import case_modal
from bot.slack.views.customer import veiled
from bot.slack.views.home import home
from bot.slack.views.lines import said
from bot.slack.views.message import Message
from bot.slack.views.progress import two_clocks
from bot.slack.views.status import case_list
from bot.slack.views.tasks import task_card
from bot.slack.views.thread import line
from bot.slack.views.why import why_me
from storage.lists import Mine, Troubles
from storage.tables import Event
from workflows import lifecycle
from workflows.policy import load

ALWAYS = {ids.OPEN_CASE, ids.WHY_ME, ids.NOTE}
OF_MOVE = {
    "take": {ids.TAKE},
    "assign": {ids.ASSIGN},
    "contact": {ids.WRITE, ids.LOG_CONTACT},
    "resolve": {ids.RESOLVE, ids.ADD_TASK},
    "tell": {ids.TELL, ids.LOG_TOLD},
    "excuse": {ids.EXCUSE},
    "reopen": {ids.REOPEN},
}

ALWAYS_OPEN = load("""
[team]
name = "Lumen Desk"
timezone = "UTC"
admins = ["UNORA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA"]

[calendar]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
hours = ["00:00-24:00"]
""")


def offered(drawn: object) -> set[str]:
    """Return the action ids of all buttons."""
    return {str(one["action_id"]) for one in everything(drawn) if one.get("type") == "button"}


def shown(drawn: object) -> str:
    return json.dumps(drawn, ensure_ascii=False)


@pytest.mark.parametrize("state", of.STATES)
def test_a_card_offers_what_the_table_of_moves_allows_and_nothing_else(state: str) -> None:
    allowed = set().union(*(OF_MOVE[move] for move in lifecycle.moves(state)))

    assert offered(card(simple(CALM, state)).blocks) == ALWAYS | allowed


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("waiting", {ids.TAKE_BACK}),
        ("sending", set()),
        ("unclear", {ids.MAIL_ARRIVED, ids.MAIL_LOST}),
    ],
)
def test_while_a_mail_is_on_its_way_nothing_else_can_be_moved(state: str, buttons: set[str]) -> None:
    assert offered(card(with_mail(CALM, state)).blocks) == ALWAYS | buttons


@pytest.mark.parametrize("state", ["new", "working", "ready"])
def test_an_anonymous_customer_can_be_neither_contacted_nor_told(state: str) -> None:
    file = of.file(of.case_in(state), who=of.anonymous())

    assert not offered(card(file).blocks) & {ids.WRITE, ids.LOG_CONTACT, ids.TELL, ids.LOG_TOLD}


def test_without_an_address_nothing_is_written_but_all_is_logged() -> None:
    working, ready = (
        of.file(of.case_in(state), who=of.customer(email=None, identity="id:x:1")) for state in ("working", "ready")
    )

    assert offered(card(working).blocks) & {ids.WRITE, ids.LOG_CONTACT} == {ids.LOG_CONTACT}
    assert offered(card(ready).blocks) & {ids.TELL, ids.LOG_TOLD} == {ids.LOG_TOLD}


def test_whoever_opted_out_is_not_written_to() -> None:
    file = of.file(of.case_in("ready"), who=of.customer(opted_out_at=MONDAY))

    assert ids.TELL not in offered(card(file).blocks)


def test_an_excuse_is_asked_for_once() -> None:
    file = of.full("working", approval=of.approval())

    assert ids.EXCUSE not in offered(card(file).blocks)


def test_a_card_in_the_old_channel_has_no_buttons() -> None:
    message = case_card(simple(CALM), policy=POLICY, place="#billing")

    assert offered(message.blocks) == set()


@pytest.mark.parametrize("state", of.STATES)
def test_one_button_at_most_is_the_next_step(state: str) -> None:
    styles = [one.get("style") for one in everything(card(simple(CALM, state)).blocks) if one.get("type") == "button"]

    assert styles.count("primary") == (1 if state in {"new", "working", "ready"} else 0)


def test_who_answered_in_confidence_is_shown_to_the_owner_alone() -> None:
    file = confidential(CALM)
    file.case.why = {**file.case.why, "matched": ["The account is “Acme GmbH”."]}
    in_public: list[Any] = [
        card(file),
        owned(file, "UANA"),
        task_card(of.full("ready", who=file.customer), 31, policy=POLICY),
        approval_question(file, of.approval(), policy=POLICY),
        case_modal(veiled(file), policy=POLICY),
        why_me(veiled(file), policy=POLICY),
        home(Mine([file], [(of.task(), file)], 1, 1), member="UBEN", policy=POLICY),
        case_list(Mine([file], [(of.task(), file)], 1, 1), policy=POLICY),
        *(line(file, event, policy=POLICY) for event in file.events),
    ]

    for drawn in in_public:
        for secret in ("Anna", "Acme", "anna@acme.example", "A-77"):
            assert secret not in shown(drawn if isinstance(drawn, dict) else [drawn.text, drawn.blocks])
    assert "anna@acme.example" in shown(owned(file).blocks)
    assert "Anna Weber · Acme GmbH" in shown(owned(file).blocks)


def test_the_story_so_far_is_on_the_card() -> None:
    text = shown(card(of.full("new")).blocks)

    assert "*Second low response*, 3 days later" in text
    assert "*Case 4*, told 3 weeks earlier: what changed was “Invoices are now checked" in text
    assert "9 of 10 on <!date^" in text


def test_the_next_step_of_an_anonymous_case_is_to_resolve_it() -> None:
    text = shown(card(of.file(of.case_in("working"), who=of.anonymous())).blocks)

    assert "resolve by" in text
    assert "first contact by" not in text
    assert "○ resolved" in text


def test_a_limit_that_was_met_late_says_so() -> None:
    assert "✓ taken" in shown(card(simple(CALM, "working")).blocks)
    assert "1 hour late" in shown(card(simple(CALM, "working")).blocks)


@pytest.mark.parametrize(
    ("allowed", "passed", "said"),
    [
        (15, 14, "14 of 15 working minutes used"),
        (15, 15, "15 of 15 working minutes used"),
        (15, 16, "15 working minutes allowed, 1 min over"),
        (15, 203, "15 working minutes allowed, 3 h 8 min over"),
        (1, 61, "1 working minute allowed, 1 h over"),
        (60, 90, "1 working hour allowed, 30 min over"),
        (90, 45, "0.8 of 1.5 working hours used"),
        (120, 120 + 9 * 60 + 59, "2 working hours allowed, 9 h 59 min over"),
        (120, 120 + 10 * 60 + 59, "2 working hours allowed, 10 h over"),
    ],
)
def test_working_time_is_said_as_used_until_its_limit_and_as_over_from_then_on(
    allowed: int, passed: int, said: str
) -> None:
    since = MONDAY.replace(hour=8)
    case = of.case(waiting_since=since, claim_due_at=since + timedelta(minutes=allowed))

    text = two_clocks(of.file(case), policy=ALWAYS_OPEN, at=since + timedelta(minutes=passed))

    assert text.rpartition(" · ")[2] == said


@pytest.mark.parametrize("kind", ["fed_the_cat", "", "<!channel>"])
def test_an_unknown_event_gets_a_neutral_sentence(kind: str) -> None:
    text = said(of.full("working"), event(kind), policy=POLICY)

    assert text.startswith("Ben Okafor noted something on the case (")
    assert "<!" not in text


@pytest.mark.parametrize("known", events(), ids=lambda known: known.kind)
def test_an_event_is_said_even_when_its_facts_are_missing(known: Event) -> None:
    bare = event(known.kind, by=known.by)

    assert said(of.file(of.case(), responses=[]), bare, policy=POLICY).strip()


@pytest.mark.parametrize(
    "why", [{}, {"rule": None}, {"rule": 3, "matched": "a", "urgency": "b", "also": [1], "owner_rule": 4}]
)
@pytest.mark.parametrize("state", of.STATES)
def test_why_me_can_read_whatever_an_older_version_kept(why: dict[str, Any], state: str) -> None:
    view = why_me(of.file(of.case_in(state, why=why)), policy=POLICY)

    assert rules.view_problems(view, surface="modal") == []
    assert card(of.file(of.case_in(state, why=why))).blocks


def test_why_me_names_who_comes_next() -> None:
    mine, leads = simple(CALM), simple(CALM, owner="UANA")

    assert "<@UANA> is told. If nobody has touched it, it is theirs then." in shown(why_me(mine, policy=POLICY))
    assert "the managers are told" in shown(why_me(leads, policy=POLICY))
    assert "is theirs then" not in shown(why_me(leads, policy=POLICY))


def test_why_me_does_not_promise_what_has_happened_already() -> None:
    late = simple(CALM, next_step_at=None)
    paused = simple(CALM, paused_until=MONDAY + DAY)

    assert "Everybody has been told" in shown(why_me(late, policy=POLICY))
    assert "the case is paused" in shown(why_me(paused, policy=POLICY))


@pytest.mark.parametrize("words", [CALM, HOSTILE], ids=["calm", "hostile"])
@pytest.mark.parametrize("state", of.STATES)
def test_the_largest_case_still_fits(words: Words, state: str) -> None:
    file = of.full(
        state,
        words,
        responses=[of.response(words, id=number, external_id=str(number)) for number in range(1, 40)],
        tasks=[of.task(words, id=number) for number in range(1, 90)],
        outreaches=[of.mail(words, id=number, state="accepted") for number in range(1, 60)],
        events=events(words) * 30,
        approval=of.approval(words),
    )
    message, own, view = card(file), owned(file), case_modal(file, policy=POLICY)

    assert rules.message_problems({"text": message.text, "blocks": message.blocks}) == []
    assert rules.message_problems({"text": own.text, "blocks": own.blocks}) == []
    assert rules.view_problems(view, surface="modal") == []
    assert "Timeline" in shown(view)


@pytest.mark.parametrize("words", [CALM, HOSTILE], ids=["calm", "hostile"])
def test_the_busiest_home_still_fits(words: Words) -> None:
    view = home(of.mine(words, count=60), member="UBEN", policy=POLICY, at=MONDAY)

    assert rules.view_problems(view, surface="home") == []
    assert {"and 40 more tasks", "and 35 more cases"} <= small_print(view)


@pytest.mark.parametrize("words", [CALM, HOSTILE], ids=["calm", "hostile"])
def test_the_busiest_managers_home_still_fits(words: Words) -> None:
    broken = Troubles(dead=[("channel_not_found", 3)] * 25, latest_dead=7, parked=[("typeform", words.note, 2)] * 25)

    view = home(
        of.mine(words, count=60), member="UINES", policy=POLICY, at=MONDAY, overview=much(words), troubles=broken
    )

    assert rules.view_problems(view, surface="home") == []
    assert {"and 52 more tasks", "and 50 more cases", "and 4 more cases", "and 3 more people"} <= small_print(view)


def small_print(view: object) -> set[str]:
    return {one["text"].strip("_") for one in everything(view) if one.get("type") == "mrkdwn"}


def test_the_cases_of_a_list_say_what_is_overdue_only_by_the_clock_that_is_given() -> None:
    late, early = (shown(case_list(of.mine(), policy=POLICY, at=at).blocks) for at in (MONDAY + DAY, MONDAY))

    assert "overdue" in late
    assert "overdue" not in early


@pytest.mark.parametrize("nothing", ["", " ", "\x00", "\u200b"])
def test_words_in_which_nothing_is_seen_break_no_view(nothing: str) -> None:
    words = Words(**dict.fromkeys(Words.__dataclass_fields__, nothing))

    for drawn in (draw(words) for draw in GALLERY.values()):
        if isinstance(drawn, Message):
            assert rules.message_problems({"text": drawn.text, "blocks": drawn.blocks}) == []
        elif drawn["type"] in {"modal", "home"}:
            assert rules.view_problems(drawn, surface=drawn["type"]) == []


def test_a_customer_without_a_name_goes_by_their_address() -> None:
    file = of.file(of.case(), who=of.customer(name="\u200b", account_name=""))

    assert card(file).blocks[0]["text"]["text"] == "anna@acme.example · A-77"
