"""Responses arrive here: one file for each survey tool, each of which checks a request and reads an answer from it."""

from collections.abc import Mapping

from bot.surveys import (
    asknicely,
    chatwoot,
    delighted,
    formbricks,
    freshdesk,
    generic,
    google_forms,
    helpscout,
    hubspot,
    intercom,
    jotform,
    posthog,
    qualtrics,
    questionpro,
    retently,
    satismeter,
    surveymonkey,
    surveysparrow,
    survicate,
    tally,
    typeform,
    wootric,
    zendesk,
)
from bot.surveys.request import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        generic.ADAPTER,
        typeform.ADAPTER,
        intercom.ADAPTER,
        formbricks.ADAPTER,
        zendesk.ADAPTER,
        chatwoot.ADAPTER,
        tally.ADAPTER,
        wootric.ADAPTER,
        google_forms.ADAPTER,
        posthog.ADAPTER,
        freshdesk.ADAPTER,
        helpscout.ADAPTER,
        surveymonkey.ADAPTER,
        hubspot.ADAPTER,
        qualtrics.ADAPTER,
        asknicely.ADAPTER,
        retently.ADAPTER,
        satismeter.ADAPTER,
        jotform.ADAPTER,
        survicate.ADAPTER,
        surveysparrow.ADAPTER,
        delighted.ADAPTER,
        questionpro.ADAPTER,
    )
}

# Other names by which an address may call a source.
ALIASES: Mapping[str, str] = {"google-forms": "google_forms", "qualtrics-workflow": "qualtrics"}


def adapter_of(name: str) -> Adapter | None:
    """Find the adapter that an address, or a person, means by this name; None when there is none."""
    return ADAPTERS.get(ALIASES.get(name, name))
