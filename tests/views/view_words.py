"""What other people write, in ordinary words and in hostile ones; and the Monday on which it all happens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

MONDAY: Final = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Words:
    """All that other people write."""

    name: str = "Anna Weber"
    account: str = "Acme GmbH"
    touchpoint: str = "Onboarding call"
    form: str = "Q4 relationship"
    segment: str = "SMB"
    language: str = "de"
    comment: str = "The invoice was wrong for the third time, and nobody called me back."
    later: str = "Still wrong. I am looking at other tools now."
    title: str = "Refund the double charge"
    note: str = "She prefers a call in the morning."
    changed: str = "Invoices are now checked by a second person before they leave."
    member: str = "Ben Okafor"


_TRICKS: Final = (
    "<!channel> <!here|here> <@U0EVIL> <#C0EVIL|x> @everyone *bold* _it_ ~no~ `code` ```\nblock``` > quote\n"
    "&lt;!channel&gt; "
    "<https://evil.example|harmless> https://evil.example/x & &amp; <!date^0^{date}|never> \u202eevil\u202c "
    "عربى עברית \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301\u0301\u0301 \x00\x07\ud800 {what_changed} :tada: "
)
HOSTILE: Final = Words(
    **{
        name: (_TRICKS * (600 if name in {"comment", "later", "note", "changed"} else 30))
        for name in Words.__dataclass_fields__
    }
)
CALM: Final = Words()
