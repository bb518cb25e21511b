"""What a survey tool sends us, how it is asked for more, and the ways of taking it: an answer, nothing, unreadable."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import UnknownScale


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request at a survey door: header names in lower case, and the body's bytes exactly as received.

    Every signature is over those bytes, so they are parsed only after the check. `url` is our public address of the
    door with its query, as the tool knows it: some sign that as well. `token` is the secret that came in the address
    (`/webhooks/jotform/<token>` or `?key=<token>`), for tools that can't send a header.
    """

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    url: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A rightly signed request that holds no answer (a test ping, a dismissed survey): answered 200, nothing kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """The request only names a response; its score has to be asked for, after the answer to this request.

    `ids` names it for `Adapter.fetch`; it is kept in the outbox, so it holds ids and nothing about the customer.
    """

    external_id: str
    ids: Mapping[str, str]


Found = Answer | Ignored | Fetch


class Unreadable(Exception):  # noqa: N818 - it names what the request is, and reads well where it is caught
    """A rightly signed request that can't be understood: it is kept with its bytes and this reason, and answered 200.

    The reason names a field and what is wrong with it, never the value: values are personal data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool's API: the path on its base address, what stands after the `?`, and a JSON body to post."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    post: object = None
    is_lasting: bool = False
    """The reply changes so seldom (the questions of a survey) that one of the last hour will do."""
    may_be_missing: bool = False
    """What is asked for may have been erased (a customer): "not there" is no trouble, and None is the reply."""
    may_be_withheld: bool = False
    """The account may not have this part of the API at all: "not for you" is no trouble either, and None the reply."""
    pause: float = 0.0
    """Seconds to let pass before it is made: what was asked for before (an export) isn't ready yet."""
    also: Sequence[tuple[str, str]] = ()
    """More of what stands after the `?`, for a name that has to stand there more than once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of a page that can't be taken in: the reason, the row as the tool's JSON has it, and whose scale lacks.

    Without a row it is a sentence about the page itself. Like `Unreadable`, the reason holds no values.
    """

    reason: str
    row: object = None
    unknown: UnknownScale | None = None
    """What an admin can settle by saying on which scale a form asks."""
    at: str = ""
    """Where the row stands on its page, such as `results[3]`: at the next poll it may be elsewhere."""

    @property
    def own_reason(self) -> str:
        """The reason as it stays, wherever the row stands."""
        return f"row{self.reason.removeprefix(self.at)}" if self.at and self.reason.startswith(self.at) else self.reason


@dataclass(frozen=True, slots=True)
class Page:
    """Some responses of a poll, oldest first where the tool lets us choose.

    `cursor` is where to go on: after the page, or, when `is_last`, at the next poll.
    """

    answers: Sequence[Answer]
    cursor: str
    is_last: bool
    refused: Sequence[Refused] = ()
    """The rows of this page that couldn't be read: they are parked, and the poll goes on."""


Fetching = Generator[Call, object, Found]
"""Yields calls, is sent each reply's JSON, and returns what was found: no network in here, so it can be replayed."""
Polling = Generator[Call, object, Page]


@dataclass(frozen=True, slots=True)
class SignIn:
    """The form that is posted for an access token, which is good for a while only (OAuth 2)."""

    path: str
    form: Mapping[str, str] = field(repr=False)
    base_url: str = ""
    """Where this isn't the API's own. Once API_URL_<SOURCE> is set, everything of this tool is asked there."""


@dataclass(frozen=True, slots=True)
class Api:
    """How a tool's API is reached: its base address, the headers that a token makes, and how often it may be called."""

    base_url: str
    """Without a slash at its end; "" where each customer has their own: API_URL_<SOURCE> has to be set."""
    headers: Callable[[str], dict[str, str]]
    per_minute: int
    per_day: int | None = None
    """How often it may be called in 24 hours, where that is less than every minute would give."""
    sign_in: Callable[[str], SignIn | None] | None = None
    """Makes of API_TOKEN_<SOURCE> the form that is exchanged for what `headers` is given; None: it isn't `token_is`."""
    token_is: str = ""
    """What API_TOKEN_<SOURCE> has to hold for `sign_in`, such as `the key's id and its secret, as id:secret`."""


class Adapter(NamedTuple):
    """How one survey tool is read.

    `verify(request, secret, now)` never raises: anything malformed is simply not signed. `read(body)` makes of the
    bytes what `parse(read, policy, at)` takes; both raise Unreadable or `workflows.scales.UnknownScale`, nothing else.
    `at` is when the request came: the time of answers whose tool doesn't say when (`is_time_known=False`).
    """

    name: str
    verify: Callable[[Request, str, datetime], bool]
    parse: Callable[[object, Policy, datetime], Found | Sequence[Found]]
    read: Callable[[bytes], object] | None = None
    """None: the body is JSON, read by `fields.json_body`."""
    is_probe: Callable[[bytes], bool] = lambda _: False
    """Whether this unsigned body is the tool's own test of the address: answered 200, and nothing is kept."""
    api: Api | None = None
    fetch: Callable[[Mapping[str, str], Policy, datetime], Fetching] | None = None
    """`fetch(ids, policy, at)` asks for the response that a Fetch named."""
    targets: Callable[[Policy], Sequence[str | None]] = lambda _: (None,)
    """What is polled one by one: the forms that the policy names, or (None,) where one poll gives all."""
    poll: Callable[[str | None, datetime, str, Policy, datetime], Polling] | None = None
    """`poll(target, since, cursor, policy, at)` asks for one page; the first, with `cursor` "", begins at `since`."""
    has_other_ids: bool = False
    """The API names a response otherwise than the webhook does: it is asked only where no webhook comes in."""
    parse_reply: Callable[[object, Policy, datetime], Sequence[Found]] | None = None
    """Reads one page of the API as it was saved to a file, without further calls: for `sources try`."""
