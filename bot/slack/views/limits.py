"""A changed policy and the limits of open cases, as an admin sees it: in the App Home, and before it is done."""

from datetime import datetime

from bot.slack import ids
from bot.slack.views.blocks import Block, View, button, modal, section
from bot.slack.views.inputs import form, notice
from bot.slack.views.text import plural, when


def home_limits(changed_policy: tuple[int, datetime] | None) -> list[Block]:
    """Say that the policy has changed, with the button that shows what it would do; nothing if it hasn't."""
    if changed_policy is None:
        return []
    version, at = changed_policy
    text = f"📐 *The policy changed* {when(at)} (version {version}). Open cases keep the limits that they were given."
    return [section(text, accessory=button("Look at limits", ids.LIMITS, version), block_id="home:limits")]


def limits_modal(changes: int, *, is_all: bool, version: int) -> View:
    """Say how many open cases have other limits by the policy in force, and offer to set them anew.

    `is_all` false: these are only the first that were looked at, so there may be more.
    """
    if not changes and is_all:
        said = "Every open case has the limits that the policy in force gives."
        return modal("Limits of open cases", [section(said)])
    cases = f"{plural(changes, 'open case')} {'has' if changes == 1 else 'have'}"
    if not is_all:
        cases = f"At least {cases}" if changes else "Some open cases may have"
    text = (
        f"*{cases} other limits by the policy in force.*\n"
        "Limits that are met stay as they are. The cards are drawn anew; nobody is written to about it."
    )
    return form(
        ids.MODAL_LIMITS, metadata=version, title="Limits of open cases", submit="Set them anew", blocks=[notice(text)]
    )
