"""The real house for a run: its policy, its settings, its answers, and the process that runs it."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.policies import apply
from storage.database import Database
from storage.upgrade import upgrade
from tests.bench.places import free_port, process, wait_until_ready
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.policy_parts import Storm
from workflows.scales import DEFAULT_SCALES

SIGNING_SECRET = "bench-signing-secret"
WEBHOOK_SECRET = "whsec_YmVuY2gtd2ViaG9vay1zZWNyZXQtYmVuY2g="
DEPARTMENTS = ("support", "billing", "product", "shipping", "sales")
MEMBERS = 4  # of each department
COMMENTS = (
    "The parcel came two days late and nobody told me why.",
    "I was charged twice, and the invoice is wrong as well.",
    "I want to cancel: the app loses my work every other day.",
    "It took four mails until somebody understood what I was asking.",
    "",
)


def policy_text() -> str:
    """Write a policy of five departments and a few rules, as a team of twenty would have it."""
    parts = ['[team]\nname = "Bench"\ntimezone = "Europe/Berlin"\nlanguages = ["en", "de"]\nadmins = ["USUPPORT0"]']
    for key in DEPARTMENTS:
        people = ", ".join(f'"{member(key, number)}"' for number in range(MEMBERS))
        parts.append(
            f'[[department]]\nkey = "{key}"\nname = "{key.title()}"\nchannel = "#{key}"\n'
            f'lead = "{member(key, 0)}"\nmembers = [{people}]'
        )
    for name, words, department, more in (
        ("Wants to leave", '"cancel*", "switching to"', "sales", 'also = ["product"]\nurgency = "high"'),
        ("Money", '"invoice*", "refund*", "charged twice"', "billing", ""),
        ("On its way", '"parcel", "late", "delivery"', "shipping", ""),
    ):
        parts.append(
            f'[[rule]]\nname = "{name}"\nwhen = {{ band = "low", words = [{words}] }}\n'
            f'department = "{department}"\n{more}'
        )
    parts.append('[mail]\nfrom = "care@bench.example"')
    return "\n\n".join(parts)


def member(department: str, number: int) -> str:
    """Name a member of a department, counted from 0."""
    return f"U{department.upper()}{number}"


def prepared(url: str) -> tuple[Policy, int]:
    """Make the tables and apply the policy; gives it with its version."""
    db = Database(url)
    try:
        upgrade(db.engine)
        policy = load(policy_text())
        return policy, db.write_now(lambda session: apply(session, policy, by="bench", at=datetime.now(UTC)))
    finally:
        db.close()


def without_storms(policy: Policy) -> Policy:
    """Let every case have its own card: what many complaints at once become is one post, and few intents."""
    return policy.model_copy(update={"storm": Storm(cases=1000, accounts=False, reversal=False)})


def low_answer(number: int, at: datetime) -> Answer:
    """Make the low answer of one more customer."""
    return Answer(
        source="generic",
        external_id=f"bench-{number}",
        score=float(number % 7),
        scale=DEFAULT_SCALES["nps"],
        submitted_at=at,
        comment=COMMENTS[number % len(COMMENTS)],
        touchpoint="after delivery",
        language="en",
        email=f"customer{number}@example.com",
        name=f"Customer {number}",
        account_id=f"a{number % 500}",
        account_name=f"Account {number % 500}",
        segment="smb",
    )


@contextmanager
def running_house(url: str, *, sync_ms: float = 0.0) -> Iterator[int]:
    """Run `python -m bot run` on this database, with a Slack that says yes; gives its port.

    `sync_ms` pretends that the disk takes so long for each commit.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearback-bench-house-")))
        slack = free_port()
        stack.enter_context(process(["tests.bench.pretend_slack", str(slack)]))
        wait_until_ready(slack, "/auth.test")
        port = free_port()
        words = ["tests.bench.serve", "house", "--sync-ms", str(sync_ms)] if sync_ms else ["bot", "run"]
        stack.enter_context(process(words, environment=settings(url, folder, port=port, slack=slack), folder=folder))
        wait_until_ready(port)
        yield port


def settings(url: str, folder: Path, *, port: int, slack: int) -> dict[str, str]:
    """Write the policy into the folder, and give the settings that go with it."""
    (folder / "policy.toml").write_text(policy_text(), encoding="utf-8")
    return {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack}/",
        "DATABASE_URL": url,
        "PORT": str(port),
        "POLICY": str(folder / "policy.toml"),
        "WEBHOOK_SECRET_GENERIC": WEBHOOK_SECRET,
    }
