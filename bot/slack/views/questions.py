"""What admins and managers are asked about a form: on which scale it asks, and whether it is upside-down."""

from collections.abc import Sequence
from typing import Final

from bot.slack import ids
from bot.slack.views import words
from bot.slack.views.blocks import Block, Element, View, actions, button, context, divider, modal, quote, section
from bot.slack.views.inputs import choice, form, notice, number, text_line
from bot.slack.views.message import Message
from bot.slack.views.text import inline, plural, quoted
from storage.alarms import Question
from storage.source_tables import Alarm
from workflows.policy import Source
from workflows.reversal import UNANSWERED, scale_of

SHOWN: Final = 6
METRICS: Final = {
    "csat": "Satisfaction (CSAT)",
    "ces": "Effort (CES)",
    "nps": "Recommendation (NPS), 0 to 10",
}
DIRECTIONS: Final = {"up": "A higher score is a happier customer", "down": "A lower score is a happier customer"}
FROM_FILE: Final = (
    "This becomes a new version of the policy, in your name. It stays in force until somebody applies another one, or "
    "until the text of the policy file changes: write these lines into the file too, before you change it next."
)


def asked(alarm: Alarm) -> Message:
    """Ask one person; a question that is settled by now says so."""
    if alarm.answer == UNANSWERED:
        text = f"Nobody has said for a day whether {_form(alarm)} is upside-down: its cases are opened now."
        return Message(text, [section(f"⏳ {text}")])
    if alarm.answer is not None:
        text = f"The question about {_form(alarm)} is settled."
        return Message(text, [section(f"✓ {text}")])
    first, more = _said(alarm)
    again = int(alarm.facts.get("reminded", 0))
    late = "_Nobody has answered yet. What waits is opened a day after the first question._"
    still = [context(late)] if again and alarm.kind == "reversal" else []
    return Message(
        f"{first} Please say so.",
        [section(f"❓ *{first}*\n{more}"), *still, *actions(f"question:{alarm.id}", _buttons(alarm))],
    )


def home_questions(questions: Sequence[Question], *, is_admin: bool) -> list[Block]:
    """Show in the App Home what is asked; only admins say on which scale a form asks."""
    shown = [one for one in questions if is_admin or one.alarm.kind == "reversal"]
    blocks: list[Block] = []
    for one in shown[:SHOWN]:
        first, _ = _said(one.alarm)
        what = "request waits" if one.alarm.kind == "parked" else "low answer waits"
        many = "requests wait" if one.alarm.kind == "parked" else "low answers wait"
        count = context(plural(one.waiting, what, many))
        blocks += [section(f"❓ *{first}*"), count, *actions(f"home:question:{one.alarm.id}", _buttons(one.alarm))]
    left = [context(f"_and {plural(len(shown) - SHOWN, 'more question')}_")] if len(shown) > SHOWN else []
    return [divider(), *blocks, *left] if blocks else []


def ask_scale(alarm: Alarm, known: Source | None) -> View:
    """Ask for the scale of a form. `known` is what the policy says of its source already."""
    metric = alarm.facts.get("metric") or (known.metric if known else None)
    return form(
        ids.MODAL_SCALE,
        metadata=alarm.id or 0,
        title="On which scale?",
        submit="Take them in",
        blocks=[
            notice(f"*{_form(alarm)}*\n{inline(alarm.facts.get('reason'), 600)}"),
            choice("metric", "What does it ask for?", METRICS, initial=metric, placeholder="Choose one"),
            number("low_end", "Smallest score", placeholder="1", hint="An NPS needs no numbers.", is_optional=True),
            number("high_end", "Largest score", placeholder="5", is_optional=True),
            choice("direction", "Which way round?", DIRECTIONS, initial="up"),
            number(
                "low",
                "Last low score",
                placeholder="2",
                hint="From the unhappy end: this score and every unhappier one opens a case.",
                is_optional=True,
            ),
            number(
                "neutral",
                "Last neutral score",
                placeholder="3",
                hint="The same as the last low score, if none is neutral.",
                is_optional=True,
            ),
            text_line(
                "score_field",
                "Field of the score",
                initial=known.score_field if known else None,
                hint="The question's id, for tools that don't say which question is the score.",
                is_optional=True,
            ),
            text_line(
                "comment_field",
                "Field of the comment",
                initial=known.comment_field if known else None,
                is_optional=True,
            ),
            text_line(
                "email_field",
                "Field of the e-mail address",
                initial=known.email_field if known else None,
                is_optional=True,
            ),
            context(FROM_FILE),
        ],
    )


def scale_kept(alarm: Alarm, entry: str, *, version: int) -> View:
    """Say that a scale is in force, and the lines that belong into the file."""
    return modal(
        "Thank you",
        [
            section(f"Version {version} of the policy is in force. What waited of {_form(alarm)} is being taken in."),
            context(FROM_FILE),
            quote(entry),
        ],
    )


def _said(alarm: Alarm) -> tuple[str, str]:
    """Say a question in a sentence, and what hangs on it."""
    if alarm.kind == "parked":
        return (
            f"On which scale does {_form(alarm)} ask?",
            f"{inline(alarm.facts.get('reason'), 600)}\nWhat it sends is kept, and taken in once you have said so.",
        )
    scale = scale_of(alarm)
    best, worst = (scale.high_end, scale.low_end) if scale.direction == "up" else scale.ends
    more = (
        f"It is read as {scale.span}, where {best:g} is the happiest score. If {worst:g} is, turn it: cases that were "
        "opened wrongly and that nobody has touched are excused. Until you answer, further low answers wait without a "
        "case; after a day they are opened all the same."
    )
    return f"Nearly everybody suddenly looks unhappy on {_form(alarm)}. Is its scale upside-down?", more


def _buttons(alarm: Alarm) -> list[Element]:
    alarm_id = alarm.id or 0
    if alarm.kind == "parked":
        return [button("Say the scale", ids.SAY_SCALE, alarm_id, style="primary")]
    return [
        button("It is right: open the cases", ids.SCALE_RIGHT, alarm_id),
        button("Upside-down: turn the scale", ids.SCALE_TURN, alarm_id, style="danger"),
    ]


def _form(alarm: Alarm) -> str:
    source = words.SOURCES.get(alarm.source) or inline(alarm.source.replace("_", " ").capitalize(), 40)
    return f"the form {quoted(alarm.form, 60)} of {source}" if alarm.form else f"the survey of {source}"
