"""Whatever a customer writes, it pages nobody and breaks no card."""

import re

import pytest
from story_house import House
from story_moves import resolve, tell

pytestmark = pytest.mark.anyio

PAGES = re.compile(r"<!(?:channel|here|everyone)|<@U1|<!subteam")
HOSTILE = (
    "<!channel> <!here> <@U1> <@UNORA> & <b>bold</b> *stars* _lines_ ~gone~ `code` ```fence``` > quote\n"
    "<https://evil.example|Click here> https://evil.example <mailto:jane@acme.test> @channel @here #general\n"
    "\u202eright to left\u202c \u200b\u2066isolated \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 "
    "\N{PILE OF POO} e\u0301\u0301\u0301\u0301 {customer} {0.__class__} %s $(id) ' OR 1=1 --\n"
)


async def test_a_hostile_comment_pages_nobody_and_breaks_no_card(house: House) -> None:
    longest = HOSTILE * (100_000 // len(HOSTILE) + 1)
    for number, comment in enumerate((HOSTILE, longest[:100_000], "*" * 100_000, "&" * 100_000, "a" * 100_000)):
        await house.answer(id=f"r{number}", comment=comment, email=f"jane{number}@acme.test")

    shown = [seen for name in ("Ana", "Ben") for seen in (*house.cards(), *house.person(name).direct_messages())]

    assert len(house.cards()) == 5
    assert [one for one in shown if PAGES.search(f"{one.raw['blocks']}{one.text}")] == []


async def test_hostile_names_and_words_of_people_pass_every_view(house: House) -> None:
    evil = "<!channel> <@U1> *Jane* & <https://evil.example|Co>"
    await house.answer(
        name=evil, account_name=evil, touchpoint=evil, segment=evil, comment=HOSTILE, language="x-<!here>"
    )
    ana = house.person("Ana")
    await ana.reply(HOSTILE, to=ana.latest_in("#support"))
    await ana.press("Note", on="#support")
    await ana.fill("Note", HOSTILE)
    assert await ana.submit() == {}
    await ana.press("Add task", on="#support")
    await ana.fill("What is to be done?", evil)
    await ana.fill("Department", "Billing")
    assert await ana.submit() == {}
    await house.settle()
    greta = house.person("Greta")
    await greta.press("Not needed", on=greta.direct_messages()[-1])
    await greta.fill("Why isn't it needed any more?", HOSTILE)
    assert await greta.submit() == {}
    assert await resolve(house, "Ana", changed=HOSTILE) == {}
    await tell(house, "Ana")
    home = await house.home("Ana")
    await ana.press("Open case", on="#support")
    await house.wind(minutes=3)

    shown = [*house.cards(), *ana.thread_of(house.cards()[-1]), *greta.direct_messages(), ana.modal(), home]
    ours = [one for one in shown if one.raw.get("user") != "UANA"]
    assert [one for one in ours if PAGES.search(f"{one.raw.get('blocks')}{one.text}")] == []
    [mail] = house.mailbox.to("jane@acme.test")
    assert "<!channel>" in mail.part("plain")
    assert "<b>bold</b>" not in mail.part("html")
