"""What a survey tool sends us, and the three ways of taking it: an answer, nothing to keep, or not readable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from workflows.answers import Answer
from workflows.policy import Policy


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request at a survey door: header names in lower case, and the body's bytes exactly as received.

    Every signature is over those bytes, so they are parsed only after the check.
    """

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Ignored:
    """A rightly signed request that holds no answer (a test ping, a dismissed survey): answered 200, nothing kept."""

    reason: str


class Unreadable(Exception):  # noqa: N818 - it names what the request is, and reads well where it is caught
    """A rightly signed request that can't be understood: it is kept with its bytes and this reason, and answered 200.

    The reason names a field and what is wrong with it, never the value: values are personal data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Adapter(NamedTuple):
    """How one survey tool is read.

    `verify(request, secret, now)` never raises: anything malformed is simply not signed. `parse(body, policy)` takes
    what `fields.json_body` made of the bytes, and raises Unreadable or `workflows.scales.UnknownScale`, nothing else.
    """

    name: str
    verify: Callable[[Request, str, datetime], bool]
    parse: Callable[[object, Policy], Answer | Ignored]
    is_probe: Callable[[bytes], bool] = lambda _: False
    """Whether this unsigned body is the tool's own test of the address: answered 200, and nothing is kept."""
