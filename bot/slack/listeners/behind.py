"""What is behind a figure: its definition, its value, and its cases."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot.slack.views import digest_modals
from bot.slack.views.blocks import View
from storage.casefile import case_files
from workflows import figures_lists
from workflows.figures_definitions import DEFINITIONS
from workflows.figures_period import Filters, Period
from workflows.policy import Policy


def behind_view(
    session: Session, key: str, value: str, *, period: Period, filters: Filters, policy: Policy, at: datetime
) -> View:
    """Draw the modal of a figure. `key`: of DEFINITIONS; `value`: its lines, as they are shown."""
    what, meaning = key, DEFINITIONS[key].text
    if key in figures_lists.METRICS:  # whoever is happy has no case
        what, filters = figures_lists.LOW, replace(filters, metric=key)
        meaning += " These are the cases of the low answers."
    page = figures_lists.behind(session, what, policy=policy, period=period, filters=filters, at=at)
    case_ids = list(dict.fromkeys(row.case_id for row in page.rows if row.case_id))
    files = case_files(session, case_ids[: digest_modals.CASES])
    return digest_modals.figure_modal(
        DEFINITIONS[key].name,
        meaning,
        value,
        [files[one] for one in case_ids if one in files],
        len(case_ids) + bool(page.next),
        policy=policy,
        at=at,
    )
