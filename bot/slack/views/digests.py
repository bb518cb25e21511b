"""The posts of digests: each kind as one message, as of its slot."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, digest_lists, progress, status, words
from bot.slack.views.blocks import Block, actions, button, context, header, quote, section
from bot.slack.views.charts import in_words
from bot.slack.views.digest_week import week_blocks, week_sentence
from bot.slack.views.message import Message
from bot.slack.views.text import GAP, apart, inline, listed, mention, plural, quoted, sentence, when
from storage.casefile import CaseFile
from workflows.digest_pack import Pack, Said
from workflows.policy import Policy

TASKS: Final = 8
COMMENT: Final = 500
YES: Final = "yes"

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "department_daily": "A department's day",
        "manager_weekly": "The managers' week",
        "huddle": "Huddle: 15 minutes",
        "my_morning": "My morning",
        "excused": "Closed without telling",
    }
)
_ANSWERS: Final = {
    "comment": (("We act on it", "acts on it"), ("Nothing to do", "has nothing to do about it")),
    "learn": (("Tell the others", "tells the others"), ("Keep it here", "keeps it here")),
    "raise": (("Raise it", "raises it"), ("Not now", "doesn't raise it now")),
}


def post(pack: Pack, *, policy: Policy) -> Message:
    """Draw the post of a digest; with charts and tables said in words as what is shown if Slack refuses them."""
    text, blocks = _KINDS[pack.kind](pack, policy)
    shown = [header(_title(pack, policy)), *blocks, context(_foot(pack, policy))]
    return Message(sentence(text), shown, in_words(shown))


def decision_words(item: str, *, is_yes: bool) -> str:
    """Say what a huddle decided about an item, after its name for itself: "acts on it"."""
    yes, no = _ANSWERS[item.partition("_")[0]]
    return (yes if is_yes else no)[1]


def _title(pack: Pack, policy: Policy) -> str:
    whose = progress.department(policy, pack.department) if pack.department else inline(policy.team.name, 60)
    day = f"{pack.at.astimezone(pack.zone):%A, %-d %B}"
    return {
        "department_daily": f"{whose}: {day}",
        "manager_weekly": f"{whose}: the week",
        "huddle": f"{whose}: 15 minutes together",
        "my_morning": f"Good morning: {day}",
        "excused": f"{whose}: closed without telling",
    }[pack.kind]


def _foot(pack: Pack, policy: Policy) -> str:
    del policy
    return f"{inline(pack.name, 60)} · as of {when(pack.at)} · `{ids.COMMAND} digests` shows when it comes"


def _daily(pack: Pack, policy: Policy) -> tuple[str, list[Block]]:
    counts = [(name, pack.lists[name].count) for name in ("unowned", "overdue", "due_today", "told")]
    said = {
        "unowned": "{} without an owner",
        "overdue": "{} overdue",
        "due_today": "{} due today",
        "told": "{} told" + f" {digest_lists.lately(pack)}",
    }
    parts = [said[name].format(f"*{count}*" if count else "0") for name, count in counts]
    parts.insert(3, f"{plural(pack.promise_count, 'promise')} for today")
    blocks = [section("  ·  ".join(parts))]
    blocks += digest_lists.rows(pack, "unowned", policy)
    blocks += digest_lists.overdue(pack)
    blocks += digest_lists.rows(pack, "due_today", policy)
    blocks += digest_lists.promises(pack)
    blocks += digest_lists.rows(pack, "told", policy)
    if not any(count for _, count in counts) and not pack.promise_count:
        blocks = [section("🌿 *Nothing is waiting.* No case is unowned, overdue or due today.")]
    unowned, overdue, due, told = (count for _, count in counts)
    whose, lately = progress.department(policy, pack.department or ""), digest_lists.lately(pack)
    return f"{whose}: {unowned} unowned, {overdue} overdue, {due} due today, {told} told {lately}.", blocks


def _excused(pack: Pack, policy: Policy) -> tuple[str, list[Block]]:
    found = pack.lists["excused"]
    text = f"{plural(found.count, 'customer')} will not be told {digest_lists.lately(pack)}."
    if not found.count:
        return text, [section(f"✓ *Nobody was closed without telling* {digest_lists.lately(pack)}.")]
    rows = [
        section(
            f"⊘ *{customer.full_name(customer.veiled(file))}* · {progress.department(policy, file.case.department)}\n"
            f"Case {file.case.id}: {words.EXCUSES.get(file.case.excuse or '', 'no reason kept')}{_why(file)}",
            accessory=buttons.open_case(file.case),
            block_id=f"excused:{file.case.id}",
        )
        for file in found.files
    ]
    return text, [digest_lists.list_head(pack, "excused", found), *rows]


def _why(file: CaseFile) -> str:
    ended = next((one for one in reversed(file.events) if one.kind == "excused"), None)
    by = f"\nby {inline(file.name_of(ended.by))}" if ended and ended.by != "hearback" else ""
    return f"\n{quoted(file.case.excuse_text, 300)}{by}" if file.case.excuse_text else by


def _huddle(pack: Pack, policy: Policy) -> tuple[str, list[Block]]:
    blocks: list[Block] = []
    for number, said in enumerate(pack.comments, start=1):
        blocks += [*_verbatim(said, policy), *_decision(pack, f"comment_{number}", said.file)]
    if pack.comments:
        blocks.insert(0, section("*What customers said*"))
    blocks += digest_lists.promises(pack)
    if pack.learn:
        case = pack.learn.case
        cause = words.ROOT_CAUSES.get(case.root_cause or "", "no root cause").lower()
        blocks += [
            section(f"*One thing to learn*\nCase {case.id}, {cause}: {quoted(case.what_changed, 600)}"),
            *_decision(pack, "learn", pack.learn),
        ]
    if pack.raised:
        line = status.case_line(pack.raised, policy=policy, at=pack.at)
        blocks += [section(f"*One to raise*\n{line}"), *_decision(pack, "raise", pack.raised)]
    parts = [plural(len(pack.comments), "comment"), f"{plural(pack.promise_count, 'promise')} due"]
    parts += ["one thing to learn"] if pack.learn else []
    parts += ["one to raise"] if pack.raised else []
    return f"Fifteen minutes: {listed(parts)}.", blocks or [section("🌿 *Nothing to talk about.* No news.")]


def _verbatim(said: Said, policy: Policy) -> list[Block]:
    file = customer.veiled(said.file)
    where = progress.department(policy, file.case.department)
    return [
        quote(said.response.comment, COMMENT),
        context(f"{customer.full_name(file)} · {customer.verdict(said.response)} · case {file.case.id}, {where}"),
    ]


def _decision(pack: Pack, item: str, file: CaseFile) -> list[Block]:
    """Offer both answers; the one that was given stands out, and is said with its giver's name."""
    yes, no = _ANSWERS[item.partition("_")[0]]
    given = pack.decided.get(item)
    offered = [button(yes[0], ids.HUDDLE_YES, pack.run_id or 0), button(no[0], ids.HUDDLE_NO, pack.run_id or 0)]
    if given:
        chosen = offered[0 if given.decision == YES else 1]
        chosen["style"] = "primary"
    row = actions(f"huddle:{item}", [*offered, buttons.open_case(file.case)])
    if not given:
        return row
    did = decision_words(item, is_yes=given.decision == YES)
    return [context(f"✓ The huddle {did}: {mention(given.by)}, {when(given.at)}"), *row]


def _morning(pack: Pack, policy: Policy) -> tuple[str, list[Block]]:
    mine = pack.mine
    if mine is None or not (mine.cases or mine.tasks):
        return "Nothing is waiting for you.", [section("🌿 *Nothing is waiting for you.*")]
    late = sum(bool(one.case.next_due_at and one.case.next_due_at < pack.at) for one in mine.cases)
    late += sum(bool(task.due_at and task.due_at < pack.at) for task, _ in mine.tasks)
    today = sum(bool(one.case.next_due_at and pack.at <= one.case.next_due_at < pack.day_ends) for one in mine.cases)
    today += sum(bool(task.due_at and pack.at <= task.due_at < pack.day_ends) for task, _ in mine.tasks)
    have = f"{plural(mine.case_count, 'open case')} and {plural(mine.task_count, 'open task')}"
    blocks = [section(f"You have {have}: *{late} overdue*, *{today} due today*.")]
    blocks += [section("*My cases*")] if mine.cases else []
    blocks += [
        section(
            status.case_line(one, policy=policy, at=pack.at),
            accessory=buttons.open_case(one.case),
            block_id=f"mine:{one.case.id}",
        )
        for one in mine.cases[: status.SHOWN]
    ]
    blocks += [section("*My tasks*")] if mine.tasks else []
    blocks += [
        section(
            status.task_line(task, file, at=pack.at),
            accessory=buttons.open_case(file.case),
            block_id=f"mine:task:{task.id}",
        )
        for task, file in mine.tasks[:TASKS]
    ]
    left = mine.case_count - len(mine.cases[: status.SHOWN]) + mine.task_count - len(mine.tasks[:TASKS])
    more = [context(f"_and {left} more: `{ids.COMMAND} mine`, or the Home tab of this app_")] if left > 0 else []
    return f"Good morning: {late} overdue, {today} due today, {have}.", [*blocks, *more]


def _week(pack: Pack, policy: Policy) -> tuple[str, list[Block]]:
    assert pack.weekly is not None
    longest = [
        section(
            f"*{customer.full_name(customer.veiled(file))}* waits {apart(file.case.waiting_since, pack.at)}\n"
            f"Case {file.case.id}, {file.case.state} · {progress.department(policy, file.case.department)}"
            f" · {inline(file.name_of(file.case.owner)) if file.case.owner else '*nobody owns it*'}",
            accessory=buttons.open_case(file.case),
            block_id=f"longest:{file.case.id}",
        )
        for file in pack.weekly.longest
    ]
    said = [block for one in pack.comments for block in _verbatim(one, policy)]
    blocks = week_blocks(pack.weekly, policy=policy, show=lambda: digest_lists.show(pack, ids.FIGURE, "Show"))
    blocks += [section(f"*Waiting longest*{GAP}customers who have not heard back"), *longest] if longest else []
    return week_sentence(pack.weekly), [*blocks, *([section("*In their words*"), *said] if said else [])]


_Draw = Callable[[Pack, Policy], tuple[str, list[Block]]]
_KINDS: Final[Mapping[str, _Draw]] = MappingProxyType(
    {
        "department_daily": _daily,
        "excused": _excused,
        "huddle": _huddle,
        "my_morning": _morning,
        "manager_weekly": _week,
    }
)


def without_buttons(blocks: list[Block]) -> Iterator[Block]:
    """Leave out what can be pressed: a post that is only looked at does nothing."""
    for block in blocks:
        if block["type"] != "actions":
            yield {key: value for key, value in block.items() if key not in {"accessory", "block_id"}}
