"""The modal that logs feedback by hand, and what is said when it has been kept."""

from typing import Final

from bot.slack import ids
from bot.slack.views import words
from bot.slack.views.blocks import View, actions, button, context, modal, section
from bot.slack.views.inputs import choice, email, form, number, text_area, text_line
from workflows.policy import Policy

METRICS: Final = {
    "nps": "NPS: would they recommend us?",
    "csat": "CSAT: are they satisfied?",
    "ces": "CES: was it easy?",
}


def add_feedback(*, policy: Policy, comment: str = "", origin: str = "") -> View:
    """Ask for feedback that somebody heard. `origin` names the Slack message it was said in, as `channel:ts`."""
    return form(
        ids.MODAL_ADD_FEEDBACK,
        metadata=origin,
        title="Log customer feedback",
        submit="Log feedback",
        blocks=[
            context("A low score opens a case, and somebody gets back to this customer."),
            text_area("comment", "What did they say?", initial=comment, is_optional=True),
            choice("metric", "Which question does the score answer?", METRICS, initial="nps"),
            number(
                "score",
                "Score",
                placeholder="3",
                hint="NPS: 0 to 10. CSAT: 1 to 5. CES: 1 (hard) to 7 (easy).",
            ),
            text_line("name", "Customer's name", placeholder="Jane Doe", is_optional=True),
            email(
                "email",
                "Customer's e-mail address",
                placeholder="jane@example.com",
                hint="Without it nobody can write to them; without name and address the answer counts as anonymous.",
                is_optional=True,
            ),
            text_line("account", "Account", placeholder="Acme Ltd", is_optional=True),
            text_line("touchpoint", "What was it about?", placeholder="Delivery", is_optional=True),
            choice("language", "Their language", _languages(policy), is_optional=True),
        ],
    )


def feedback_kept(*, case_id: int | None, is_new: bool) -> View:
    """Say what became of it."""
    if not is_new:
        said = "This was logged before. Nothing was added twice."
    elif case_id is None:
        said = "Thank you, it is kept. The score isn't low, so no case is needed."
    else:
        said = f"Thank you, it is kept. It is with *case {case_id}*, and this customer will hear back."
    buttons = [button("Open case", ids.OPEN_CASE, case_id)] if case_id is not None else []
    return modal("Feedback logged", [section(said), *actions("kept", buttons)])


def _languages(policy: Policy) -> dict[str, str]:
    """Offer the team's own languages first."""
    return {tag: words.language_name(tag) for tag in (*policy.team.languages, *words.LANGUAGES)}
