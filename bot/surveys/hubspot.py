"""HubSpot: feedback submissions, of which an app's webhook only names the id; asked for one by one, or by searching."""

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime

from bot.surveys.asking import bearer, plain_id, plain_ids
from bot.surveys.fields import Record
from bot.surveys.oldest_first import newest_of, step
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Fetch, Fetching, Found, Ignored, Page, Polling
from bot.surveys.scoring import own_scale, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import DEFAULT_SCALES, Band, Scale, UnknownScale

NAME = "hubspot"
SUBMISSION = "0-19"  # HubSpot's number for the kind of thing that a survey's answer is
TAKEN = ("creation", "propertyChange")
OBJECTS = "/crm/v3/objects"
SUBMISSIONS = f"{OBJECTS}/feedback_submissions"
PROPERTIES = (
    "hs_survey_type",
    "hs_value",
    "hs_content",
    "hs_response_group",
    "hs_survey_name",
    "hs_survey_id",
    "hs_survey_channel",
    "hs_submission_timestamp",
)
PERSON = ("email", "firstname", "lastname", "company")
PAGE = 100  # contacts are read by the hundred
SCALES: Mapping[str, Scale] = {
    "NPS": DEFAULT_SCALES["nps"],
    "CSAT": Scale("csat", 0, 2, "up", 0, 1),
    "CES": Scale("ces", 1, 7, "up", 3, 5),
}
GROUPS: Mapping[str, Band] = {"DETRACTOR": "low", "PASSIVE": "neutral", "PROMOTER": "high"}


def parse(body: object, _policy: Policy, _at: datetime) -> Sequence[Found]:
    """Read one request, always a list: it may tell of a hundred submissions, or of one twice."""
    events = [_event(Record(row, f"[{number}]")) for number, row in enumerate(rows_of(body, "The body"))]
    fetches = {event.external_id: event for event in events if isinstance(event, Fetch)}
    ignored = [event for event in events if isinstance(event, Ignored)]
    return [*fetches.values(), *ignored] or [Ignored("The list is empty.")]


def fetch(ids: Mapping[str, str], policy: Policy, _: datetime) -> Fetching:
    """Ask for a submission and, where it is known who gave it, for the contact."""
    [submission_id] = plain_ids(ids, "submission")
    query = {"properties": ",".join(PROPERTIES), "associations": "contacts"}
    submission = Record((yield Call(f"{SUBMISSIONS}/{submission_id}", query)), "submission")
    contacts = submission.optional_record("associations").optional_record("contacts").records("results")
    if not contacts or isinstance(_read(submission, None, policy), Ignored):
        return _read(submission, None, policy)
    contact_id = plain_id(contacts[0], "id")
    person = {"properties": ",".join(PERSON)}
    contact = yield Call(f"{OBJECTS}/contacts/{contact_id}", person, may_be_missing=True)
    return _read(submission, None if contact is None else Record(contact, "contact"), policy)


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Search one page of submissions, the oldest first, and the contacts of all of them at once."""
    place = step(cursor, since=since, at=at)
    reply = Record((yield Call(f"{SUBMISSIONS}/search", post=_search(place.start, place.page))))
    rows = rows_of(reply.raw.get("results"), "results")
    people = yield from _people([row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)])
    answers, refused = each(rows, lambda row: _read(row, people.get(row.string("id")), policy), "results")
    is_last = not reply.optional_record("paging").raw.get("next")
    newest = newest_of(rows, lambda row: row.record("properties").timestamp("hs_submission_timestamp"))
    return Page(answers, place.onward(newest, is_last=is_last), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of a search, or one saved submission; who gave it is not in there."""
    page = Record(reply)
    return [_read(row, None, policy) for row in (page.records("results") if "results" in page.raw else [page])]


def _event(event: Record) -> Fetch | Ignored:
    kind = event.string("subscriptionType")
    is_submission = event.string("objectTypeId") == SUBMISSION or kind.startswith("feedback_submission.")
    if not is_submission or not kind.endswith(TAKEN):
        return Ignored("Only HubSpot's events of new or changed feedback submissions hold answers.")
    submission_id = plain_id(event, "objectId")
    return Fetch(submission_id, {"submission": submission_id})


def _search(start: datetime, page: int) -> dict[str, object]:
    begin = {"propertyName": "hs_submission_timestamp", "operator": "GTE", "value": str(int(start.timestamp() * 1000))}
    return {
        "filterGroups": [{"filters": [begin]}],
        "sorts": [{"propertyName": "hs_submission_timestamp", "direction": "ASCENDING"}],
        "properties": list(PROPERTIES),
        "limit": PAGE,
        "after": str((page - 1) * PAGE),
    }


def _people(ids: list[str]) -> Generator[Call, object, dict[str, Record]]:
    """Ask who gave these submissions: the contact's id and its fields, by the submission's id."""
    if not ids:
        return {}
    path = "/crm/v4/associations/feedback_submissions/contacts/batch/read"
    linked = yield Call(path, post={"inputs": [{"id": one} for one in ids]}, may_be_missing=True)
    contact_of = dict[str, str]()
    for link in _results(linked):
        if contacts := link.records("to"):
            contact_of[link.record("from").string("id")] = contacts[0].string("toObjectId")
    if not contact_of:
        return {}
    wanted = {"properties": list(PERSON), "inputs": [{"id": one} for one in sorted(set(contact_of.values()))]}
    reply = yield Call(f"{OBJECTS}/contacts/batch/read", post=wanted, may_be_missing=True)
    contacts_by_id = {contact.string("id"): contact for contact in _results(reply)}
    return {submission: contacts_by_id[one] for submission, one in contact_of.items() if one in contacts_by_id}


def _results(reply: object) -> list[Record]:
    """List what was found of what a batch asked for: where all of it has been erased, there may be no reply."""
    return [] if reply is None else Record(reply).records("results")


def _read(submission: Record, contact: Record | None, policy: Policy) -> Answer | Ignored:
    said = submission.record("properties")
    score = said.number("hs_value")
    if score is None:
        return Ignored("The survey was answered without a score.")
    form = said.identifier("hs_survey_id")
    person = contact.optional_record("properties") if contact else Record({})
    names = [person.line("firstname"), person.line("lastname")]
    return Answer(
        source=NAME,
        external_id=submission.required_identifier("id"),
        score=score,
        scale=_scale(said, form, score, policy),
        submitted_at=said.timestamp("hs_submission_timestamp") or submission.required_timestamp("createdAt"),
        comment=said.text("hs_content"),
        form=form,
        touchpoint=form,
        email=person.email("email"),
        name=" ".join(name for name in names if name) or None,
        customer_id=contact.identifier("id") if contact else None,
        account_name=person.line("company"),
    )


def _scale(said: Record, form: str | None, score: float, policy: Policy) -> Scale:
    """Return the policy's scale, else that of the survey's type; by HubSpot's own group the score has to be on it."""
    own = SCALES.get(said.string("hs_survey_type").strip().upper())
    if own is None or any(entry.metric == own.metric for entry in policy.source_entries(NAME, form)):
        return scale_of(policy, source=NAME, form=form, score=score, metric=own.metric if own else None)
    scale = own_scale(policy, source=NAME, form=form, score=score, own=own)
    group = GROUPS.get(said.string("hs_response_group").strip().upper())
    if group and group != scale.band(score):
        raise UnknownScale(
            f"HubSpot counts a score among its {group} ones that isn't on a scale of {own.span}. Add a [[source]] to "
            f'the policy with name = "{NAME}", form = "{form or ""}", metric, scale, low and neutral.',
            source=NAME,
            form=form,
        )
    return scale


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://api.hubapi.com", bearer, per_minute=200),  # five searches a second are allowed
    fetch=fetch,
    poll=poll,
    parse_reply=parse_reply,
)
