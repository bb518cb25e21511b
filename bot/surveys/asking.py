"""What adapters share that ask a tool's API: ids that are safe in an address, and the forms to ask for."""

import re
from collections.abc import Callable, Mapping, Sequence

from bot.surveys.fields import Record
from bot.surveys.request import Unreadable
from workflows.policy import Policy

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def bearer(token: str) -> dict[str, str]:
    """Make the header that most tools want."""
    return {"Authorization": f"Bearer {token}"}


def plain_id(record: Record, key: str) -> str:
    """Take an id that may stand in an address; raise Unreadable when it isn't there or could lead elsewhere."""
    found = record.required_identifier(key)
    if not _PLAIN_ID.fullmatch(found):
        raise Unreadable(f"{record.at(key)} must be an id of letters, digits, - and _.")
    return found


def plain_ids(ids: Mapping[str, str], *keys: str) -> list[str]:
    """Take the ids that a Fetch kept, as `plain_id` does."""
    record = Record(dict(ids), "ids")
    return [plain_id(record, key) for key in keys]


def forms_named(source: str) -> Callable[[Policy], Sequence[str]]:
    """Make what lists the forms of this source that the policy names: their tool's API is asked form by form."""

    def targets(policy: Policy) -> Sequence[str]:
        named = (entry.form for entry in policy.sources if entry.name == source and entry.form)
        return [form for form in dict.fromkeys(named) if _PLAIN_ID.fullmatch(form)]

    return targets
