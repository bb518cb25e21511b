"""`erase WHO`: a customer asks to be forgotten."""

import getpass
import sys
from collections.abc import Iterator
from typing import Final

from bot.clock import wall_clock
from bot.commands.opened import database
from storage import erasing
from storage.erasing import Theirs
from storage.tables import OPEN_STATES
from workflows import erasing as forgetting
from workflows.refusal import Refusal

SENT: Final = ("accepted", "bounced", "unclear")


def erase(who: str, *, is_agreed: bool = False) -> int:
    """Show what is kept of a customer and erase it after asking; `is_agreed`: without asking. 1: nothing was erased."""
    by = f"command line, {getpass.getuser()}"
    with database() as db:
        found = db.read_now(lambda session: erasing.theirs(session, who))
        if found is None:
            print(f"Nobody is known by {who}. Give an address, the survey tool's id, or case:12.", file=sys.stderr)
            return 1
        print("\n".join(_kept(found)))
        if not (is_agreed or _says_yes()):
            print("Nothing was erased.")
            return 1
        try:
            done = db.write_now(lambda session: forgetting.erase(session, who, by=by, at=wall_clock()))
        except Refusal as refusal:
            print(refusal.sentence, file=sys.stderr)
            return 1
        if done is None:
            print("Somebody else has erased them just now.", file=sys.stderr)
            return 1
        is_folded = erasing.fold(db)
    print("\n".join(["Erased.", *_left(found, is_folded=is_folded)]))
    return 0


def _kept(found: Theirs) -> Iterator[str]:
    """Say what there is: who, and how much of what."""
    for one in found.customers:
        named = [one.name, one.email, one.account_name or one.account_id]
        yield ", ".join(each for each in named if each) or one.identity
    counts = [
        (len(found.responses), "survey answer"),
        (len(found.cases), "case"),
        (len(found.outreaches), "contact"),
        (len(found.parked), "parked request"),
    ]
    yield "  " + ", ".join(f"{count} {word if count == 1 else word + 's'}" for count, word in counts)
    for case in found.cases:
        if case.state in OPEN_STATES:
            yield f"  Case {case.id} is still open. It goes on without a customer whom anybody could tell: excuse it."


def _says_yes() -> bool:
    if not sys.stdin.isatty():
        print("To erase them without being asked, run the same once more with --yes.")
        return False
    try:
        return input("Erase this customer? It can't be undone. [y/n] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _left(found: Theirs, *, is_folded: bool) -> Iterator[str]:
    """Say what is out of reach, and what to do about it."""
    yield "Scores, bands and times stay, without a name: the figures are what they were."
    if found.cases:
        yield "The cards in Slack are drawn anew without them. What was posted below the cards can't be taken back."
        yield "Delete by hand what names them in the threads and direct messages of:"
        yield from (f"  case {one.id} in {one.channel}" for one in found.cases)
        yield "and in digests, which were posted once and aren't drawn anew."
    if sent := sum(
        one.channel == "email" and one.state in {"accepted", "bounced", "unclear"} for one in found.outreaches
    ):
        yield f"{sent} {'mail' if sent == 1 else 'mails'} to them can't be called back."
    yield "Not reached from here: the survey tool's own copy, backups, exported files, files that were imported."
    if not is_folded:
        yield "Somebody reads the database: the old words are in the file beside it until Hearback is restarted."
