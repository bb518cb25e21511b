"""What every figure means, in the words that the pages show."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Definition(NamedTuple):
    """A figure's name and what it means."""

    name: str
    text: str


DEFINITIONS: Final[Mapping[str, Definition]] = MappingProxyType(
    {
        "told_rate": Definition(
            "Told-rate",
            "Low responses of the period whose customer has been told, of all low responses of the period that can be "
            "told. A response belongs to the local day on which the customer gave it. It counts as told while its case "
            "is told: a case that is taken up again counts as open until it is told again.",
        ),
        "excused": Definition(
            "Excused",
            "Low responses whose case was excused, for a reason that a manager answers for. They stand beside the "
            "told-rate and are in neither of its two numbers.",
        ),
        "anonymous": Definition(
            "Anonymous",
            "Low responses of customers whom nobody can name and so nobody can tell, whatever has been done for them. "
            "They stand beside the told-rate and are in neither of its two numbers.",
        ),
        "history": Definition(
            "History",
            "Low responses that were too old to open a case when they were imported. Nobody was asked to follow them "
            "up, so they stand beside the told-rate and are in neither of its two numbers.",
        ),
        "customer_hours_waiting": Definition(
            "Customer-hours waiting",
            "The hours, day and night, for which the customers of open cases have waited without being contacted since "
            "their case was opened or taken up again, all added up. Anonymous cases don't count: nobody can contact "
            "them.",
        ),
        "funnel": Definition(
            "Closure funnel",
            "Of the low responses that can be told, those whose case somebody has claimed, whose customer has been "
            "contacted, whose case is resolved, and whose customer has been told. A case may be resolved before its "
            "customer is contacted. Excused, anonymous and history stand beside it.",
        ),
        "nps": Definition(
            "NPS",
            "The percentage of promoters (9 and 10) minus the percentage of detractors (0 to 6), between -100 and 100, "
            "with a 95 % margin of error.",
        ),
        "csat": Definition(
            "CSAT",
            "The percentage of high scores, with a 95 % margin of error.",
        ),
        "ces": Definition(
            "CES",
            "The mean score with a 95 % margin of error, and the percentage of low scores on the scale's own "
            "direction. Where the answers were given on different scales, the mean is in percent of the way from the "
            "unhappiest to the happiest end of each.",
        ),
        "reopened": Definition(
            "Reopen rate",
            "Cases that were taken up again after they had been told or excused, of all cases that have been told or "
            "excused at least once. A case counts once, with the first of its low responses.",
        ),
        "in_limit": Definition(
            "In-limit rate",
            "For each of the three limits (claim, first contact, telling): the cases that kept it, of those that kept "
            "it or have missed it by now. What is still inside its limit isn't counted, nor is a limit that a case "
            "doesn't have, or that ended when the case was excused. A case that was taken up again counts with its "
            "latest round.",
        ),
        "times": Definition(
            "Time to claim, contact and tell",
            "From the opening of a case, or from its latest reopening, until it was claimed, its customer contacted, "
            "and told: median and 90th percentile, as the customer waited (wall clock) and in the team's working time. "
            "Only what has been done counts, each case once, with the first of its low responses.",
        ),
    }
)
"""By key, in the order in which pages show them."""
