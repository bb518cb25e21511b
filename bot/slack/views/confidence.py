"""Who answered in confidence, as the owner and managers see it after asking."""

from bot.slack import ids
from bot.slack.views import customer
from bot.slack.views.blocks import Element, View, button, context, modal, section
from storage.casefile import CaseFile


def reveal_button(file: CaseFile) -> Element:
    """Give the button that shows who it is, to those who may know."""
    return button("Reveal who", ids.REVEAL, file.case.id or 0)


def who_it_is(file: CaseFile) -> View:
    """Show name, account and address of the customer."""
    known = customer.identity(file)
    return modal(
        "In confidence",
        [
            section(f"*Case {file.case.id}*\n*{customer.full_name(file)}*"),
            *([context(known)] if known else []),
            context(
                "They answered in confidence: keep it to yourself. That you have looked is on the case's timeline."
            ),
        ],
    )
