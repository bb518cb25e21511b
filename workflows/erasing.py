"""A customer asks to be forgotten: what is theirs is taken out in one go, and each of their cases says that it was."""

from datetime import datetime

from sqlmodel import Session

from storage import erasing, members, outbox
from storage.erasing import Theirs
from workflows import timeline
from workflows.refusal import Refusal


def erase(session: Session, who: str, *, by: str, at: datetime) -> Theirs | None:
    """Erase a customer; `who` as `storage.erasing.theirs` reads it. None: nobody is known by this.

    Their cases go on, or stay closed, as cases of a customer without a name. Refusal while a mail to them is under way.
    """
    found = erasing.theirs(session, who)
    if found is None:
        return None
    if any(one.state == "sending" for one in found.outreaches):
        raise Refusal("A mail to this customer is being sent right now. Run the same once more in a minute.")
    erasing.erase(session, found, at=at)
    for case in found.cases:
        if case.withheld_at is None:
            timeline.record(session, case, "erased", by=by, at=at, everywhere=True)
        else:  # it has no card: its umbrella's posts show it
            timeline.append(session, case, "erased", by=by, at=at)
            timeline.draw_umbrella(session, case.umbrella_id, owner=case.owner, at=at)
    people = members.ids_of_all(session)
    homes = members.with_home(session, people) if people else []
    outbox.want(session, [outbox.home(one) for one in homes], at=at)
    return found
