"""How the demo begins: a story that ended well three weeks ago, and the answers of this morning."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.sandbox.people import NotThere
from bot.sandbox.slack import PretendSlack
from bot.sandbox.survey import Survey
from bot.sandbox.town import CUSTOMERS

LONG_AGO: Final = timedelta(days=21)
# So long a card may take to appear before the demo begins without it.
PATIENCE_SECONDS: Final = 10.0
_BY_NAME: Final[Mapping[str, Mapping[str, Any]]] = {str(one["name"]): one for one in CUSTOMERS}

HAPPY: Final = (
    ("Sören Dahl", "nps", 9, "Set up in an afternoon.", "after_onboarding"),
    ("Lotte Brandt", "csat", 5, "Schnelle, freundliche Hilfe. Danke!", "support_ticket"),
    ("Mateo Quispe", "nps", 7, "", "quarterly"),
)
UNHAPPY: Final = (
    ("Odile Marchetti", "nps", 3, "L'export plante encore chaque lundi, comme le mois dernier.", "quarterly"),
    ("Kwabena Asante", "csat", 1, "The bot kept looping. I never reached a human.", "support_ticket"),
    ("Ruth Feldmann", "nps", 2, "Die Rechnung ist zum dritten Mal falsch.", "quarterly"),
    ("Priya Raman", "nps", 4, "We are looking at a competitor: reports take minutes to load.", "quarterly"),
    ("Tomás Iriarte", "ces", 2, "Es muy complicado encontrar los envíos archivados.", "in_app"),
)


async def begin(slack: PretendSlack, survey: Survey) -> None:
    """Let the customers answer, in the order in which they did."""
    workspace = slack.workspace
    workspace.offset -= LONG_AGO
    await _told_long_ago(slack, survey)
    workspace.offset += LONG_AGO
    for name, metric, score, comment, touchpoint in (*HAPPY, *UNHAPPY):
        await survey.answer(_form(name, metric, score, comment, touchpoint))


async def _told_long_ago(slack: PretendSlack, survey: Survey) -> None:
    """Odile's first complaint, worked by Liam as anybody would work it."""
    await survey.answer(
        _form("Odile Marchetti", "nps", 4, "L'export CSV plante dès que j'ai plus de 500 lignes.", "quarterly")
    )
    liam = slack.person("Liam")
    await _pressed(liam, "Take")
    for title, fields in (
        ("Resolve", {
            "What caused it": "Product",
            "What went wrong": "The export ran out of memory above 500 rows.",
            "What changed": "The export now copes with files of any size; yours was run again and sent to you.",
        }),
        ("Log told", {"How": "Phone", "What was said": "Called Odile. She tried it while we spoke: it works."}),
    ):  # fmt: skip
        await _pressed(liam, title)
        for label, value in fields.items():
            await liam.fill(label, value)
        await liam.submit()


async def _pressed(person: Any, button: str) -> None:
    """Press a button of the channel's latest card once it has been drawn."""
    for _ in range(int(PATIENCE_SECONDS * 10)):
        try:
            await person.press(button, on=person.latest_in("#engineering"))
        except NotThere:
            await asyncio.sleep(0.1)
        else:
            return
    raise NotThere(f"{button} did not appear in #engineering.")


def _form(name: str, metric: str, score: int, comment: str, touchpoint: str) -> dict[str, Any]:
    customer = dict(_BY_NAME[name])
    account = customer.pop("account")
    return {
        **customer,
        "account_name": account,
        "metric": metric,
        "score": score,
        "comment": comment,
        "touchpoint": touchpoint,
    }
