"""What single values of a policy may look like: durations, hours, people, channels, languages, countries, zones."""

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, BeforeValidator, Field, StrictStr, StringConstraints

from workflows.calendar import Window
from workflows.wording import check_placeholders

T = TypeVar("T")

HOURS_A_DAY: Final = 8  # what `d` means in a duration: eight working hours, in every calendar
LONGEST_SPAN: Final = timedelta(hours=HOURS_A_DAY * 60)
LONGEST_DELAY: Final = timedelta(hours=24)
LONGEST_CATCH_UP: Final = timedelta(hours=168)  # a week: then the next one is due, whatever its days
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES: Final = 24 * 60

_NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})  # files among the zones that differ by machine

_SPAN: Final = re.compile(r"(?=\d)(?:(\d{1,4})d)?\s*(?:(\d{1,4})h)?\s*(?:(\d{1,5})m)?", re.ASCII)
_DELAY: Final = re.compile(r"(?=\d)(?:(\d{1,4})h)?\s*(?:(\d{1,5})m)?\s*(?:(\d{1,6})s)?", re.ASCII)
_HOURS: Final = re.compile(r"(\d{2}):(\d{2})\s*[-\u2013]\s*(\d{2}):(\d{2})", re.ASCII)
_TIME: Final = r"\d{2}:\d{2}"
_PERSON: Final = re.compile(r"[UW][A-Z0-9]{3,30}|[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]+\.[^\s@<>,;\"]{2,}")
_CHANNEL: Final = re.compile(r"#[^\s#,<>&|A-Z]{1,80}|[CG][A-Z0-9]{3,30}")
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.IGNORECASE | re.ASCII)
_ADDRESS: Final = re.compile(r"(?:[^<>\r\n\"@,;]{0,100}<)?[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]+\.[^\s@<>,;\"]{2,}>?")
# ISO 639-1, the languages with two letters; those with three are taken as they come.
_LANGUAGE_CODES: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu "
    "ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na "
    "nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so "
    "sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_LANGUAGES: Final = frozenset(_LANGUAGE_CODES.split())


def _working_span(value: Any) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('should be a duration of working time such as "30m", "4h", "2d" or "1d 4h" (a d is 8 hours)')
    days, hours, minutes = (int(part or 0) for part in found.groups())
    span = timedelta(hours=days * HOURS_A_DAY + hours, minutes=minutes)
    if not timedelta() < span <= LONGEST_SPAN:
        raise ValueError("should be more than nothing and at most 60d of working time")
    return span


def _delay(value: Any) -> timedelta:
    found = _DELAY.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('should be a time on the clock such as "90s", "2m" or "1h"')
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    delay = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if delay > LONGEST_DELAY:
        raise ValueError("should be at most 24h: a longer delay is forgotten before it ends")
    return delay


def _catch_up(value: Any) -> timedelta:
    found = _DELAY.fullmatch(value) if isinstance(value, str) else None
    if not found or found[3]:
        raise ValueError('should be a time on the clock such as "30m" or "6h"')
    span = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    if span > LONGEST_CATCH_UP:
        raise ValueError("should be at most 168h, which is a week")
    return span


def _window(value: Any) -> Window:
    found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError('should be hours such as "09:00-12:30", with two digits each')
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or start >= _DAY_MINUTES or end > _DAY_MINUTES:  # noqa: PLR2004 - minutes
        raise ValueError("should lie between 00:00 and 24:00")
    if start == end:
        raise ValueError('begins when it ends; a whole day is "00:00-24:00"')
    return Window(start, end if end > start else end + _DAY_MINUTES)


def _quiet(value: Any) -> Window | None:
    return None if value == "never" else _window(value)


def _local_time(value: Any) -> time:
    if isinstance(value, time):
        found = value
    else:
        try:
            found = time.fromisoformat(value if isinstance(value, str) and re.fullmatch(_TIME, value, re.ASCII) else "")
        except ValueError:
            raise ValueError('should be a time of day such as "09:00", with two digits each') from None
    return found.replace(second=0, microsecond=0, tzinfo=None)


def _windows(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    windows = tuple(sorted(windows))
    following = (*windows[1:], Window(windows[0].start + _DAY_MINUTES, windows[0].end + _DAY_MINUTES))
    for window, later in zip(windows, following, strict=True):
        if window.end > later.start:
            raise ValueError("holds windows that overlap; join them, or end one before the next begins")
    return windows


def _weekday(value: Any) -> int:
    day = value.strip().lower()[:3] if isinstance(value, str) else ""
    if day not in WEEKDAYS:
        raise ValueError(f"should be a weekday: one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(day)


def _each_once(days: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(days)) < len(days):
        raise ValueError("names a weekday twice; remove one of them")
    return days


def _day(value: Any) -> date | tuple[int, int]:
    if isinstance(value, date) and type(value) is date:
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{2}-\d{2}", value, re.ASCII):
            leap = date.fromisoformat(f"2024-{value}")
            return leap.month, leap.day
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('should be a day: 2026-12-24 for once, "12-24" for every year') from None


def _person(value: str) -> str:
    if not _PERSON.fullmatch(value):
        raise ValueError(
            "should be a Slack member id such as U02AB3CD4EF (profile, ⋮, Copy member ID) or an e-mail address"
        )
    return value.lower() if "@" in value else value


def _channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        raise ValueError('should be a channel: "#support" in small letters, or its id such as C02AB3CD4EF')
    return value


def language_tag(value: str) -> str | None:
    """Return the tag as it is written everywhere here ("pt-BR", "zh-Hant"), or None when it is no language tag."""
    found = _LANGUAGE.fullmatch(value.strip())
    if not found:
        return None
    language, script, region = found.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def _language(value: str) -> str:
    tag = language_tag(value)
    base = tag.partition("-")[0] if tag else ""
    if not tag or (len(base) == 2 and base not in _LANGUAGES):  # noqa: PLR2004 - the length of ISO 639-1
        raise ValueError('is no language that is known; write its code, such as "en", "de" or "pt-BR"')
    return tag


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown; not a plain name; a folder of the zone files
        known = False
    else:
        known = value not in _NO_ZONES and not value.startswith(("posix/", "right/"))
    if not known:
        raise ValueError('is no timezone that is known; write it like "Europe/Berlin" or "America/New_York"')
    return value


def _country(value: str) -> str:
    known = holidays.list_supported_countries()
    code, _, part = value.partition("-")
    if code not in known:
        raise ValueError('is no country whose holidays are known; write its code, such as "DE", "GB" or "US"')
    if part and part not in known[code]:
        some = ", ".join(f"{code}-{name}" for name in list(known[code])[:6]) or "none"
        raise ValueError(
            f"names a part of {code} that isn't known (some that are: {some}); write one of them, or {code}"
        )
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value) or ("<" in value) != value.endswith(">"):
        raise ValueError('should be a mail address such as "Lumen Desk <care@lumendesk.example>"')
    return value


def _plain(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a line break or a control character; write it on one line")
    return value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _not_empty(value: tuple[T, ...]) -> tuple[T, ...]:
    if not value:
        raise ValueError("is empty, so it can never be met; leave the key out, or add a value")
    return value


def _no_twins(value: tuple[T, ...]) -> tuple[T, ...]:
    twins = [str(item) for index, item in enumerate(value) if item in value[:index]]
    if twins:
        raise ValueError(f"names {twins[0]} twice; remove one of them")
    return value


Text = Annotated[
    StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_plain)
]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e12, le=1e12)]
Span = Annotated[timedelta, BeforeValidator(_working_span)]
Delay = Annotated[timedelta, BeforeValidator(_delay)]
CatchUp = Annotated[timedelta, BeforeValidator(_catch_up)]
Weekdays = Annotated[
    tuple[Annotated[int, BeforeValidator(_weekday)], ...], Field(min_length=1), AfterValidator(_each_once)
]
Windows = Annotated[
    tuple[Annotated[Window, BeforeValidator(_window)], ...], Field(min_length=1), AfterValidator(_windows)
]
Days = tuple[Annotated[date | tuple[int, int], BeforeValidator(_day)], ...]  # once, or (month, day) every year
QuietHours = Annotated[Window | None, BeforeValidator(_quiet)]
LocalTime = Annotated[time, BeforeValidator(_local_time)]
Person = Annotated[StrictStr, AfterValidator(_person)]
People = Annotated[tuple[Person, ...], AfterValidator(_no_twins)]
Channel = Annotated[StrictStr, AfterValidator(_channel)]
Language = Annotated[StrictStr, AfterValidator(_language)]
Languages = Annotated[tuple[Language, ...], Field(min_length=1), AfterValidator(_no_twins)]
Timezone = Annotated[StrictStr, AfterValidator(_timezone)]
Country = Annotated[StrictStr, AfterValidator(_country)]
Address = Annotated[StrictStr, AfterValidator(_address)]
OneOrMany = Annotated[tuple[T, ...], BeforeValidator(_listed), AfterValidator(_not_empty), AfterValidator(_no_twins)]
Template = Annotated[
    StrictStr,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(check_placeholders),
]
