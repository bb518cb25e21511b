"""What Slack refuses is tried again, drawn more plainly, or ends where admins see it and what to do."""

import logging

import pytest
from delivery_house import House
from sqlmodel import Session

from bot.delivery import drawing
from bot.delivery.pace import Pace
from bot.sandbox.faults import Fault
from bot.slack.views.message import Message
from storage import outbox

pytestmark = pytest.mark.anyio
KEY = "case:1@#support"


async def wind(house: House, seconds: float) -> None:
    house.clock.wind(seconds)
    await house.delivery.drain()


def leave_channel(house: House) -> None:
    house.slack.workspace.channel("#support").member_ids.remove(house.slack.workspace.bot.id)


async def test_a_message_that_was_deleted_by_hand_is_posted_anew_once(house: House) -> None:
    case_id = house.case()
    house.card(case_id)
    await house.delivery.drain()
    house.slack.workspace.channel("#support").remove(house.messages()[0]["ts"])
    house.card(case_id)

    await house.delivery.drain()
    await house.delivery.drain()

    (message,) = house.messages()
    (card,) = house.cards()
    assert (card.ts, house.states()) == (message["ts"], {KEY: "sent"})


async def test_a_line_whose_card_was_deleted_stands_under_the_new_card(house: House) -> None:
    case_id = house.case()
    house.card(case_id)
    house.line(case_id, "first")
    await house.delivery.drain()
    channel = house.slack.workspace.channel("#support")
    channel.remove(house.cards()[0].ts)
    house.card(case_id)
    house.line(case_id, "second")

    await house.delivery.drain()

    new_card = house.cards()[0].ts
    assert [one["thread_ts"] for one in house.messages() if "second" in one["text"]] == [new_card]


async def test_what_needs_a_person_is_tried_seldom_and_then_given_up_with_advice(house: House) -> None:
    leave_channel(house)
    house.card(house.case())
    await house.delivery.drain()
    first = house.intents()[KEY]

    for _ in range(7):
        await wind(house, 601)

    assert (first.state, first.attempts) == ("waiting", 1)
    assert (first.not_before - house.clock.now).total_seconds() < 0
    (dead,) = house.db.read_now(outbox.dead_letters)
    assert dead.attempts == 8
    assert dead.problem == "The bot isn't in this channel: invite it there with /invite. (not_in_channel)"


async def test_the_first_new_try_comes_after_half_a_minute_at_least(house: House) -> None:
    leave_channel(house)
    house.card(house.case())

    await house.delivery.drain()

    wait = (house.intents()[KEY].not_before - house.clock.now).total_seconds()
    assert 30 <= wait <= 60


async def test_a_dead_letter_is_sent_when_it_is_retried(house: House) -> None:
    leave_channel(house)
    house.card(house.case())
    house.delivery = house.worker(Pace(spacing=0.0, max_attempts=1))
    await house.delivery.drain()
    dead = house.states()
    house.slack.workspace.invite("#support", house.slack.workspace.bot)

    house.db.write_now(lambda session: outbox.retry(session, at=house.clock()))
    await house.delivery.drain()

    assert (dead, house.states(), len(house.messages())) == ({KEY: "dead"}, {KEY: "sent"}, 1)


async def test_a_dead_letter_that_had_arrived_is_not_posted_again(house: House) -> None:
    case_id = house.case()
    house.card(case_id)
    await house.delivery.drain()

    def forget(session: Session) -> None:
        session.connection().exec_driver_sql("DELETE FROM cards")
        session.connection().exec_driver_sql("UPDATE intents SET state = 'dead', sent_at = NULL")

    house.db.write_now(forget)
    house.db.write_now(lambda session: outbox.retry(session, at=house.clock()))

    await house.delivery.drain()

    assert (house.states(), len(house.messages()), len(house.cards())) == ({KEY: "sent"}, 1, 1)


async def test_a_line_waits_for_a_card_that_could_not_be_posted(house: House) -> None:
    leave_channel(house)
    case_id = house.case()
    house.card(case_id)
    house.line(case_id, "first")
    await house.delivery.drain()
    held = house.states()
    house.slack.workspace.invite("#support", house.slack.workspace.bot)

    await wind(house, 61)
    await wind(house, 61)

    assert held == {KEY: "waiting", "line:1": "waiting"}
    card, line = house.messages()
    assert line["thread_ts"] == card["ts"]


@pytest.mark.parametrize("redraw", [False, True])
async def test_a_card_whose_blocks_are_refused_is_shown_as_its_sentence(
    house: House,
    redraw: bool,  # noqa: FBT001 -- a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case_id = house.case()
    if redraw:
        house.card(case_id)
        await house.delivery.drain()
    monkeypatch.setattr(drawing, "case_card", lambda *_, **__: Message("Case 1 is new.", [{"type": "nonsense"}]))
    house.card(case_id)

    await house.delivery.drain()

    (message,) = house.messages()
    assert message["text"] == "Case 1 is new."
    assert not message.get("blocks")
    assert house.states() == {KEY: "sent"}
    assert "plain text" in str(house.intents()[KEY].problem)


async def test_a_view_that_breaks_stops_nobody_else(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drawn_well = drawing.case_card

    def breaks(file: object, **more: object) -> object:
        if file.case.id == 1:  # type: ignore[attr-defined] # a case file
            raise KeyError("a mistake")
        return drawn_well(file, **more)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(drawing, "case_card", breaks)
    house.card(house.case())
    house.card(house.case(channel="#product"), "#product")

    await house.delivery.drain()

    assert house.states() == {KEY: "waiting", "case:2@#product": "sent"}
    assert "Reference: draw-1-1" in caplog.text
    assert house.intents()[KEY].problem == "It could not be drawn: see draw-1-1 in the log."


async def test_an_intent_whose_case_is_gone_is_over(house: House) -> None:
    wanted = outbox.Want("case:99@#support", "card", "slack:#support", {"subject": "case:99", "place": "#support"})
    house.db.write_now(lambda session: outbox.want(session, [wanted], at=house.clock()))

    await house.delivery.drain()

    assert (house.states(), house.messages()) == ({"case:99@#support": "sent"}, [])


async def test_neither_logs_nor_problems_hold_what_people_wrote(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "hearback")
    leave_channel(house)
    house.delivery = house.worker(Pace(spacing=0.0, max_attempts=1))
    case_id = house.case()
    house.card(case_id)
    house.line(case_id, "a secret between us")
    house.slack.faults.is_down = True
    await house.delivery.drain()
    house.slack.faults.calm()

    await wind(house, 60)

    said = caplog.text + " ".join(str(one.problem) for one in house.intents().values())
    assert "given up" in said
    assert not [word for word in ("invoice", "Jane", "acme", "secret") if word in said]


async def test_a_home_is_published(house: House) -> None:
    house.case(owner="UANA")
    house.db.write_now(lambda session: outbox.want(session, [outbox.home("UANA")], at=house.clock()))

    await house.delivery.drain()

    assert house.states() == {"home:UANA": "sent"}
    assert house.slack.workspace.homes["UANA"]


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.RESET])
async def test_a_deleted_card_whose_new_post_was_unclear_stands_once(house: House, fault: Fault) -> None:
    case_id = house.case()
    house.card(case_id)
    await house.delivery.drain()
    house.slack.workspace.channel("#support").remove(house.cards()[0].ts)
    house.slack.faults.next("chat.postMessage", fault)
    house.card(case_id)
    await house.delivery.drain()

    await wind(house, 20)

    assert [one["ts"] for one in house.messages()] == [one.ts for one in house.cards()]
    assert house.states() == {KEY: "sent"}
