"""Slack's way of writing, turned into HTML: what a thread says of a case, a page says in the same words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

_MENTION: Final = re.compile(r"&lt;@([UW][A-Z0-9]+)(?:\|[^&]*)?&gt;")
_DATE: Final = re.compile(r"&lt;!date\^(\d{1,11})\^[^|&]*(?:\^[^|&]*)?\|([^&]*)&gt;")
_CHANNEL: Final = re.compile(r"&lt;#[A-Z0-9]+\|?([^&]*)&gt;")
_LINK: Final = re.compile(r"&lt;(?:https?|mailto):[^|&]*(?:&amp;[^|&]*)*\|([^&]*)&gt;")
_BOLD: Final = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
_ITALIC: Final = re.compile(r"(?<![\w_])_([^_\n]+)_(?![\w_])")


def html_of(text: str, *, names: Mapping[str, str], zone: ZoneInfo) -> Markup:
    """Turn mrkdwn into HTML. `names` of members by id; times in `zone`. Links are shown as their words alone."""
    # Slack's text has &amp; &lt; &gt; written out where they are meant as signs; those are kept apart from its <...>.
    marked = text.replace("&lt;", "\ue000").replace("&gt;", "\ue001").replace("&amp;", "&")
    safe = str(escape(marked))
    safe = _MENTION.sub(lambda found: str(escape(names.get(found[1], found[1]))), safe)
    safe = _DATE.sub(lambda found: _time(int(found[1]), zone), safe)
    safe = _CHANNEL.sub(lambda found: f"#{found[1]}", safe)
    safe = _LINK.sub(lambda found: found[1], safe)
    safe = _BOLD.sub(r"<b>\1</b>", safe)
    safe = _ITALIC.sub(r"<i>\1</i>", safe)
    safe = safe.replace("\ue000", "&lt;").replace("\ue001", "&gt;")
    return Markup(safe.replace("\n", "<br>"))  # noqa: S704 -- escaped above; what stands in it since is ours


def _time(seconds: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(zone):%d %b %Y, %H:%M}"
