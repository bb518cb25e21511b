"""The command line: which words there are, and what each calls."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from bot.commands import CASES_SINCE_DAYS
from bot.policies import NoPolicyError
from bot.settings import SettingsError
from bot.surveys.csv_layout import CsvProblem
from storage.upgrade import WrongDatabaseError
from workflows.policy_text import PolicyError

LONGEST_DAYS: Final = 36_500
FIRST_YEAR: Final = 2000


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 something is wrong, 2 the words were off."""
    given = _parser().parse_args(words)
    try:
        status: int = given.call(given)
        sys.stdout.flush()  # here, where it is known what to do if nobody reads any more
    except (SettingsError, NoPolicyError, PolicyError, WrongDatabaseError, CsvProblem) as problem:
        print(problem, file=sys.stderr)
        return 1
    except SQLAlchemyError as problem:
        print(f"The database can't be used: {_first_line(problem)} Look at DATABASE_URL.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _with_nobody_to_read()
    return status


def _with_nobody_to_read() -> int:
    """End as programs do whose reader has left, such as `head`: quietly, with the status that a shell gives them."""
    # What is still to be written goes nowhere: Python would stumble over it once more when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _first_line(problem: SQLAlchemyError) -> str:
    said = str(getattr(problem, "orig", None) or problem).strip()
    return said.splitlines()[0].rstrip(".") + "." if said else type(problem).__name__


def _command(name: str) -> Any:
    """Load a command's module: one alone takes a fraction of the time and the memory of all of them."""
    return import_module(f"bot.commands.{name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Hearback: every unhappy customer hears back.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("run", help="start Hearback")
    command.set_defaults(call=lambda _: asyncio.run(_command("run").run()))
    command = commands.add_parser("check", help="say what is missing or wrong, with exit status 1")
    command.set_defaults(call=lambda _: asyncio.run(_command("check").check()))
    command = commands.add_parser("manifest", help="print the manifest of the Slack app to create")
    command.set_defaults(call=lambda _: _command("manifest").show())
    _policy(commands)
    command = commands.add_parser("import", help="take in responses from a CSV file; safe to run twice")
    command.add_argument("file", type=Path, metavar="FILE.csv")
    command.add_argument("--source", default="csv", help="the survey tool that the rows come from (default: csv)")
    command.add_argument("--refused", type=Path, help="write refused rows here, with line and reason")
    _cases_since(command)
    command.set_defaults(
        call=lambda given: _command("importing").run(
            given.file, source=given.source, refused=given.refused, cases_since_days=given.cases_since
        )
    )
    _deadletters(commands)
    _digests(commands)
    _parked(commands)
    _sources(commands)
    command = commands.add_parser("mail", help="take a bounce or a customer's reply from standard input")
    command.set_defaults(call=lambda _: _command("mail").take(sys.stdin.buffer.read()))
    command = commands.add_parser("erase", help="forget a customer, on their wish; asks first")
    command.add_argument("who", metavar="EMAIL_OR_CUSTOMER_ID", help="or case:12, for the customer of that case")
    command.add_argument("--yes", action="store_true", help="erase without asking")
    command.set_defaults(call=lambda given: _command("erase").erase(given.who, is_agreed=given.yes))
    command = commands.add_parser("carry", help="carry everything over into the empty database of DATABASE_URL")
    command.add_argument("source", metavar="FROM_URL", help="the database until now, such as sqlite:///hearback.sqlite")
    command.set_defaults(call=lambda given: _command("carry").carry(given.source))
    command = commands.add_parser("demo", help="try it: a pretend Slack, mailbox and survey in the browser")
    command.add_argument("--port", type=int, default=0, help="the port (default: a free one)")
    command.add_argument("--keep", action="store_true", help="go on from where the last demo was")
    command.set_defaults(call=_demo)
    return parser


def _days(text: str) -> int:
    """Read a number of days, from 0 to a century."""
    if not (text.isascii() and text.isdigit() and int(text) <= LONGEST_DAYS):
        raise argparse.ArgumentTypeError(f"a number of days from 0 to {LONGEST_DAYS} is needed, such as 30")
    return int(text)


def _date(text: str) -> date:
    """Read a day such as 2026-01-31, not before the year 2000."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year < FIRST_YEAR:
        raise argparse.ArgumentTypeError("a day is needed, such as 2026-01-31")
    return day


def _demo(given: argparse.Namespace) -> int:
    from bot.sandbox.demo import demo  # noqa: PLC0415 -- its mail server is no part of an installation for work

    status: int = asyncio.run(demo(port=given.port, keep=given.keep))
    return status


def _policy(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = commands.add_parser("policy", help="check, apply or show the policy").add_subparsers(required=True)
    command = group.add_parser("check", help="say what is wrong with a policy file, by line and key")
    command.add_argument("file", type=Path, metavar="FILE")
    command.set_defaults(call=lambda given: _command("policy").check(given.file))
    command = group.add_parser("apply", help="put a policy file in force")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--yes", action="store_true", help="set the limits of open cases anew without asking")
    command.set_defaults(call=lambda given: _command("policy").apply(given.file, is_agreed=given.yes))
    command = group.add_parser("show", help="print the policy in force, or what a file says once it is read")
    command.add_argument("file", type=Path, nargs="?", metavar="FILE")
    command.set_defaults(call=lambda given: _command("policy").show(given.file))


def _deadletters(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = commands.add_parser("deadletters", help="what could not be sent").add_subparsers(required=True)
    command = group.add_parser("list", help="list it, with the reason")
    command.set_defaults(call=lambda _: _command("deadletters").listed())
    command = group.add_parser("retry", help="send it again: all of it, or these")
    command.add_argument("ids", type=int, nargs="*", metavar="ID")
    command.set_defaults(call=lambda given: _command("deadletters").retry(given.ids))


def _digests(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = commands.add_parser("digest", help="posts that come again and again").add_subparsers(required=True)
    command = group.add_parser("list", help="list them: when each comes next, what became of the last")
    command.set_defaults(call=lambda _: _command("digest").listed())
    command = group.add_parser("show", help="print when one comes, and what it would tell now")
    command.add_argument("name", metavar="NAME")
    command.set_defaults(call=lambda given: _command("digest").show(given.name))
    command = group.add_parser("run", help="post its latest slot, once, for an outside cron")
    command.add_argument("name", metavar="NAME")
    command.add_argument("--dry-run", action="store_true", help="print what it would tell; post nothing")
    command.set_defaults(call=lambda given: _command("digest").run(given.name, is_dry=given.dry_run))


def _parked(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = commands.add_parser("parked", help="requests that could not be read").add_subparsers(required=True)
    command = group.add_parser("list", help="list them, with the reason")
    command.set_defaults(call=lambda _: _command("parked").listed())
    command = group.add_parser("replay", help="read them once more, after the policy has been mended")
    command.set_defaults(call=lambda _: _command("parked").replay())
    command = group.add_parser("show", help="print the bytes of one")
    command.add_argument("id", type=int, metavar="ID")
    command.set_defaults(call=lambda given: _command("parked").show(given.id))
    command = group.add_parser("dismiss", help="let go of one")
    command.add_argument("id", type=int, metavar="ID")
    command.set_defaults(call=lambda given: _command("parked").dismiss(given.id))


def _sources(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    listing = commands.add_parser("sources", help="list the survey tools: when each last sent, and what is wrong")
    listing.set_defaults(call=lambda _: _command("sources_list").listed())
    group = listing.add_subparsers()
    command = group.add_parser("try", help="say what would be made of a saved request; changes nothing")
    command.add_argument("source", metavar="SOURCE")
    command.add_argument("file", type=Path, metavar="FILE.json")
    command.set_defaults(call=lambda given: _command("sources").try_file(given.source, given.file))
    command = commands.add_parser("backfill", help="take in a survey tool's history from its API; goes on if stopped")
    command.add_argument("source", metavar="SOURCE")
    command.add_argument("--since", type=_date, required=True, metavar="DATE", help="such as 2026-01-31")
    command.add_argument("--form", help="only this form (default: all that the policy names)")
    _cases_since(command)
    command.set_defaults(
        call=lambda given: _command("backfill").run(
            given.source, since=given.since, form=given.form, cases_since_days=given.cases_since
        )
    )


def _cases_since(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cases-since",
        type=_days,
        default=CASES_SINCE_DAYS,
        metavar="DAYS",
        help="open cases for low responses of the last so many days; older ones are history (default: %(default)s)",
    )
