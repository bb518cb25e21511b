"""One post for many cases of a kind, or of one account: how they stand, the first few, and buttons for all of them."""

from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, words
from bot.slack.views.blocks import VIEW_BLOCKS, Block, View, actions, button, context, divider, header, modal, section
from bot.slack.views.inputs import choice, form, notice, text_area
from bot.slack.views.message import Message
from bot.slack.views.modals import CHANGED, ROOT_CAUSES
from bot.slack.views.progress import department
from bot.slack.views.text import GAP, inline, mention, plural, quoted, when
from storage.casefile import CaseFile
from storage.tables import OPEN_STATES
from storage.umbrellas import Gathered
from workflows.policy import Policy
from workflows.storms import ACCOUNT

SHOWN: Final = 8
"""Cases in a post; all of them are a press away."""
LISTED: Final = VIEW_BLOCKS - 10


def umbrella_post(gathered: Gathered, *, policy: Policy, place: str) -> Message:
    """Draw an umbrella for its channel, or for a member who owns some of its cases (`place`)."""
    is_own = place.startswith(("U", "W"))
    text = _headline(gathered, is_own=is_own)
    left = gathered.open - len(gathered.files)
    more = [context(f"_and {plural(left, 'more case')}: press All cases_")] if left > 0 else []
    done = [] if gathered.open else [section("✓ All of them are closed.")]
    return Message(
        f"{text}.",
        [
            header(text),
            section(f"{_about(gathered, policy)}\n{_counts(gathered)}"),
            context(_rule_of_the_house(gathered)),
            divider(),
            *(_row(one) for one in gathered.files),
            *more,
            *done,
            *actions(f"umbrella:{gathered.umbrella.id}", _buttons(gathered)),
        ],
    )


def all_cases(gathered: Gathered) -> View:
    """List the open cases of an umbrella, as many as a modal holds, each with the button that shows it whole."""
    left = gathered.open - len(gathered.files)
    more = (
        [context(f"_and {plural(left, 'more case')}: they come up here as those above are closed._")]
        if left > 0
        else []
    )
    nothing = [section("✓ All of them are closed.")] if not gathered.files else []
    rows = [_row(one) for one in gathered.files]
    head = section(f"*{_headline(gathered, is_own=False)}*\n{_counts(gathered)}")
    return modal("All cases", [head, *nothing, *rows, *more])


def resolve_together(gathered: Gathered) -> View:
    """Ask once what caused all of these, and what changed."""
    return form(
        ids.MODAL_UMBRELLA_RESOLVE,
        metadata=gathered.umbrella.id or 0,
        title="Resolve together",
        submit="Resolve them",
        blocks=[
            notice(
                f"*{_headline(gathered, is_own=False)}*\nEvery one that you may work on, and that has no open task, is "
                "resolved with these words. Each customer is still told by themselves, from their own case."
            ),
            choice("root_cause", "What caused it?", ROOT_CAUSES, placeholder="Choose the nearest"),
            text_area("root_cause_text", "The cause in your words", hint="For the team only.", is_optional=True),
            text_area(
                "what_changed",
                "What changed, in words for the customer",
                placeholder="The outage of this morning is over, and we now watch for it.",
                hint="Every customer reads this in your next message to them. You can edit it there.",
                most=CHANGED,
            ),
        ],
    )


def _headline(gathered: Gathered, *, is_own: bool) -> str:
    label = inline(gathered.umbrella.label, 60)
    if gathered.umbrella.theme.startswith(ACCOUNT):
        people = plural(gathered.total, "person", "people")
        return f"{people} of {label} {'is' if gathered.total == 1 else 'are'} unhappy"
    own = "cases for you" if is_own else "cases"
    return f"{gathered.total} {own} in a short time: {label}"


def _about(gathered: Gathered, policy: Policy) -> str:
    umbrella = gathered.umbrella
    where = department(policy, umbrella.department)
    return f"*{where}*{GAP}since {when(umbrella.opened_at)}, the latest {when(umbrella.last_at)}"


def _counts(gathered: Gathered) -> str:
    closed = gathered.total - gathered.open
    parts = [f"*{gathered.counts.get(state, 0)}* {words.STATES[state]}" for state in OPEN_STATES]
    return "  ·  ".join([*parts, f"*{closed}* closed"])


def _rule_of_the_house(gathered: Gathered) -> str:
    if gathered.umbrella.theme.startswith(ACCOUNT):
        return "One owner answers for all of them. Each is a case of its own: every one of these people is to be told."
    return "Each is a case of its own with an owner and limits. Its card is posted once somebody works on it."


def _row(file: CaseFile) -> Block:
    shown, case = customer.veiled(file), file.case
    first = shown.responses[0] if shown.responses else None
    score = f"{GAP}{customer.verdict(first)}" if first else ""
    said = f"\n{quoted(first.comment, 120)}" if first and first.comment.strip() else ""
    urgency = f" · {words.URGENCIES[case.urgency]}" if case.urgency in {"high", "urgent"} else ""
    owner = mention(case.owner) if case.owner else "nobody yet"
    return section(
        f"*Case {case.id}* · {customer.full_name(shown)}{score}\n{case.state}, {owner}{urgency}{said}",
        accessory=buttons.open_case(case),
        block_id=f"umbrella:case:{case.id}",
    )


def _buttons(gathered: Gathered) -> list[dict[str, object]]:
    umbrella_id = gathered.umbrella.id or 0
    row = [button("All cases", ids.UMBRELLA_ALL, umbrella_id)] if gathered.open else []
    if gathered.counts.get("new"):
        row.append(button("Take mine", ids.UMBRELLA_TAKE, umbrella_id, style="primary"))
    if gathered.counts.get("new") or gathered.counts.get("working"):
        row.append(button("Resolve together", ids.UMBRELLA_RESOLVE, umbrella_id))
    return row
