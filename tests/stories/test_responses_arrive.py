"""One response is one response: by webhook, again, in parts, overtaken, corrected, and from a file."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from story_house import House

from bot.commands import importing
from bot.surveys.csv_answers import parts
from storage.tables import Case, Customer, Parked, Response
from workflows import bulk
from workflows.answers import Answer

pytestmark = pytest.mark.anyio


def alone(house: House) -> bool:
    """Tell whether there is one response, one case, one card and one message to its owner."""
    cards = [len(house.cards(place)) for place in ("#support", "#billing", "#product")]
    return len(house.all(Response)) == len(house.all(Case)) == sum(cards) == 1


async def test_the_same_response_by_webhook_again_changes_nothing(house: House) -> None:
    body = house.survey.body({"id": "r1", "score": 2, "comment": "Late.", "email": "jane@acme.test"})
    first = await house.webhook(body)
    before = house.counts()

    again = await house.webhook(body)

    assert (first["status"], again["status"]) == ("new", "known")
    assert again["case"] == first["case"]
    assert house.counts() == before
    assert alone(house)


async def test_a_response_that_arrives_in_parts_is_one_card_that_says_all_of_it(house: House) -> None:
    case_id = await house.answer(id="r1", score=2, comment="")
    assert "No comment, only the score." in house.cards()[-1].words
    await house.wind(minutes=1)
    await house.answer(id="r1", score=2, comment="The parcel was late.")
    await house.wind(minutes=1)

    assert await house.answer(id="r1", score=4, comment="The parcel was very late.") == case_id

    assert alone(house)
    assert "The parcel was very late." in house.cards()[-1].words
    assert "*4 of 10*" in house.cards()[-1].words
    assert house.events(case_id).count("updated") == 2
    assert "completed their answer" in house.thread()[-1]


async def test_a_part_that_was_overtaken_fills_in_and_corrects_nothing(house: House) -> None:
    body = house.survey.body({"id": "r1", "score": 2, "comment": "Very late.", "email": "jane@acme.test"})
    await house.webhook(body)
    earlier = {**body["data"], "score": 5, "comment": "Late.", "touchpoint": "checkout"}
    earlier["submitted_at"] = (house.now() - timedelta(minutes=5)).isoformat()

    said = await house.webhook({**body, "data": earlier})

    [response] = house.all(Response)
    assert said["status"] == "changed"
    assert (response.score, response.comment, response.touchpoint) == (2, "Very late.", "checkout")
    assert alone(house)


async def test_the_same_number_on_another_scale_is_a_correction(house: House) -> None:
    customer = {"id": "r1", "score": 3, "email": "jane@acme.test"}
    happy = house.survey.body({**customer, "metric": "ces"})
    happy["data"] |= {"scale": {"min": 1, "max": 7}, "score": 5}
    await house.webhook(happy)
    await house.wind(minutes=1)

    said = await house.answered(id="r1", score=5, metric="nps")

    [response] = house.all(Response)
    assert (response.metric, response.high_end, response.band) == ("nps", 10, "low")
    assert said["case"] is not None


async def test_a_later_part_that_names_a_rule_moves_an_untouched_case(house: House) -> None:
    case_id = await house.answer(id="r1", comment="")
    await house.wind(minutes=1)

    await house.answer(id="r1", comment="The invoice is wrong.")

    assert (house.row(case_id).department, house.row(case_id).owner) == ("billing", "UGRETA")
    assert "moved to" in house.cards("#support")[-1].words
    assert "Take" in house.cards("#billing")[-1].buttons


async def test_a_later_part_leaves_a_case_where_it_is_once_somebody_has_taken_it(house: House) -> None:
    case_id = await house.answer(id="r1", comment="")
    await house.person("Ana").press("Take", on="#support")
    await house.wind(minutes=1)

    await house.answer(id="r1", comment="The invoice is wrong.")

    assert (house.row(case_id).department, house.row(case_id).owner) == ("support", "UANA")
    assert "The invoice is wrong." in house.cards()[-1].words


async def test_a_good_answer_that_is_corrected_to_a_low_one_opens_a_case(house: House) -> None:
    assert (await house.answered(id="r1", score=9))["case"] is None
    await house.wind(minutes=1)

    said = await house.answered(id="r1", score=1)

    assert said["case"] is not None
    assert alone(house)


async def test_a_response_that_came_by_webhook_is_known_to_the_import(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.answer(id="r1", score=2)
    before = house.counts()
    monkeypatch.setenv("DATABASE_URL", house.database_url)

    status = await asyncio.to_thread(importing.run, file(tmp_path, house), source="generic", refused=None)
    await house.settle()

    assert status == 0
    assert "0 new, 0 changed, 1 known, 0 refused" in capsys.readouterr().out
    assert house.counts() == before
    assert alone(house)


async def test_a_response_that_was_imported_is_known_to_the_webhook(house: House, tmp_path: Path) -> None:
    await imported(house, file(tmp_path, house))
    assert alone(house)

    said = await house.answered(id="r1", score=2)

    assert said["status"] == "known"
    assert alone(house)


async def test_a_form_that_nobody_knows_is_parked_not_guessed(house: House) -> None:
    body = house.survey.body({"id": "r1", "score": 2})
    del body["data"]["metric"], body["data"]["scale"]

    said = await house.webhook(body)
    await house.webhook(body)

    assert said["status"] == "parked"
    [parked] = house.all(Parked)
    assert (parked.source, parked.times) == ("generic", 2)
    assert house.all(Response) == []


async def test_what_is_not_rightly_signed_is_not_even_kept(house: House) -> None:
    raw = b'{"type": "feedback.received"}'
    signed = house.survey.signed(raw) | {"webhook-signature": "v1,AAAA"}

    answer = await house.http.post(f"{house.survey.url}/webhooks/generic", content=raw, headers=signed)

    assert answer.status_code == 401
    assert house.all(Parked) == house.all(Response) == []


def file(folder: Path, house: House) -> Path:
    """Write an export of the survey tool with Jane's answer."""
    path = folder / "export.csv"
    path.write_text(
        "id,score,metric,comment,email,name,account,language,touchpoint,submitted_at\n"
        "r1,2,nps,The parcel came two days late.,jane@acme.test,Jane Doe,Acme,en,delivery,"
        f"{house.now().isoformat()}\n",
        encoding="utf-8",
    )
    return path


async def imported(house: House, path: Path) -> None:
    """Import a file at the house's own time."""
    policy, version = house.hearback.policy(), house.hearback.policy.version
    rows = list(found(path, house))
    assert rows
    await house.db.write(
        lambda session: bulk.receive_many(session, rows, policy=policy, policy_version=version, at=house.now())
    )
    await house.settle()


def found(path: Path, house: House) -> Iterator[Answer]:
    for part in parts(path, house.hearback.policy(), source="generic"):
        assert not part.refused
        yield from part.answers


async def test_a_comment_without_a_language_gets_its_own_and_the_card_says_so(house: House) -> None:
    said = house.survey.body({"id": "r1", "score": 2, "email": "jan@x.test", "comment": "Das Paket kam viel zu spät."})
    said["data"].pop("language", None)

    await house.webhook(said)

    assert house.all(Response)[0].language == "de"
    assert house.all(Customer)[0].language == "de"
    assert "German" in house.cards()[-1].words
