"""Who is in the demo: Lumen Desk's team and channels, its customers, and the guide for whoever tries it."""

from typing import Final

from bot.sandbox.channels import Json
from bot.sandbox.senders import SENDERS
from bot.sandbox.workspace import Workspace
from bot.surveys import ADAPTERS

TEAM: Final = "Lumen Desk"
# id, name, title
MEMBERS: Final = (
    ("UNORA", "Nora Lindqvist", "Head of Customer Experience · manager, admin"),
    ("UANA", "Ana Ribeiro", "Support · lead"),
    ("UBEN", "Ben Okafor", "Support"),
    ("UCHLOE", "Chloé Martin", "Support"),
    ("UDIEGO", "Diego Vega", "Support"),
    ("UELIF", "Elif Kaya", "Product · lead"),
    ("UFINN", "Finn Larsen", "Product"),
    ("UGRETA", "Greta Hoffmann", "Billing · lead"),
    ("UHUGO", "Hugo Lefèvre", "Billing"),
    ("UINES", "Inês Duarte", "Customer Success · lead, manager"),
    ("UJONAS", "Jonas Weber", "Customer Success"),
    ("UKASIA", "Kasia Nowak", "Customer Success"),
    ("ULIAM", "Liam Byrne", "Engineering · lead"),
    ("UMINA", "Mina Sato", "Engineering"),
    ("UOSKAR", "Oskar Nilsen", "Engineering"),
)
TOPICS: Final = {
    "support": "Unhappy customers that Support follows up",
    "product": "What is hard to use, or missing",
    "billing": "Invoices, payments and prices",
    "success": "Customers who think of leaving",
    "engineering": "What broke",
    "customer-voice": "The managers decide here",
    "general": "Everybody",
}
CUSTOMERS: Final[tuple[Json, ...]] = (
    {"name": "Odile Marchetti", "email": "odile@brightmoor.example", "account": "Brightmoor Dental",
     "segment": "small", "account_value": 4800, "language": "fr"},
    {"name": "Wanda Ostrowska", "email": "wanda@zielona.example", "account": "Zielona", "segment": "mid",
     "account_value": 18500, "language": "pl", "account_manager": "kasia.nowak@lumen.example"},
    {"name": "Kwabena Asante", "email": "kwabena@voltaic.example", "account": "Voltaic Energy",
     "segment": "enterprise", "account_value": 96000, "language": "en"},
    {"name": "Gaspard Lemoine", "email": "gaspard@ateliernord.example", "account": "Atelier Nord", "segment": "small",
     "account_value": 2900, "language": "fr"},
    {"name": "Ruth Feldmann", "email": "ruth@kesselbau.example", "account": "Kesselbau Feldmann", "segment": "mid",
     "account_value": 22000, "language": "de"},
    {"name": "Tomás Iriarte", "email": "tomas@puertoviejo.example", "account": "Puerto Viejo Logística",
     "segment": "mid", "account_value": 31000, "language": "es"},
    {"name": "Priya Raman", "email": "priya@cedarloop.example", "account": "Cedarloop", "segment": "enterprise",
     "account_value": 140000, "language": "en", "account_manager": "jonas.weber@lumen.example"},
    {"name": "Sören Dahl", "email": "soren@fjordmed.example", "account": "Fjordmed", "segment": "small",
     "account_value": 5200, "language": "en"},
    {"name": "Lotte Brandt", "email": "lotte@brandtundsohn.example", "account": "Brandt & Sohn", "segment": "small",
     "account_value": 3600, "language": "de"},
    {"name": "Mateo Quispe", "email": "mateo@andina.example", "account": "Andina Foods", "segment": "mid",
     "account_value": 15000, "language": "es"},
    {"name": "Ewa Lis", "email": "ewa@lisstudio.example", "account": "Lis Studio", "segment": "small",
     "account_value": 1900, "language": "pl"},
    {"name": "Dana Whitlock", "email": "dana@whitlock.bounce.example", "account": "Whitlock & Co",
     "segment": "mid", "account_value": 12000, "language": "en"},
)  # fmt: skip
TOUCHPOINTS: Final = ("support_ticket", "after_onboarding", "checkout", "quarterly", "in_app")
GUIDE: Final = (
    "This Slack is pretended. Hearback behind it is the real one, with a real database and a real mail server.",
    "Unhappy customers have answered already: look into #billing, #success, #product and #engineering.",
    "Ruth's case is in #billing: act as its owner (top right), press Take, then Resolve: the cause, what changed.",
    "Press Tell customer: read the mail, send it, and take it back within two minutes, or wind the clock.",
    "The mail arrives in Customers' mailbox. Reply as the customer there, or let it bounce: the case comes back.",
    "Answer a survey yourself, once more as the same customer: the second low response joins the open case.",
    "As somebody who is no manager, press Excuse: the managers are asked in #customer-voice. Answer as Nora.",
    "Type /loop help in any channel, open Hearback's Home, and press Why me? on a card.",
    "Wind the clock a day forward: reminders, escalation and the morning's digests come by themselves.",
    "As Nora, type /loop report: are the loops closed? Every figure opens.",
)


def settle(workspace: Workspace) -> None:
    """Move everybody in: members, channels, and the app in each of them."""
    for member_id, name, title in MEMBERS:
        handle = name.lower().replace(" ", ".").translate(_PLAIN)
        workspace.add_member(
            handle, id=member_id, real_name=name, title=title, email=f"{handle}@lumen.example", tz="Europe/Berlin"
        )
    people = [member_id for member_id, _, _ in MEMBERS]
    for name in TOPICS:
        channel = workspace.add_channel(name, *people)
        channel.topic = TOPICS[name]
        workspace.invite(channel, workspace.bot)


def extras() -> Json:
    """Give what the page shows besides Slack: customers, touchpoints, languages, the guide, the command's note."""
    return {
        "customers": [*CUSTOMERS],
        "touchpoints": [*TOUCHPOINTS],
        "languages": ["en", "de", "fr", "es", "pl"],
        "tools": [
            {"name": name, "title": one.title, "metrics": [*one.metrics], "is_polled": ADAPTERS[name].poll is not None}
            for name, one in SENDERS.items()
        ],
        "timezone": "Europe/Berlin",
        "guide": [*GUIDE],
    }


_PLAIN: Final = str.maketrans("éèêöü", "eeeou")
