"""Every survey tool as a sender: which metrics it asks for, with which secret, and how it sends an answer."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.sandbox.given import Given
from bot.sandbox.senders import desks, forms, programmes
from bot.sandbox.senders.signing import Pen, Sent


@dataclass(frozen=True, slots=True)
class Sender:
    """One tool; `metrics` are what a form of this demo can ask for there."""

    title: str
    metrics: tuple[str, ...]
    send: Callable[[Given, Pen], Sent]


ALL: Final = ("nps", "csat", "ces")
SENDERS: Final[Mapping[str, Sender]] = {
    "zendesk": Sender("Zendesk", ("csat",), desks.zendesk),
    "freshdesk": Sender("Freshdesk", ("csat",), desks.freshdesk),
    "chatwoot": Sender("Chatwoot", ("csat",), desks.chatwoot),
    "helpscout": Sender("Help Scout", ("csat",), desks.helpscout),
    "intercom": Sender("Intercom", ("csat",), desks.intercom),
    "typeform": Sender("Typeform", ("nps",), forms.typeform),
    "tally": Sender("Tally", ("csat",), forms.tally),
    "formbricks": Sender("Formbricks", ("nps",), forms.formbricks),
    "google_forms": Sender("Google Forms", ("csat",), forms.google_forms),
    "jotform": Sender("Jotform", ("csat",), forms.jotform),
    "surveymonkey": Sender("SurveyMonkey", ("nps",), forms.surveymonkey),
    "qualtrics": Sender("Qualtrics", ("nps",), forms.qualtrics),
    "questionpro": Sender("QuestionPro", ("nps",), forms.questionpro),
    "surveysparrow": Sender("SurveySparrow", ("nps",), forms.surveysparrow),
    "posthog": Sender("PostHog", ("nps",), forms.posthog),
    "hubspot": Sender("HubSpot", ALL, programmes.hubspot),
    "delighted": Sender("Delighted", ("nps", "csat"), programmes.delighted),
    "asknicely": Sender("AskNicely", ("nps",), programmes.asknicely),
    "retently": Sender("Retently", ALL, programmes.retently),
    "satismeter": Sender("SatisMeter", ("nps",), programmes.satismeter),
    "survicate": Sender("Survicate", ("nps",), programmes.survicate),
    "wootric": Sender("Wootric", ALL, programmes.wootric),
}


def secrets() -> dict[str, str]:
    """Give what WEBHOOK_SECRET_<SOURCE> has to be for each tool; both sides of it are here."""
    plain = {name: f"sandbox-{name}-secret" for name in SENDERS}
    for name in ("formbricks", "google_forms"):
        plain[name] = f"whsec_{base64.b64encode(plain[name].encode()).decode()}"
    return plain | {"surveymonkey": "lumen&sandbox-surveymonkey-secret"}
