"""A plain and safe HTML page for a mail, made from its text."""

import html
import re

_LINK = re.compile(
    r"https?://[^\s<>\"'`“”„\u2018\u2019«»{}|\\^\[\]\u200b-\u200f\u2028-\u202f\u2066-\u2069]+", re.IGNORECASE
)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_AFTER_LINK = ".,;:!?…"  # ends the sentence, not the address
_RTL = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})

# Inline colours would win over a dark theme, so all of them stand here; a reader that drops the block shows plain text.
_STYLE = """\
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 24px 16px; background: #ffffff; color: #1f2328;
       font: 16px/1.55 -apple-system, "Segoe UI", Roboto, "Noto Sans", Helvetica, Arial, sans-serif; }
main { max-width: 36em; margin: 0 auto; overflow-wrap: anywhere; }
p { margin: 0 0 1em; }
a { color: #0b57d0; }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #e6e8eb; }
  a { color: #8ab4f8; }
}
"""


def page(text: str, *, language: str | None = None) -> str:
    """Return the page: every character escaped, links made of http and https only, nothing loaded from anywhere.

    Each paragraph finds its own direction, so a quote in Arabic stands right in an English mail.
    """
    tag = html.escape(language) if language else ""
    attributes = f' lang="{tag}"' if tag else ""
    direction = "rtl" if tag.lower().split("-")[0] in _RTL else "auto"
    paragraphs = "\n".join(f'<p dir="auto">{each}</p>' for each in _paragraphs(text))
    return (
        f"<!DOCTYPE html>\n<html{attributes}>\n<head>\n"
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no">\n'
        f"<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f'<main dir="{direction}">\n{paragraphs}\n</main>\n</body>\n</html>\n'
    )


def _paragraphs(text: str) -> list[str]:
    blocks = _PARAGRAPHS.split(text.strip())
    return ["<br>\n".join(_linked(line.rstrip()) for line in block.split("\n")) for block in blocks if block.strip()]


def _linked(line: str) -> str:
    """Escape a line and make links of the addresses in it; a link always shows where it goes."""
    made, end = [], 0
    for found in _LINK.finditer(line):
        address = _trimmed(found.group())
        if len(address) <= len("https://"):
            continue
        made.append(html.escape(line[end : found.start()]))
        made.append(f'<a href="{html.escape(address)}" rel="noopener noreferrer">{html.escape(address)}</a>')
        end = found.start() + len(address)
    made.append(html.escape(line[end:]))
    return "".join(made)


def _trimmed(address: str) -> str:
    """Cut what belongs to the sentence around: its full stop, and a closing bracket that was opened before."""
    while address:
        if address[-1] in _AFTER_LINK or (address[-1] == ")" and address.count(")") > address.count("(")):
            address = address[:-1]
        else:
            break
    return address
