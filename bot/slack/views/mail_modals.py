"""The modals of contact with the customer: write, read it once more before it goes out, or log what was said."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from bot.slack import ids
from bot.slack.views import words
from bot.slack.views.blocks import Block, View, context, divider, quote, section
from bot.slack.views.inputs import LONGEST, choice, email, form, moment, notice, text_area, text_line
from bot.slack.views.modals import about
from bot.slack.views.text import inline, plural, quoted
from storage.casefile import CaseFile
from workflows.mails import Draft
from workflows.policy import Policy

COMMENT: Final = 1500  # characters of the comment above a mail: its writer has to see what they answer
_CUT: Final = (
    "✂️ The draft was longer than Slack's forms allow: its end is missing here. Shorten it and end it yourself."
)
CHANNELS: Final = {
    "phone": "Phone",
    "email": "E-mail",
    "meeting": "Meeting",
    "chat": "Chat",
    "other": "Another way",
}


def write(file: CaseFile, draft: Draft, *, kind: str) -> View:
    """Offer a mail to the customer for editing, below what they said. `kind`: `contact` or `told`."""
    is_telling = kind == "told"
    reminder = "They hear what changed, and the case is closed once the mail has been accepted."
    return form(
        ids.MODAL_TELL if is_telling else ids.MODAL_WRITE,
        metadata=_id(file),
        title="Tell the customer" if is_telling else "Write to the customer",
        submit="Preview",
        blocks=[
            *about(file, limit=COMMENT),
            *([notice(reminder)] if is_telling else []),
            context(_language(draft)),
            *([notice(_CUT)] if len(draft.body) > LONGEST else []),
            *_mail_inputs(draft.recipient, draft.subject, draft.body),
        ],
    )


def preview(
    file: CaseFile, draft: Draft, *, kind: str, subject: str, body: str, policy: Policy, is_again: bool
) -> View:
    """Show the mail as it will be read, with its fields below it: whatever is changed there is shown once more.

    `is_again`: it was changed since the last preview.
    """
    first = "*You changed it: this is how it reads now.*" if is_again else "*This is what the customer gets.*"
    return form(
        ids.MODAL_PREVIEW,
        metadata=f"{_id(file)} {kind} {digest(draft.recipient, subject, body)}",
        title="Read it once more",
        submit="Send",
        blocks=[
            section(first),
            section(f"*To:* {inline(draft.recipient, 320)}  ·  {_language(draft)}\n*Subject:* {inline(subject, 300)}"),
            quote(body),
            notice(going_out(policy.mail.delay)),
            divider(),
            context("*Change something?* Edit it here. Nothing goes out before you have seen how it reads."),
            *_mail_inputs(draft.recipient, subject, body),
        ],
    )


def log_contact(file: CaseFile, *, at: datetime, why: str = "") -> View:
    """Ask what was said to the customer elsewhere. `why`: why this form and not the one that was asked for."""
    return form(
        ids.MODAL_LOG_CONTACT,
        metadata=_id(file),
        title="Log a contact",
        submit="Log contact",
        blocks=[*about(file), *([notice(why)] if why else []), *_log_inputs(at, said="What was said?")],
    )


def log_told(file: CaseFile, *, at: datetime, why: str = "") -> View:
    """Ask how and when the customer was told; this closes the case."""
    changed = file.case.what_changed
    return form(
        ids.MODAL_LOG_TOLD,
        metadata=_id(file),
        title="Log as told",
        submit="The customer was told",
        blocks=[
            *about(file),
            *([notice(why)] if why else []),
            *([section(f"*What changed:* {quoted(changed, 600)}")] if changed else []),
            context("Your name stands beside this as the proof that the customer heard back. It closes the case."),
            *_log_inputs(at, said="What did you tell them, and what did they say?"),
        ],
    )


def going_out(delay: timedelta) -> str:
    """Say when a mail goes out and until when it can be taken back."""
    if not delay:
        return "📤 It goes out *at once* and can't be taken back."
    return f"⏳ It goes out in *{_span(delay)}*, and can be taken back until then."


def digest(recipient: str, subject: str, body: str) -> str:
    """Name a mail, so that a preview knows whether it still shows what is being sent."""
    return hashlib.sha256(f"{recipient}\0{subject}\0{body}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _mail_inputs(recipient: str, subject: str, body: str) -> list[Block]:
    return [
        email("recipient", "To", initial=recipient, hint="Correct it if it is wrong: it is kept for this customer."),
        text_line("subject", "Subject", initial=subject),
        text_area("body", "Text", initial=body, hint="Plain text. The customer's answer comes back to this case."),
    ]


def _log_inputs(at: datetime, *, said: str) -> list[Block]:
    return [
        choice("channel", "How did you reach them?", CHANNELS, placeholder="Choose one"),
        moment("happened_at", "When?", initial=at),
        text_area("text", said, placeholder="A few words: the next person will be glad of them"),
    ]


def _language(draft: Draft) -> str:
    language = words.language_name(draft.language) or "unknown"
    return f"*Language:* {inline(language, 40)}"


def _span(delay: timedelta) -> str:
    minutes, seconds = divmod(round(delay.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (seconds, "second")]
    return " ".join(plural(count, unit) for count, unit in parts if count)


def _id(file: CaseFile) -> int:
    assert file.case.id is not None
    return file.case.id
