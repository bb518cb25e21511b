"""The reversal alarm: a form on which nearly everybody suddenly looks unhappy is asked about before it opens cases."""

import math
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage import alarms
from storage.source_tables import Alarm
from workflows import asking, permission, timeline
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.refusal import Refusal
from workflows.roles import Role
from workflows.scales import Direction, Scale

# So many latest answers are looked at: ten show most flips at once, twenty those of a form that many are unhappy with.
RECENT: Final = (10, 20)
LOW: Final = 0.8
EARLIER: Final = 30
EARLIER_LEAST: Final = 5
# One low answer in five, as on most forms, and as if five answers had shown it: what a form without a past is held for.
USUAL_LOW, USUAL_ANSWERS = 1, 5
BY_CHANCE: Final = 1e-4
WITHIN: Final = timedelta(days=7)
# Once somebody has said that a form is right, its next bad week is a bad week.
ASKED_AGAIN_AFTER: Final = timedelta(days=30)
WAITS: Final = timedelta(hours=24)
REMINDED_EVERY: Final = timedelta(hours=4)
RIGHT: Final = "right"
TURNED: Final = "turned"
UNANSWERED: Final = "unanswered"
_HAND: Final = "hand"


def holds_back(session: Session, answer: Answer, *, policy: Policy, at: datetime) -> int | None:
    """Say which question a low answer has to wait for; None: it is followed up at once.

    Of a form's latest ten or twenty answers four in five are low, all given within a week, and with the share of low
    ones among the thirty before them that comes by chance at most once in ten thousand times (binomial). Where one
    answer in five is low, eight of ten are enough; where it is one in three, ten of ten or sixteen of twenty. An
    upside-down form of happy customers shows it with its tenth answer. An NPS has one scale only and is never asked
    about, nor is what members log by hand. Costs two bounded queries, for low answers alone.
    """
    if not policy.storm.reversal or answer.scale.metric == "nps" or answer.source == _HAND:
        return None
    asked = alarms.latest(session, "reversal", answer.source, answer.form)
    if asked is not None and asked.answer is None:
        return asked.id
    if asked is not None and asked.answered_at is not None and asked.answered_at > at - ASKED_AGAIN_AFTER:
        return None
    since_id = _flipped_since(session, answer, at=at)
    if since_id is None:
        return None
    facts = {
        "metric": answer.scale.metric,
        "direction": answer.scale.direction,
        "scale": [answer.scale.low_end, answer.scale.high_end],
        "low": answer.scale.low,
        "neutral": answer.scale.neutral,
        "since_id": since_id,
    }
    alarm_id = alarms.ask(session, "reversal", answer.source, answer.form, facts=facts, at=at)
    asking.tell(session, alarm_id, asking.deciders(session, policy), at=at)
    return alarm_id


def _flipped_since(session: Session, answer: Answer, *, at: datetime) -> int | None:
    """Return the id of the first answer that seems to be upside-down; None: the form looks as it should."""
    most = max(RECENT) - 1 + EARLIER
    found = alarms.latest_answers(session, answer.source, answer.form, answer.scale.metric, limit=most)
    for number in RECENT:
        recent, earlier = found[: number - 1], found[number - 1 : number - 1 + EARLIER]
        if len(recent) < number - 1 or any(one[2] < at - WITHIN for one in recent):
            return None
        low = [one for one in recent if one[1] == "low"]
        was_low = sum(one[1] == "low" for one in earlier)
        if is_surprising(len(low) + 1, number, was_low=was_low, earlier=len(earlier)):
            return int(low[-1][0] if len(earlier) >= EARLIER_LEAST else found[-1][0])
    return None


def is_surprising(low: int, number: int, *, was_low: int, earlier: int) -> bool:
    """Tell whether so many low ones among a number of answers are hardly chance, after what was seen before them."""
    share = (was_low + USUAL_LOW) / (earlier + USUAL_ANSWERS)
    by_chance = sum(math.comb(number, k) * share**k * (1 - share) ** (number - k) for k in range(low, number + 1))
    return low >= LOW * number and by_chance <= BY_CHANCE


def turned(scale: Scale) -> Scale:
    """Return the scale read the other way round."""
    total = scale.low_end + scale.high_end
    direction: Direction = "down" if scale.direction == "up" else "up"
    return Scale(scale.metric, *scale.ends, direction, total - scale.low, total - scale.neutral)


def scale_of(alarm: Alarm) -> Scale:
    """Return the scale that a form was asked about."""
    facts = alarm.facts
    low_end, high_end = facts["scale"]
    direction: Direction = "up" if facts["direction"] == "up" else "down"
    return Scale(facts["metric"], low_end, high_end, direction, facts["low"], facts["neutral"])


def question(session: Session, alarm_id: int, *, policy: Policy, by: str) -> Alarm:
    """Give a question that is open to a manager or an admin; Refusal for everybody else, and once it is answered."""
    may_decide(session, by, policy=policy)
    alarm = alarms.held(session, alarm_id)
    if alarm is None or alarm.kind != "reversal":
        raise Refusal("That question isn't known any more. Look into the App Home for what is open.")
    asking.refuse_answered(alarm)
    return alarm


def may_decide(session: Session, by: str, *, policy: Policy) -> Role:
    """Let managers and admins say what is right about a form; Refusal for everybody else."""
    who = permission.may_join_in(session, by, policy=policy)
    if not permission.is_manager(who):
        raise Refusal("Only a manager or an admin may decide this. They have been asked.")
    return who


def say_right(session: Session, alarm_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Take note that a form's scale is right: what waited is to be opened. A second press changes nothing."""
    alarm = alarms.held(session, alarm_id)
    if alarm is not None and (alarm.answer, alarm.answered_by) == (RIGHT, by):
        return
    asking.answer(session, question(session, alarm_id, policy=policy, by=by), RIGHT, policy=policy, by=by, at=at)


def is_turned_by(session: Session, alarm_id: int, *, by: str) -> bool:
    """Tell whether this person has turned the form's scale already."""
    alarm = session.get(Alarm, alarm_id)
    return alarm is not None and (alarm.answer, alarm.answered_by) == (TURNED, by)


def give_up(session: Session, alarm_id: int, *, policy: Policy, at: datetime) -> bool:
    """Open what has waited for a day though nobody has answered; tells whether it was so."""
    alarm = alarms.held(session, alarm_id)
    if alarm is None or alarm.answer is not None or alarm.at + WAITS > at:
        return False
    asking.answer(session, alarm, UNANSWERED, policy=policy, by=timeline.HEARBACK, at=at)
    asking.tell(session, alarm_id, asking.deciders(session, policy), at=at, again=99)
    return True


def remind(session: Session, alarm_id: int, *, policy: Policy, at: datetime) -> bool:
    """Show an open question once more, every few hours; tells whether it was time."""
    alarm = alarms.held(session, alarm_id)
    if alarm is None or alarm.answer is not None:
        return False
    number = int((at - alarm.at) / REMINDED_EVERY)
    if number <= alarm.facts.get("reminded", 0):
        return False
    alarm.facts = {**alarm.facts, "reminded": number}
    session.add(alarm)
    asking.tell(session, alarm_id, asking.deciders(session, policy), at=at, again=number)
    return True
