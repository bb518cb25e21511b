"""The lists in the posts of digests: cases with their buttons, the overdue ones as a table, promises."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, status
from bot.slack.views.blocks import Block, Element, button, section
from bot.slack.views.charts import table
from bot.slack.views.text import apart, inline, when
from workflows.digest_pack import Listing, Pack
from workflows.policy import Policy

ROWS: Final = 4  # cases of a list that are shown with their buttons; the rest is a press away
LONGEST_DAY: Final = timedelta(hours=25)

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unowned": "Nobody owns these",
        "overdue": "Overdue",
        "due_today": "Due today",
        "promises": "Promised for today",
        "told": "Told",
        "excused": "Closed without telling",
    }
)
MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unowned": "Open cases without an owner when this was posted. The one that has waited longest comes first.",
        "overdue": "Open cases that were past a limit (claim, first contact or tell) when this was posted.",
        "due_today": "Open cases whose next limit ended between this post and the end of its day.",
        "told": "Cases whose customer was told what changed since the post before, and that are still closed.",
        "excused": "Cases that were closed without telling since the post before, but for anonymous ones.",
    }
)


def overdue(pack: Pack) -> list[Block]:
    """Draw the overdue cases as a table; nothing where there are none."""
    found = pack.lists["overdue"]
    if not found.count:
        return []
    cells = [
        [
            str(file.case.id),
            _raw(customer.full_name(customer.veiled(file))),
            file.name_of(file.case.owner) if file.case.owner else "nobody",
            apart(file.case.waiting_since, pack.at),
            apart(file.case.next_due_at or pack.at, pack.at),
        ]
        for file in found.files
    ]
    heads = ("Case", "Customer", "Owner", "Waiting", "Past its limit")
    return [list_head(pack, "overdue", found), table(heads, cells, right=(0,))]


def rows(pack: Pack, name: str, policy: Policy) -> list[Block]:
    """Draw the first cases of a list, each with its button; nothing where there are none."""
    found = pack.lists[name]
    if not found.count:
        return []
    shown = [
        section(
            status.case_line(file, policy=policy, at=pack.at),
            accessory=buttons.open_case(file.case),
            block_id=f"{name}:{file.case.id}",
        )
        for file in found.files[:ROWS]
    ]
    return [list_head(pack, name, found), *shown]


def list_head(pack: Pack, name: str, found: Listing) -> Block:
    """Name a list and say how many there are, with the button that shows them all."""
    title = f"{TITLES[name]} {lately(pack)}" if name in {"told", "excused"} else TITLES[name]
    return section(f"*{title}* · {found.count}", accessory=show(pack, ids.LIST, "Show"), block_id=f"list:{name}")


def promises(pack: Pack) -> list[Block]:
    """Draw the promises that are due, each with the button of its case; nothing where there are none."""
    if not pack.promises:
        return []
    lines = [
        section(
            f"🤝 *{inline(promise.text, 200)}*\nto {customer.full_name(customer.veiled(file))}"
            f" by {when(promise.due_at)}, given by {inline(file.name_of(promise.by))}",
            accessory=buttons.open_case(file.case),
            block_id=f"promise:{promise.id}",
        )
        for promise, file in pack.promises[:ROWS]
    ]
    return [section(f"*{TITLES['promises']}* · {pack.promise_count}"), *lines]


def show(pack: Pack, action_id: str, label: str) -> Element | None:
    """Give the button that opens what is behind a figure; a post that is only looked at has none."""
    return button(label, action_id, pack.run_id) if pack.run_id else None


def lately(pack: Pack) -> str:
    """Say since when: "since yesterday", or since which day."""
    if pack.at - pack.since <= LONGEST_DAY:
        return "since yesterday"
    return f"since {pack.since.astimezone(pack.zone):%A}"


def _raw(escaped: str) -> str:
    """Undo the escaping, for a table's cell, where letters are letters."""
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        escaped = escaped.replace(entity, sign)
    return escaped
