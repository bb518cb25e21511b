"""A mail goes out once at most, and its case hears what became of it."""

from datetime import timedelta

import pytest
from delivery_house import PACE, START, House
from sqlalchemy import update

from bot.delivery.mailer import Refused, TryLater, Unclear
from bot.delivery.pace import Pace
from storage import outbox
from storage.tables import Intent
from workflows import outreach

pytestmark = pytest.mark.anyio


async def drain_mail(house: House, seconds: float = 0.0) -> None:
    house.clock.wind(seconds)
    await house.delivery.drain()


async def test_a_mail_goes_out_and_is_accepted(house: House) -> None:
    outreach_id = house.mail(house.case())

    await house.delivery.drain()

    (message,) = house.mailer.sent
    assert (message["To"], message["From"]) == ("Jane <jane@acme.test>", "care@lumendesk.example")
    assert house.outreach(outreach_id).state == "accepted"
    assert house.states()["mail:1"] == "sent"


async def test_a_mail_that_was_taken_back_is_never_sent(house: House) -> None:
    house.mail(house.case(), state="taken_back")

    await house.delivery.drain()

    assert (house.mailer.sent, house.states()) == ([], {"mail:1": "sent"})


async def test_a_mail_waits_for_its_time(house: House) -> None:
    house.mail(house.case())
    later = START + timedelta(minutes=2)
    house.db.write_now(lambda session: session.connection().execute(update(Intent).values(not_before=later)))

    await drain_mail(house, 119)
    early = len(house.mailer.sent)
    await drain_mail(house, 1)

    assert (early, len(house.mailer.sent)) == (0, 1)


async def test_a_refused_mail_is_told_to_its_case_and_not_repeated(house: House) -> None:
    house.mailer.answers = [Refused("The mail server refused the message: 550 no such user", 550)]
    outreach_id = house.mail(house.case())

    await house.delivery.drain()
    await drain_mail(house, 3600)

    assert (len(house.mailer.sent), house.outreach(outreach_id).state) == (1, "refused")


async def test_an_unclear_mail_is_never_repeated(house: House) -> None:
    house.mailer.answers = [Unclear("The connection was lost.")]
    outreach_id = house.mail(house.case())
    await house.delivery.drain()

    await drain_mail(house, 3600)
    house.db.write_now(lambda session: outbox.retry(session, at=house.clock()))
    await drain_mail(house, 3600)

    assert (len(house.mailer.sent), house.outreach(outreach_id).state) == (1, "unclear")


async def test_a_mail_that_was_being_sent_in_a_crash_is_for_a_person_to_settle(house: House) -> None:
    outreach_id = house.mail(house.case())
    house.db.write_now(lambda session: outreach.begin(session, outreach_id))  # and then the process was killed
    leased = START + timedelta(minutes=10)
    house.db.write_now(
        lambda session: session.connection().execute(update(Intent).values(state="sending", leased_until=leased))
    )

    await drain_mail(house, 601)
    await drain_mail(house, 3600)

    assert (house.mailer.sent, house.outreach(outreach_id).state) == ([], "unclear")


async def test_a_mail_that_was_only_claimed_in_a_crash_is_sent(house: House) -> None:
    outreach_id = house.mail(house.case())
    leased = START + timedelta(minutes=10)
    house.db.write_now(
        lambda session: session.connection().execute(update(Intent).values(state="sending", leased_until=leased))
    )

    await drain_mail(house, 601)

    assert (len(house.mailer.sent), house.outreach(outreach_id).state) == (1, "accepted")


async def test_a_server_that_asks_for_patience_gets_it_and_the_mail_can_be_taken_back_meanwhile(house: House) -> None:
    house.mailer.answers = [TryLater("The mail server asks to try again: 451 busy")]
    outreach_id = house.mail(house.case())
    await house.delivery.drain()
    waiting = house.outreach(outreach_id).state

    await drain_mail(house, 60)

    assert (waiting, house.outreach(outreach_id).state) == ("waiting", "accepted")
    assert [one["Message-ID"] for one in house.mailer.sent] == [house.outreach(outreach_id).message_id] * 2


async def test_a_server_that_never_takes_it_ends_the_mail_where_people_see_it(house: House) -> None:
    house.delivery = house.worker(Pace(spacing=0.0, patience=2))
    house.mailer.answers = [TryLater("The mail server can't be reached.")] * 2
    outreach_id = house.mail(house.case())
    await house.delivery.drain()

    await drain_mail(house, 60)

    assert (house.outreach(outreach_id).state, house.states()["mail:1"]) == ("refused", "dead")


async def test_an_address_that_no_mail_can_be_written_to_is_refused_without_asking_a_server(house: House) -> None:
    outreach_id = house.mail(house.case())
    house.db.write_now(
        lambda session: session.connection().exec_driver_sql("UPDATE outreaches SET recipient = 'no address'")
    )

    await house.delivery.drain()

    assert (house.mailer.sent, house.outreach(outreach_id).state) == ([], "refused")


async def test_without_a_mail_server_a_mail_waits_and_says_why(house: House) -> None:
    house.delivery = house.worker(PACE, mailer=None)
    outreach_id = house.mail(house.case())

    await house.delivery.drain()

    assert house.outreach(outreach_id).state == "waiting"
    assert house.intents()["mail:1"].problem == "No mail server is known: set SMTP_URL."
