"""Who answered and what they said: name, score, comment, and what this customer told us before."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.slack.views import words
from bot.slack.views.blocks import Block, context, quote
from bot.slack.views.text import apart, day, inline, plural, quoted
from storage.casefile import CaseFile
from storage.erasing import is_erased
from storage.tables import Case, Customer, Outreach, Response

COMMENT: Final = 600  # characters of the comment on a card; the whole of it is a press away
LATER_COMMENT: Final = 240
JOINED_SHOWN: Final = 3
EARLIER_SHOWN: Final = 3
CELLS: Final = 10  # of a meter whose scale has too many steps to show each


def veiled(file: CaseFile) -> CaseFile:
    """Return the file as a channel may see it: without the identity of a customer who answered in confidence."""
    if file.customer.contactability != "confidential":
        return file
    customer = Customer(
        id=file.customer.id,
        identity="",
        contactability="confidential",
        language=file.customer.language,
        segment=file.customer.segment,
        opted_out_at=file.customer.opted_out_at,
        created_at=file.customer.created_at,
    )
    return replace(file, customer=customer, outreaches=[_without_words(one) for one in file.outreaches])


def is_veiled(file: CaseFile) -> bool:
    """Tell whether this file comes from `veiled`, and who answered must stay unknown."""
    return file.customer.contactability == "confidential" and not file.customer.identity


def is_anonymous(file: CaseFile) -> bool:
    """Tell whether nobody can ever reach this customer."""
    return file.customer.contactability == "anonymous"


def has_mail(file: CaseFile) -> bool:
    """Tell whether this customer can be written to. Of a veiled file ask before veiling it."""
    return bool(file.customer.email) and not is_anonymous(file) and file.customer.opted_out_at is None


def name_of(file: CaseFile) -> str:
    """Return what to call the customer, escaped: a name, else an address, else what kind of stranger it is."""
    customer = file.customer
    if is_anonymous(file):
        return "Anonymous customer"
    if is_veiled(file):
        return "Confidential customer"
    if is_erased(customer):
        return "Erased customer"
    if known := inline(customer.name, 60) or inline(customer.email, 60):
        return known
    known_as = inline(customer.identity.partition(":")[2].partition(":")[2], 40)
    return f"Customer {known_as}" if known_as else "Customer without a name"


def full_name(file: CaseFile) -> str:
    """Return the customer's name and account, escaped."""
    account = inline(file.customer.account_name, 60) or inline(file.customer.account_id, 60)
    return f"{name_of(file)} · {account}" if account else name_of(file)


def identity(file: CaseFile) -> str:
    """Say on one line how the customer can be reached and who they are to us; empty when nothing is known."""
    customer = file.customer
    if is_veiled(file):
        return "Answered in confidence: only the owner and managers see who it is."
    if is_erased(customer):
        return "Asked to be forgotten: name, address and words have been erased."
    parts = [
        inline(customer.email) if customer.email else "",
        f"account {inline(customer.account_id, 40)}" if customer.account_id and customer.account_name else "",
        f"worth {customer.account_value:,.0f}" if customer.account_value else "",
        f"segment {inline(customer.segment, 40)}" if customer.segment else "",
        f"opted out {day(customer.opted_out_at)}" if customer.opted_out_at else "",
    ]
    return " · ".join(part for part in parts if part)


def meter(response: Response) -> str:
    """Draw the score on its scale, from the low end to the high end."""
    span = response.high_end - response.low_end
    is_counted = response.low_end in {0, 1} and span <= CELLS and float(span).is_integer()
    if is_counted:
        cells, filled = int(response.high_end), round(response.score)
    else:
        cells, filled = CELLS, round(CELLS * (response.score - response.low_end) / span) if span else CELLS
    filled = min(cells, max(0, filled))
    return "▰" * filled + "▱" * (cells - filled)


def score(response: Response) -> str:
    """Say the score on its scale: "2 of 10"."""
    if response.low_end not in {0, 1}:
        return f"{response.score:g} on {response.low_end:g} to {response.high_end:g}"
    best = f" ({response.low_end:g} is best)" if response.direction == "down" else ""
    return f"{response.score:g} of {response.high_end:g}{best}"


def band(response: Response) -> str:
    """Name the band in the words of its metric: "detractor"."""
    return words.BANDS.get((response.metric, response.band), response.band)


def verdict(response: Response) -> str:
    """Say score and band, with the band's light: "🔴 *2 of 10* · detractor"."""
    return f"{words.LIGHTS.get(response.band, '⚪')} *{score(response)}* · {band(response)}"


def origin(response: Response) -> str:
    """Say on one line where the answer comes from: touchpoint, survey tool and form, language, time."""
    source = words.SOURCES.get(response.source) or inline(response.source.replace("_", " ").capitalize(), 40)
    parts = [
        inline(response.touchpoint.replace("_", " "), 60) if response.touchpoint else "",
        f"{source} {quoted(response.form, 60)}" if response.form else source,
        words.METRICS.get(response.metric, response.metric),
        inline(words.language_name(response.language), 30),
        day(response.submitted_at),
    ]
    return " · ".join(part for part in parts if part)


def comment_blocks(response: Response, limit: int = COMMENT) -> list[Block]:
    """Quote the comment, or say that there is none; what is cut is said to be so."""
    comment = response.comment.strip()
    if not comment:
        return [context("_No comment, only the score._")]
    cut = [context("_Cut here. *Open case* shows all of it._")] if len(comment) > limit else []
    return [quote(comment, limit), *cut]


def joined_blocks(file: CaseFile) -> list[Block]:
    """Show the further answers that joined this case, the latest few."""
    blocks: list[Block] = []
    numbered = list(enumerate(file.responses))[1:]
    for number, response in numbered[-JOINED_SHOWN:]:
        blocks.append(context(f"{joined(file, number)}: {verdict(response)}"))
        if response.comment.strip():
            blocks.append(quote(response.comment, LATER_COMMENT))
    if len(numbered) > JOINED_SHOWN:
        blocks.insert(0, context(f"_{plural(len(numbered) - JOINED_SHOWN, 'further answer')} before these._"))
    return blocks


def joined(file: CaseFile, number: int) -> str:
    """Say which answer of the case this is: "*Second low response*, 3 days later"; `number` counts from 0."""
    response = file.responses[number]
    ordinal = words.ORDINALS[number] if number < len(words.ORDINALS) else "Another"
    what = f"{ordinal} low response" if response.band == "low" else "A later answer"
    return f"*{what}*, {apart(response.submitted_at, file.responses[number - 1].submitted_at)} later"


def history(file: CaseFile) -> list[str]:
    """Say in a line or two what this customer told us before: nobody should have to tell their story twice."""
    lines = [_earlier_case(file, case) for case in reversed(file.earlier_cases[-2:])]
    answers = [
        f"{words.LIGHTS.get(one.band, '⚪')} {score(one)} on {day(one.submitted_at)}"
        for one in reversed(file.earlier_responses[-EARLIER_SHOWN:])
    ]
    if answers:
        lines.append(f"*Answered before:* {', '.join(answers)}")
    return lines


def story(file: CaseFile) -> Iterator[str]:
    """Tell all earlier cases and answers that the file holds, a line each, newest first."""
    for case in reversed(file.earlier_cases):
        yield _earlier_case(file, case)
    for one in reversed(file.earlier_responses):
        said = f": {quoted(one.comment)}" if one.comment.strip() else ""
        yield f"{verdict(one)} on {day(one.submitted_at)}{said}"


def _earlier_case(file: CaseFile, case: Case) -> str:
    """Say how an earlier case ended, in time before this one."""
    if case.closed_at is None:
        return f"*Case {case.id}* is still open ({words.STATES.get(case.state, case.state)})."
    ago = apart(file.case.opened_at, case.closed_at)
    if case.state == "told":
        changed = f": what changed was {quoted(case.what_changed, 200)}" if case.what_changed else "."
        return f"*Case {case.id}*, told {ago} earlier{changed}"
    reason = words.EXCUSES.get(case.excuse or "", case.excuse or "no reason kept")
    return f"*Case {case.id}*, excused {ago} earlier: {reason}."


def _without_words(one: Outreach) -> Outreach:
    """Leave out address and words of a mail: its greeting says who it is."""
    return Outreach(
        id=one.id,
        case_id=one.case_id,
        kind=one.kind,
        channel=one.channel,
        state=one.state,
        by=one.by,
        at=one.at,
        language=one.language,
        problem=None,
        created_at=one.created_at,
    )
