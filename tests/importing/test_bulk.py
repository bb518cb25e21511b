"""Many answers at once mean the same as one after the other."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from import_house import Importing, answer, importing

from workflows.answers import Answer


@pytest.fixture
def house(database_url: str) -> Iterator[Importing]:
    found = importing(database_url)
    yield found
    found.db.close()


def outcomes(house: Importing, *answers: Answer) -> list[str]:
    return [one.outcome for one in house.together(*answers)]


def test_what_comes_twice_is_known_and_changes_nothing(house: Importing) -> None:
    some = [answer("a", 9), answer("b", 3, email="max@acme.test"), answer("c", 2, days_ago=1, email="eva@acme.test")]
    first = outcomes(house, *some)
    before = house.told()

    second = outcomes(house, *some)

    assert first == ["new", "new", "new"]
    assert second == ["known", "known", "known"]
    assert house.told() == before


def test_a_response_that_came_by_webhook_is_the_same_one_in_the_file(house: Importing) -> None:
    received = house.webhook(answer("a", 2, comment="It broke."))

    again = house.together(answer("a", 2, comment="It broke."))

    assert [one.outcome for one in again] == ["known"]
    assert [one.id for one in house.responses()] == [received.response_id]
    assert len(house.cases()) == 1


def test_a_later_part_in_the_file_amends_the_response_and_its_case(house: Importing) -> None:
    house.webhook(answer("a", 2))

    taken = house.together(answer("a", 2, comment="The invoice was wrong.", days_ago=99))

    assert [one.outcome for one in taken] == ["changed"]
    assert [one.comment for one in house.responses()] == ["The invoice was wrong."]
    assert [one.kind for one in house.events()] == ["opened", "updated"]


def test_a_response_that_stands_in_the_file_twice_is_one(house: Importing) -> None:
    found = outcomes(house, answer("a", 9), answer("a", 9), answer("a", 8, days_ago=1))

    assert found == ["new", "known", "changed"]
    assert [one.score for one in house.responses()] == [8]


def test_answers_of_one_customer_join(house: Importing) -> None:
    outcomes(house, answer("a", 9), answer("b", 8, language="de"), answer("c", 10, account_name="Acme"))

    (jane,) = house.customers()

    assert (jane.email, jane.language, jane.account_name) == ("jane@acme.test", "de", "Acme")
    assert {one.customer_id for one in house.responses()} == {jane.id}


def test_who_was_known_by_an_id_is_known_by_address_from_now_on(house: Importing) -> None:
    outcomes(
        house,
        answer("a", 9, email=None, customer_id="7"),
        answer("b", 9, customer_id="7"),
        answer("c", 9, email="other@acme.test", customer_id="8"),
    )

    assert [one.identity for one in house.customers()] == ["mail:jane@acme.test", "mail:other@acme.test"]


def test_everybody_who_is_anonymous_is_somebody_else(house: Importing) -> None:
    nobody: dict[str, Any] = {"email": None, "name": None}

    outcomes(house, answer("a", 9, **nobody), answer("b", 1, **nobody), answer("c", 9, **nobody))

    assert [one.contactability for one in house.customers()] == ["anonymous"] * 3
    assert len({one.customer_id for one in house.responses()}) == 3


def test_a_recent_low_response_opens_one_case_and_the_second_joins_it(house: Importing) -> None:
    some = [answer("a", 2, days_ago=2), answer("b", 1, days_ago=1)]

    taken = house.together(*some)
    house.together(*some)

    (case,) = house.cases()
    assert [one.case_id for one in taken] == [case.id, case.id]
    assert [one.kind for one in house.events()] == ["opened", "joined"]


def test_an_old_low_response_is_history_and_opens_no_case(house: Importing) -> None:
    (taken,) = house.together(answer("a", 0, days_ago=15))
    again = house.webhook(answer("a", 0, days_ago=15))

    assert taken.is_history
    assert (again.is_changed, again.case_id) == (False, None)
    assert [one.band for one in house.responses()] == ["low"]
    assert house.cases() == []


def test_history_is_counted_of_those_too_who_have_a_case(house: Importing) -> None:
    house.webhook(answer("a", 2))

    (taken,) = house.together(answer("b", 1, days_ago=300))

    assert (taken.outcome, taken.case_id, taken.is_history) == ("new", None, True)


def test_whoever_gets_another_name_in_between_is_known_by_the_old_one_no_longer(house: Importing) -> None:
    corrected = answer("a", 9, email="max@acme.test", days_ago=99)
    later = answer("b", 9, email="jane@acme.test")

    house.together(answer("a", 9), corrected, later)
    house.together(answer("c", 9, email="kim@acme.test"))
    house.together(answer("c", 9, email="kai@acme.test", days_ago=99), answer("d", 9, email="kim@acme.test"))

    names = {one.id: one.identity for one in house.customers()}
    given = {one.external_id: names[one.customer_id] for one in house.responses()}
    assert given == {
        "a": "mail:max@acme.test",
        "b": "mail:jane@acme.test",
        "c": "mail:kai@acme.test",
        "d": "mail:kim@acme.test",
    }


def test_a_score_outside_its_scale_is_refused_and_the_others_are_taken(house: Importing) -> None:
    taken = house.together(answer("a", 11), answer("b", 9))

    assert [one.outcome for one in taken] == ["refused", "new"]
    assert "0 to 10" in taken[0].reason
    assert [one.external_id for one in house.responses()] == ["b"]


def test_a_new_answer_of_a_customer_with_a_case_has_the_case_drawn_anew(house: Importing) -> None:
    house.webhook(answer("a", 2))
    wanted = _wanted(house)

    house.together(answer("b", 9, days_ago=1))

    assert _wanted(house) == wanted + 1


@pytest.mark.parametrize("seed", range(6))
def test_together_means_the_same_as_one_after_the_other(seed: int, database_url: str, tmp_path: Any) -> None:
    from databases import fresh_sqlite  # noqa: PLC0415 -- the other of the two houses is always on SQLite

    chance = random.Random(seed)
    answers = [_any_answer(chance, most=12 if seed % 2 else 60) for _ in range(150)]
    one, other = importing(database_url), importing(fresh_sqlite(tmp_path / "other.db"))

    for start in range(0, len(answers), 40):
        one.together(*answers[start : start + 40])
    other.one_by_one(*answers)

    assert one.told() == other.told()
    one.db.close()
    other.db.close()


def _any_answer(chance: random.Random, most: int = 12) -> Answer:
    """Make an answer that often has to do with an earlier one; of so many people at most."""
    person = chance.randrange(most)
    who: dict[str, Any] = {
        "email": chance.choice((f"p{person}@acme.test", f"P{person}@acme.test", None)),
        "customer_id": chance.choice((str(person), None)),
        "name": chance.choice((f"Person {person}", None)),
        "language": chance.choice(("en", "de", None)),
        "account_manager": chance.choice(("Max@Lumen.test", None)),
        "contactability": chance.choice((None, None, None, "anonymous", "confidential")),
    }
    return answer(
        f"r{chance.randrange(90)}",
        chance.randrange(11),
        days_ago=chance.choice((1, 5, 20, 300)),
        comment=chance.choice(("", "Slow.", "Late again.")),
        **who,
    )


def _wanted(house: Importing) -> int:
    from sqlmodel import select  # noqa: PLC0415 -- only this looks into the outbox

    from storage.tables import Intent  # noqa: PLC0415

    return house.db.read_now(
        lambda session: session.exec(
            select(Intent.wanted).where(Intent.kind == "card", Intent.key == "case:1@#support")
        ).one()
    )
