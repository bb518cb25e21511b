"""How the demo begins: a story that ended well three weeks ago, and the answers of this morning."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from bot.sandbox.people import NotThere, Person
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
    ("Odile Marchetti", "nps", 3, "L'export plante chaque lundi. Encore un souci chez vous.", "quarterly"),
    ("Kwabena Asante", "csat", 1, "The bot kept looping. I never reached a human.", "support_ticket"),
    ("Ruth Feldmann", "nps", 2, "Die Rechnung ist zum dritten Mal falsch.", "quarterly"),
    ("Priya Raman", "nps", 4, "We are looking at a competitor: reports take minutes to load.", "quarterly"),
    ("Gaspard Lemoine", "nps", 5, "Le tableau de bord plante deux fois par jour.", "in_app"),
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
    """Odile's first complaint, worked by Greta as anybody would work it."""
    await survey.answer(
        _form("Odile Marchetti", "nps", 4, "La TVA manque sur chaque facture, je dois les refaire.", "quarterly")
    )
    greta = slack.person("Greta")
    await _pressed(greta, "Take")
    resolved = {
        "What caused it?": "Process: how we work",
        "The cause in your words": "The invoice template for France had lost its VAT line.",
        "What changed, in words for the customer": "Every invoice shows its VAT again, and yours have been sent anew.",
    }
    told = {
        "How did you reach them?": "Phone",
        "What did you tell them, and what did they say?": "She has the corrected invoices and is content.",
    }
    for title, fields in (("Resolve", resolved), ("Log as told", told)):
        await _pressed(greta, title)
        for label, value in fields.items():
            await greta.fill(label, value)
        await greta.submit()
    # The clock may go on only when all of it stands: Slack dates a message by when it arrives.
    await _until(lambda: any("told the customer" in one.text for one in greta.thread_of(greta.latest_in("#billing"))))


async def _pressed(person: Person, button: str) -> None:
    """Press a button of the channel's latest card once it has been drawn."""
    await _until(lambda: button in person.latest_in("#billing").buttons)
    await person.press(button, on=person.latest_in("#billing"))


async def _until(is_there: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not _holds(is_there):  # noqa: ASYNC110 -- a screen is looked at again and again
            await asyncio.sleep(0.05)


def _holds(is_there: Callable[[], bool]) -> bool:
    try:
        return is_there()
    except NotThere:
        return False


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
