"""The parts of a policy: what a team, a department, a rule, a source, a clock, a reminder and the mail may say."""

from datetime import time, timedelta
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from workflows.answers import Contactability
from workflows.calendar import Window
from workflows.policy_values import (
    Address,
    CatchUp,
    Channel,
    Country,
    Days,
    Delay,
    Language,
    Languages,
    LocalTime,
    Number,
    OneOrMany,
    People,
    Person,
    QuietHours,
    Span,
    Template,
    Text,
    Timezone,
    Weekdays,
    Windows,
)
from workflows.scales import DEFAULT_SCALES, Band, Direction, Metric, Scale
from workflows.words import tokens

Urgency = Literal["low", "normal", "high", "urgent"]
URGENCIES: Final[tuple[Urgency, ...]] = ("low", "normal", "high", "urgent")  # from calm to pressing

Key = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
SourceName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
_NPS: Final = {"scale": (0, 10), "low": 6, "neutral": 8, "direction": "up"}


class Part(BaseModel):
    """One table of the document: its keys are known, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Team(Part):
    """Whose policy this is, who may change it, and what holds everywhere."""

    name: Text
    timezone: Timezone
    languages: Languages = ("en",)
    admins: Annotated[People, Field(min_length=1)]
    managers: People = ()
    manager_channel: Channel | None = None
    reopen_within: Annotated[int, Field(strict=True, ge=0, le=3650)] = 90  # days
    valuable_account: Annotated[Number, Field(gt=0)] | None = None


class Hours(Part):
    """When the team works."""

    days: Weekdays = (0, 1, 2, 3, 4)
    hours: Windows = (Window(9 * 60, 17 * 60),)
    country: Country | None = None
    closed: Days = ()
    open: Days = ()


class OwnHours(Part):
    """When one department works, where that differs from the team's hours."""

    timezone: Timezone | None = None
    days: Weekdays | None = None
    hours: Windows | None = None
    country: Country | None = None
    closed: Days | None = None
    open: Days | None = None


class Department(Part):
    """People who answer for one kind of complaint, and the channel where they see it."""

    key: Key
    name: Text
    channel: Channel
    lead: Person
    members: People = ()
    calendar: OwnHours | None = None


class When(Part):
    """What an answer must be like for a rule to match: every key given, by any one of its values."""

    metric: OneOrMany[Metric] | None = None
    band: OneOrMany[Band] | None = None
    score_at_most: Number | None = None
    words: OneOrMany[Text] | None = None
    touchpoint: OneOrMany[Text] | None = None
    form: OneOrMany[Text] | None = None
    segment: OneOrMany[Text] | None = None
    language: OneOrMany[Language] | None = None
    account: OneOrMany[Text] | None = None

    @cached_property
    def named(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The plain fields that are asked for, each with its values without differences of case."""
        fields = {"touchpoint": self.touchpoint, "form": self.form, "segment": self.segment, "account": self.account}
        return tuple((key, frozenset(map(str.casefold, values))) for key, values in fields.items() if values)

    @model_validator(mode="after")
    def _words_can_be_found(self) -> Self:
        blank = [word for word in self.words or () if not tokens(word)]
        if blank:
            raise ValueError(f"looks for “{blank[0]}” in `words`, which has no letter or digit; remove it")
        return self


class Rule(Part):
    """Which answers go to which department, and how urgent they are."""

    name: Text
    when: When = When()
    department: Key
    also: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    urgency: Urgency = "normal"

    @property
    def is_catch_all(self) -> bool:
        """Whether this rule matches every answer."""
        return self.when == When()


class Source(Part):
    """On which scale a survey tool, or one form of it, asks; in which fields the answer stands; who may be contacted.

    `silence`: an answer comes at least so often, in working time, or something is wrong.
    """

    name: SourceName
    form: Text | None = None
    metric: Metric
    scale: tuple[Number, Number] | None = None
    low: Number | None = None
    neutral: Number | None = None
    direction: Direction = "up"
    score_field: Text | None = None
    comment_field: Text | None = None
    email_field: Text | None = None
    contactability: Contactability | None = None
    silence: Span | None = None

    @model_validator(mode="after")
    def _scale_is_sound(self) -> Self:
        own = {"scale": self.scale, "low": self.low, "neutral": self.neutral, "direction": self.direction}
        if self.metric == "nps" and any(value not in (None, _NPS[key]) for key, value in own.items()):
            raise ValueError("NPS is always scale = [0, 10], low = 6, neutral = 8, direction up; leave those keys out")
        scale = self.whole_scale
        if scale.low_end >= scale.high_end:
            raise ValueError('`scale` should be [smallest score, largest score]; for a happy 1, add direction = "down"')
        worst, best = scale.ends if scale.direction == "up" else (-scale.high_end, -scale.low_end)
        low, neutral = (scale.low, scale.neutral) if scale.direction == "up" else (-scale.low, -scale.neutral)
        if not worst <= low <= neutral < best:
            order = "not above" if scale.direction == "up" else "not below"
            raise ValueError(
                f"`low` and `neutral` are the last low and the last neutral score, from the unhappy end: `low` is "
                f"{order} `neutral`, both lie on the scale of {scale.span}, with at least one happier score left"
            )
        return self

    @cached_property
    def whole_scale(self) -> Scale:
        """The scale; ValueError when its ends or bands are neither given nor the metric's own."""
        default = DEFAULT_SCALES[self.metric]
        if self.scale is None and self.metric != "nps":
            raise ValueError("`scale` is missing; add the smallest and the largest score, for example scale = [1, 5]")
        ends = self.scale or default.ends
        like_default = ends == default.ends and self.direction == default.direction
        low = self.low if self.low is not None else default.low if like_default else None
        neutral = self.neutral if self.neutral is not None else default.neutral if like_default else None
        if low is None or neutral is None:
            raise ValueError("`low` and `neutral` are missing; add the last low and the last neutral score")
        return Scale(self.metric, *ends, self.direction, low, neutral)


class Clock(Part):
    """How much working time a case has until it is claimed, the customer contacted, and told.

    By its urgency, and by its department where one is named.
    """

    urgency: Urgency
    department: Key | None = None
    claim: Span
    contact: Span
    tell: Span

    @model_validator(mode="after")
    def _limits_follow_each_other(self) -> Self:
        if not self.claim <= self.contact <= self.tell:
            raise ValueError(
                "The limits should grow: `claim`, then `contact`, then `tell`; correct the one out of order"
            )
        return self


def _clock(urgency: Urgency, **limits: str) -> Clock:
    return Clock.model_validate({"urgency": urgency, **limits})


DEFAULT_CLOCKS: Final[dict[Urgency, Clock]] = {
    "urgent": _clock("urgent", claim="30m", contact="2h", tell="2d"),
    "high": _clock("high", claim="1h", contact="4h", tell="3d"),
    "normal": _clock("normal", claim="4h", contact="1d", tell="5d"),
    "low": _clock("low", claim="1d", contact="3d", tell="10d"),
}


class Escalation(Part):
    """What happens when a limit comes near, and after it; `lead` and `managers` are working time after the limit."""

    warn_at: Annotated[int, Field(strict=True, ge=1, le=99)] = 75  # percent of the limit
    lead: Span = timedelta(hours=1)
    managers: Span = timedelta(hours=4)
    reassign: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def _the_lead_is_asked_first(self) -> Self:
        if self.lead > self.managers:
            raise ValueError("The lead is asked before the managers: `lead` should be at most `managers`")
        return self


class Pings(Part):
    """How often, and when, one person may be disturbed; `quiet` None: at every hour."""

    quiet: QuietHours = Window(20 * 60, 32 * 60)
    a_day: Annotated[int, Field(strict=True, ge=0, le=1000)] = 10  # beyond cases to be claimed
    batch_low: Annotated[bool, Field(strict=True)] = True
    batch_at: LocalTime = time(9)


class Storm(Part):
    """When many complaints are one: so many of one theme within a time on the clock get one post instead of one each.

    `accounts`: several people of one account go to one owner. `reversal`: a form on which nearly everybody suddenly
    looks unhappy is asked about before it opens cases.
    """

    cases: Annotated[int, Field(strict=True, ge=2, le=1000)] = 10
    within: Delay = timedelta(hours=1)
    accounts: Annotated[bool, Field(strict=True)] = True
    reversal: Annotated[bool, Field(strict=True)] = True


DigestKind = Literal["department_daily", "manager_weekly", "huddle", "my_morning", "excused"]


class Digest(Part):
    """A post that comes again and again, at an hour of local time.

    `channel` None: the department's, else the managers'. `catch_up`: a slot that was missed is posted late for so long.
    """

    name: Annotated[Text, StringConstraints(max_length=60)]
    kind: DigestKind
    channel: Channel | None = None
    days: Weekdays = (0, 1, 2, 3, 4)
    hour: LocalTime = time(9)
    timezone: Timezone | None = None
    department: Key | None = None
    empty: Annotated[bool, Field(strict=True)] = False
    catch_up: CatchUp = timedelta(hours=6)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.kind == "my_morning" and (self.channel or self.department):
            raise ValueError("goes to each person by direct message; leave `channel` and `department` out")
        if self.kind == "department_daily" and not self.department:
            raise ValueError('is for one department; add its key, such as department = "support"')
        return self


class Wording(Part):
    """The texts of our mails in one language."""

    told_subject: Annotated[Template, StringConstraints(pattern=r"^[^\r\n]+$", max_length=200)]
    told_body: Template
    contact_subject: Annotated[Template, StringConstraints(pattern=r"^[^\r\n]+$", max_length=200)]
    contact_body: Template


class Mail(Part):
    """From whom our mails come, how long they can be taken back, and how they are worded."""

    from_: Address | None = Field(default=None, alias="from")
    reply_to: Address | None = None
    delay: Delay = timedelta(minutes=2)
    wording: dict[Language, Wording] = {}
