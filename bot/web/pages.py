"""Pages, rendered from templates: everything is escaped, and nothing is loaded from anywhere else."""

import secrets
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

TEMPLATES: Final = Path(__file__).parent / "templates"
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def page(template: str, *, status: int = 200, has_script: bool = False, **values: Any) -> HTMLResponse:
    """Render a template of this folder. Its style, and its script where it has one, are let through by a nonce."""
    nonce = secrets.token_urlsafe(16)
    text = environment().get_template(template).render(nonce=nonce, **values)
    return HTMLResponse(
        text, status_code=status, headers={**HEADERS, "Content-Security-Policy": _rules(nonce, has_script=has_script)}
    )


def refusal_page(sentence: str, *, status: int) -> HTMLResponse:
    """Show one sentence that says what to do next."""
    return page("sentence.html", status=status, sentence=sentence)


@cache
def environment() -> Environment:
    """Give what renders the templates; a name that a template doesn't know is a mistake, never an empty place."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _rules(nonce: str, *, has_script: bool) -> str:
    script = f"script-src 'nonce-{nonce}'; " if has_script else ""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; {script}img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
