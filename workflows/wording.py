"""The mails' wording: texts of the policy with a few allowed {placeholders}, filled without ever running them."""

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from workflows.policy import Policy, Wording

PLACEHOLDERS: Final = ("customer", "what_changed", "comment", "owner", "team", "account")
_BRACE: Final = re.compile(r"\{([^{}\n]{0,40})\}|[{}]")
_SLOT: Final = re.compile(r"(?P<space> ?)\{(?P<name>" + "|".join(PLACEHOLDERS) + r")\}")


def check_placeholders(text: str) -> str:
    """Return the text; ValueError when it holds braces that aren't one of the allowed placeholders."""
    for found in _BRACE.finditer(text):
        if found[1] not in PLACEHOLDERS:
            allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise ValueError(f"holds {found[0]}, which is no placeholder; use {allowed}, and no other braces")
    return text


def fill(
    text: str,
    *,
    customer: str,
    team: str,
    what_changed: str = "",
    comment: str = "",
    owner: str = "",
    account: str = "",
) -> str:
    """Return the text with its placeholders replaced, once: braces inside a value stay as they are.

    An empty value takes the space before it along, so that "Hello {customer}," becomes "Hello,".
    """
    values = {
        "customer": customer,
        "what_changed": what_changed,
        "comment": comment,
        "owner": owner,
        "team": team,
        "account": account,
    }

    def value(found: re.Match[str]) -> str:
        filled = values[found["name"]].strip()
        return f"{found['space']}{filled}" if filled else ""

    return _SLOT.sub(value, text)


def one_line(text: str) -> str:
    """Return the text on one line without control characters, fit to be a mail's subject."""
    spaced = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(spaced.split())


class ChosenWording(NamedTuple):
    """Wording and the language that it is written in, which may not be the one that was asked for."""

    language: str
    wording: "Wording"


def wording_for(policy: "Policy", language: str | None) -> ChosenWording:
    """Return the wording for a customer's language ("pt-BR", "pt_br", None).

    Falls back to the language without its region, then to the team's first language, then to English: the policy's
    own, else the built-in one.
    """
    ours = policy.wordings
    for wanted in (language, policy.team.languages[0]):
        tag = (wanted or "").strip().replace("_", "-").lower()
        while tag:
            if tag in ours:
                return ours[tag]
            tag = tag.rpartition("-")[0]
    return ours["en"]


ENGLISH: Final = {
    "told_subject": "What changed after your feedback",
    "told_body": """\
Hello {customer},

thank you for telling us what went wrong. Here is what we changed because of it:

{what_changed}

If this does not solve it for you, just reply to this mail: it reaches me.

{owner}
{team}""",
    "contact_subject": "About your feedback to {team}",
    "contact_body": """\
Hello {customer},

you told us that something went wrong, and I would like to put it right. Could you tell me a little more about it?

A reply to this mail reaches me.

{owner}
{team}""",
}
