"""Where the crash run takes place: four departments of six people each, and the policy that they work by."""

from typing import Final

from bot.sandbox.workspace import Workspace

DEPARTMENTS: Final = ("support", "product", "billing", "engineering")
MEMBERS: Final = {name: tuple(f"U{name[:3].upper()}{number}" for number in range(1, 7)) for name in DEPARTMENTS}
MANAGER: Final = "UMANAGER"

_HEAD: Final = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UMANAGER"]
managers = ["UMANAGER"]
manager_channel = "#managers"

[calendar]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
hours = ["00:00-24:00"]

[storm]
within = "0s"  # every case has its card, however many come: the verdict asks for each
accounts = false
reversal = false  # with every third answer low, a run of them comes by chance, and what is held back has no case yet

[mail]
from = "Lumen Desk <care@lumendesk.example>"
delay = "1s"

[[rule]]
name = "Money"
when = { words = ["invoice*"] }
department = "billing"

[[rule]]
name = "It broke"
when = { words = ["broken"] }
department = "engineering"
also = ["support"]
urgency = "high"

[[rule]]
name = "Hard to use"
when = { words = ["confusing"] }
department = "product"
"""


def policy() -> str:
    """Write the policy's document."""
    departments = [
        f'[[department]]\nkey = "{name}"\nname = "{name.capitalize()}"\nchannel = "#{name}"\n'
        f'lead = "{people[0]}"\nmembers = [{", ".join(repr(one) for one in people)}]\n'
        for name, people in MEMBERS.items()
    ]
    return "\n".join([_HEAD, *departments])


def settle(workspace: Workspace) -> None:
    """Move everybody in: members, channels, and the app in each of them."""
    people = [MANAGER, *(one for members in MEMBERS.values() for one in members)]
    for one in people:
        workspace.add_member(one.lower(), id=one, real_name=f"{one.capitalize()} Example")
    for name in (*DEPARTMENTS, "managers"):
        workspace.add_channel(name, *people, workspace.bot)
