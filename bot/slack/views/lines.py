"""One sentence for every kind of event, in the card's thread and in the timeline of a case."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.slack.views import customer, progress, words
from bot.slack.views.chase_lines import CHASE_LINES
from bot.slack.views.clock_lines import CLOCK_LINES, SAID_ALREADY
from bot.slack.views.event_words import actor as _actor
from bot.slack.views.event_words import fact as _fact
from bot.slack.views.event_words import time_of as _time_of
from bot.slack.views.text import inline, mention, quoted, when
from storage.casefile import CaseFile
from storage.tables import Event, Outreach, Response, Task
from workflows.policy import Policy
from workflows.timeline import CUSTOMER, HEARBACK

Say = Callable[[CaseFile, Event, Policy], str]


def said(file: CaseFile, event: Event, *, policy: Policy) -> str:
    """Say an event in one sentence, escaped. A kind that we don't know gives a neutral one, never an error."""
    say = _SENTENCES.get(event.kind)
    if say is None:
        return f"{_actor(file, event)} noted something on the case ({inline(event.kind.replace('_', ' '), 40)})."
    return say(file, event, policy)


def words_of(file: CaseFile, event: Event) -> str:
    """Return what somebody wrote with an event, as they wrote it.

    Of a customer who answered in confidence nothing is repeated that may hold their name or address.
    """
    if customer.is_veiled(file) and (event.kind in _MAY_NAME or _fact(event, "cause") in _CAUSES_THAT_NAME):
        return ""
    if event.kind in _WITHOUT_WORDS:
        return ""
    return event.text.strip()


def _opened(file: CaseFile, event: Event, policy: Policy) -> str:
    response = _response(file, event)
    gave = f": {customer.verdict(response)}" if response else ""
    rule = f" by the rule {quoted(_fact(event, 'rule'), 60)}" if _fact(event, "rule") else ""
    by = "" if event.by in {HEARBACK, CUSTOMER} else f" by {_actor(file, event)}"
    return f"Case {file.case.id} was opened{by} for {progress.department(policy, file.case.department)}{rule}{gave}."


def _joined(file: CaseFile, event: Event, _policy: Policy) -> str:
    response = _response(file, event)
    if response is None:
        return "A further answer of this customer joined the case."
    number = [one.id for one in file.responses].index(response.id)
    what = customer.joined(file, number) if number else "A further answer"
    return f"{what}: {customer.verdict(response)}. It joined this case."


def _updated(file: CaseFile, event: Event, _policy: Policy) -> str:
    what = inline(_fact(event, "what"), 80)
    response = _response(file, event)
    now = f" Now: {customer.verdict(response)}." if response else ""
    return f"The customer completed their answer{f' ({what})' if what else ''}.{now}"


def _taken(file: CaseFile, event: Event, _policy: Policy) -> str:
    before = _fact(event, "from")
    instead = f" instead of {_named(file, before)}" if before and before != event.by else ""
    return f"{_actor(file, event)} took the case{instead}."


def _assigned(file: CaseFile, event: Event, policy: Policy) -> str:
    to = mention(_fact(event, "to")) if _fact(event, "to") else "nobody yet"
    if event.by == HEARBACK and _fact(event, "to"):
        to = _named(file, _fact(event, "to"))  # they have been told already
    department = progress.department(policy, _fact(event, "department") or file.case.department)
    stand_in = f", who stands in: nobody of {department} was present" if event.facts.get("stand_in") else ""
    return f"{_actor(file, event)} gave the case to {to} ({department}){stand_in}."


def _rerouted(file: CaseFile, event: Event, policy: Policy) -> str:
    department = progress.department(policy, _fact(event, "department") or file.case.department)
    to = f", to {mention(_fact(event, 'to'))}" if _fact(event, "to") else ""
    rule = f" by the rule {quoted(_fact(event, 'rule'), 60)}" if _fact(event, "rule") else ""
    return f"The customer wrote more: the case goes to {department}{to}{rule}."


def _contact(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"{_actor(file, event)} contacted the customer{_way(event)}{_happened(file, event)}."


def _mail_waiting(file: CaseFile, event: Event, _policy: Policy) -> str:
    at = _time_of(event, "send_at")
    goes_out = f" It goes out {when(at)}; until then it can be taken back." if at else ""
    what = "what changed" if _fact(event, "kind") == "told" else "a mail"
    return f"{_actor(file, event)} wrote {what} to the customer.{goes_out}"


def _mail_accepted(_file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"The mail to the customer was accepted for delivery{', so they have been told' * _is_told(event)}."


def _mail_refused(_file: CaseFile, event: Event, _policy: Policy) -> str:
    tail = "they have not been told." if _is_told(event) else "they have not been reached."
    return f"⚠️ The mail to the customer was refused: {tail} Check the address, or reach them in another way."


def _mail_bounced(_file: CaseFile, event: Event, _policy: Policy) -> str:
    tail = "they have not been told." if _is_told(event) else "they have not been reached."
    return f"⚠️ The mail to the customer came back: {tail} Check the address, or reach them in another way."


def _mail_unclear(_file: CaseFile, _event: Event, _policy: Policy) -> str:
    return "⚠️ Nobody knows whether the mail arrived. It isn't sent again by itself: say on the card whether it did."


def _task_added(file: CaseFile, event: Event, policy: Policy) -> str:
    task = _task(file, event)
    if task is None:
        return f"{_actor(file, event)} added a task."
    to = f", {mention(task.owner)}" if task.owner else ""
    due = f", by {when(task.due_at)}" if task.due_at else ""
    department = progress.department(policy, task.department)
    return f"{_actor(file, event)} added a task for {department}{to}{due}: {quoted(task.title, 200)}."


def _task_done(file: CaseFile, event: Event, _policy: Policy) -> str:
    left = event.facts.get("left")
    all_done = " Every task is settled: the case can be resolved."
    ready = all_done if left == 0 and file.case.state in {"new", "working"} else ""
    return f"{_actor(file, event)} did the task{_title(file, event)}.{ready}"


def _task_cancelled(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"{_actor(file, event)} cancelled the task{_title(file, event)}."


def _task_handed_over(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"{_actor(file, event)} handed the task{_title(file, event)} over to {mention(_fact(event, 'to'))}."


def _resolved(file: CaseFile, event: Event, _policy: Policy) -> str:
    cause = words.ROOT_CAUSES.get(_fact(event, "root_cause"), "").lower()
    because = f" (cause: {cause})" if cause else ""
    then = "" if customer.is_anonymous(file) else " Now the customer is to be told."
    return f"{_actor(file, event)} resolved the case{because}.{then}"


def _told(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"✅ {_actor(file, event)} told the customer what changed{_way(event)}{_happened(file, event)}."


def _excuse_asked(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"{_actor(file, event)} asked a manager to excuse the case: {_excuse(event)}."


def _excuse_declined(file: CaseFile, event: Event, _policy: Policy) -> str:
    asked_by = _fact(event, "asked_by")
    return (
        f"{_actor(file, event)} declined to excuse the case{f', {mention(asked_by)}' if asked_by else ''}. It goes on."
    )


def _excused(file: CaseFile, event: Event, _policy: Policy) -> str:
    if event.by == HEARBACK:
        return f"The case is closed as excused: {_excuse(event)}."
    return f"{_actor(file, event)} excused the case: {_excuse(event)}."


def _reopened(file: CaseFile, event: Event, _policy: Policy) -> str:
    match _fact(event, "cause"):
        case "low_response":
            return "↺ The case is open again: the customer gave another low score."
        case "delivery":
            return "↺ The case is open again: the mail to the customer came back, so they have not been told."
        case "reply":
            return "↺ The case is open again: the customer replied that it isn't solved."
    return f"↺ {_actor(file, event)} reopened the case."


def _urgency(_file: CaseFile, event: Event, _policy: Policy) -> str:
    before, after = _level(_fact(event, "from")), _level(_fact(event, "to"))
    reason = inline(_fact(event, "reason"), 200)
    return f"Urgency went from {before} to {after}{f': {reason}' if reason else ''}".rstrip(".") + "."


_SENTENCES: Final[Mapping[str, Say]] = MappingProxyType(
    {
        "opened": _opened,
        "joined": _joined,
        "updated": _updated,
        "logged_by_hand": lambda file, event, _: f"{_actor(file, event)} logged this feedback by hand.",
        "rerouted": _rerouted,
        "taken": _taken,
        "assigned": _assigned,
        "contact": _contact,
        "mail_waiting": _mail_waiting,
        "mail_taken_back": lambda file, event, _: f"{_actor(file, event)} took the mail back: it was not sent.",
        "mail_accepted": _mail_accepted,
        "mail_refused": _mail_refused,
        "mail_bounced": _mail_bounced,
        "mail_unclear": _mail_unclear,
        "address_changed": lambda file, event, _: f"{_actor(file, event)} corrected the customer's e-mail address.",
        "replied": lambda file, event, _: f"💬 {_actor(file, event)} replied by e-mail.",
        "task_added": _task_added,
        "task_done": _task_done,
        "task_cancelled": _task_cancelled,
        "task_handed_over": _task_handed_over,
        "resolved": _resolved,
        "told": _told,
        "excuse_asked": _excuse_asked,
        "excuse_declined": _excuse_declined,
        "excuse_withdrawn": lambda _file, _event, _: (
            "The question whether to excuse the case is settled: it has moved on."
        ),
        "excused": _excused,
        "reopened": _reopened,
        "erased": lambda file, event, _: (
            f"🧹 {_actor(file, event)} erased the customer, who asked to be forgotten. "
            "What stands above in this thread can't be taken back: delete what names them."
        ),
        "revealed": lambda file, event, _: f"{_actor(file, event)} looked who answered in confidence.",
        "note": lambda file, event, _: f"{_actor(file, event)} noted:",
        "urgency": _urgency,
        **CLOCK_LINES,
        **CHASE_LINES,
    }
)
# The sentence says it already.
_WITHOUT_WORDS: Final = frozenset({"task_added", "urgency", "opened"}) | SAID_ALREADY
# What a mail server says holds the address, and a reply is signed.
_CAUSES_THAT_NAME: Final = frozenset({"delivery", "low_response", "reply"})
_MAY_NAME: Final = frozenset({"mail_refused", "mail_bounced", "mail_unclear", "replied"})


def _response(file: CaseFile, event: Event) -> Response | None:
    return next((one for one in file.responses if one.id == event.facts.get("response_id")), None)


def _task(file: CaseFile, event: Event) -> Task | None:
    return next((one for one in file.tasks if one.id == event.facts.get("task_id")), None)


def _outreach(file: CaseFile, event: Event) -> Outreach | None:
    return next((one for one in file.outreaches if one.id == event.facts.get("outreach_id")), None)


def _title(file: CaseFile, event: Event) -> str:
    task = _task(file, event)
    title = task.title if task else _fact(event, "title")
    return f" {quoted(title)}" if title else ""


def _way(event: Event) -> str:
    way = words.BY_CHANNEL.get(_fact(event, "channel"))
    return f" {way}" if way else ""


def _happened(file: CaseFile, event: Event) -> str:
    """Say when a logged contact happened, if that isn't when it was written down."""
    one = _outreach(file, event)
    return f", {when(one.at)}" if one and one.state == "logged" and one.at != event.at else ""


def _named(file: CaseFile, member_id: str) -> str:
    return inline(file.name_of(member_id), 60) if member_id in file.members else mention(member_id)


def _excuse(event: Event) -> str:
    reason = _fact(event, "excuse")
    return words.EXCUSES.get(reason) or inline(reason, 60) or "no reason kept"


def _level(urgency: str) -> str:
    return urgency if urgency in words.URGENCIES else inline(urgency, 20) or "normal"


def _is_told(event: Event) -> bool:
    return _fact(event, "kind") == "told"
