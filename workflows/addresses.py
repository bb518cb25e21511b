"""A customer's address: whether it looks like one, and what is kept when its writer corrects it."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from storage.tables import Case, Customer
from workflows import timeline
from workflows.refusal import Refusal

LONGEST: Final = 320  # characters: 64 before the @, 255 behind it


def recipient(customer: Customer, corrected: str | None = None) -> str:
    """Return the address to write to: the customer's own, or the one that its writer put in its place.

    Raises Refusal where nobody may be written to, and for a new address that looks like none.
    """
    if customer.contactability == "anonymous" or not customer.email:
        raise Refusal("There is no e-mail address of this customer. Log how you reached them instead.")
    if customer.opted_out_at is not None:
        raise Refusal("This customer asked not to be contacted. Excuse the case, or log what you agreed with them.")
    new = customer.email if corrected is None else corrected.strip().lower()
    if new == customer.email.lower():
        return customer.email
    if not is_plausible(new):
        raise Refusal("That doesn't look like an e-mail address. Correct it.", "recipient")
    return new


def correct(session: Session, case: Case, customer: Customer, address: str, *, by: str, at: datetime) -> None:
    """Keep a corrected address on the customer. By which one their answers are recognised stays as it is."""
    if address == customer.email:
        return
    customer.email = address
    session.add(customer)
    # Neither address is repeated here: the timeline is shown where the customer's name may not be.
    timeline.record(session, case, "address_changed", by=by, at=at, facts={"by_hand": True})


def is_plausible(address: str) -> bool:
    """Tell whether this looks like one address: one @, a dot behind it, nothing that can't be seen."""
    local, _, domain = address.partition("@")
    is_one_word = address.isprintable() and not any(letter.isspace() for letter in address)
    has_parts = bool(local) and "@" not in domain and "." in domain and all(domain.split("."))
    return is_one_word and has_parts and len(address) <= LONGEST and not set(address) & set("<>,;")
