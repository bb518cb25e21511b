"""Google Forms: what our own script in a form sends (docs/google-forms.gs), signed by Standard Webhooks; or a poll."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.surveys.asking import bearer, forms_named
from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.signing_in import refresh_token
from bot.surveys.values import email_of, number_of, text_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source

NAME = "google_forms"
EVENT = "google_forms.response"
SCALES = frozenset({"SCALE", "RATING"})
LONG_TEXT = "PARAGRAPH_TEXT"
ENDS = 2  # of a scale
PAGE = 1_000
MOST_PAGES = 2_000  # of one poll: Google doesn't say that its pages end
HEX = 16


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read one response; an edited one comes again by the same id."""
    envelope = Record(body)
    event = envelope.line("type")
    if event is None:
        raise Unreadable(f'type is missing: the script sends "{EVENT}".')
    if event != EVENT:
        return Ignored(f"Only events of the type {EVENT} are taken.")
    response = envelope.record("data")
    form = response.required_identifier("form_id")
    submitted_at = response.timestamp("submitted_at") or envelope.required_timestamp("timestamp")
    return _read(response, form, submitted_at, policy)


def _read(response: Record, form: str, submitted_at: datetime, policy: Policy) -> Answer | Ignored:
    """Read one response as our script writes it."""
    entry = entry_of(policy, NAME, form)
    answers = response.records("answers")
    asked = _score_item(answers, entry, form)
    if asked is None or asked.raw.get("value") in (None, ""):
        return Ignored("The question for the score was not answered.")
    score = asked.required_number("value")
    metric = entry.metric if entry else None
    return Answer(
        source=NAME,
        external_id=response.required_identifier("response_id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=metric, ends=_ends(asked)),
        submitted_at=submitted_at,
        comment=_comment(answers, entry),
        form=form,
        touchpoint=form,
        email=_email(answers, response, entry),
    )


def _score_item(answers: Sequence[Record], entry: Source | None, form: str) -> Record | None:
    """Find the item that is the score: the policy's, else the only one on a scale. Unanswered ones are left out."""
    if entry and entry.score_field:
        return _named(answers, entry.score_field)
    found = [one for one in answers if one.line("item_type") in SCALES]
    if len(found) > 1:
        raise Unreadable(
            f"The form “{form}” has several questions for a score: name one as `score_field` in the policy."
        )
    return found[0] if found else None


def _named(answers: Sequence[Record], name: str) -> Record | None:
    """Find the item with this id, else the one with this title."""
    by_id = next((one for one in answers if one.string("item_id") == name), None)
    return by_id or next((one for one in answers if one.line("title") == name), None)


def _ends(item: Record) -> tuple[float, float] | None:
    """Read the ends of the item's own scale; None when it has none."""
    said = item.raw.get("scale")
    if said is None:
        return None
    path = item.at("scale")
    if not isinstance(said, list) or len(said) != ENDS:
        raise Unreadable(f"{path} must be the smallest and the largest score.")
    low, high = number_of(said[0], f"{path}[0]"), number_of(said[1], f"{path}[1]")
    if low >= high:
        raise Unreadable(f"{path} must begin with the smallest score.")
    return low, high


def _comment(answers: Sequence[Record], entry: Source | None) -> str:
    """Take the answer that the policy names, else the first long text."""
    if entry and entry.comment_field:
        named = _named(answers, entry.comment_field)
        return _text(named) if named else ""
    return next((_text(one) for one in answers if one.line("item_type") == LONG_TEXT), "")


def _text(item: Record) -> str:
    """Read an answer as a text; of several ticked boxes, all of them."""
    said = item.raw.get("value")
    if isinstance(said, list):
        return text_of(", ".join(one for one in said if isinstance(one, str)))
    return item.text("value")


def _email(answers: Sequence[Record], response: Record, entry: Source | None) -> str | None:
    """Take the answer that the policy names, else the address that the form collects by itself."""
    if entry and entry.email_field:
        named = _named(answers, entry.email_field)
        return email_of(_text(named)) if named else None
    return response.email("respondent_email")


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a form's responses, which come in no known order, and for what it asks."""
    place, form = stretch(cursor, since=since, at=at), target or ""
    number, _, token = place.place.partition("/")
    page = int(number) if number.isascii() and number.isdigit() and len(number) <= len(str(MOST_PAGES)) else 1
    start = place.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {"filter": f"timestamp >= {start}", "pageSize": str(PAGE)}
    items = _items(Record((yield Call(f"/v1/forms/{form}", is_lasting=True))))
    reply = Record((yield Call(f"/v1/forms/{form}/responses", query | ({"pageToken": token} if token else {}))))
    listed = reply.raw.get("responses")
    rows = rows_of([] if listed is None else listed, "responses")  # left out where there are none
    answers, refused = each(rows, lambda row: _row(row, items, form, policy), "responses")
    following = reply.string("nextPageToken")
    if not following.isprintable():
        raise Unreadable("nextPageToken must be one line of text.")
    if following and page >= MOST_PAGES:
        refused = [*refused, Refused(f"The pages of the form “{form}” don't end: import the others from a file.")]
    is_last = not following or following == token or page >= MOST_PAGES
    after = place.done() if is_last else place.on(f"{page + 1}/{following}")
    return Page(answers, after, is_last=is_last, refused=refused)


def _row(row: Record, items: Mapping[str, Record], form: str, policy: Policy) -> Answer | Ignored:
    """Write a response of the API as our script does, and read that."""
    given = row.optional_record("answers")
    answers = [
        {**items[key].raw, "value": _value(given.record(key))} for key in items if given.raw.get(key) is not None
    ]
    response = {
        "response_id": row.raw.get("responseId"),
        "respondent_email": row.raw.get("respondentEmail"),
        "answers": answers,
    }
    submitted_at = row.timestamp("lastSubmittedTime") or row.required_timestamp("createTime")
    return _read(Record(response, row.path), form, submitted_at, policy)


def _value(answer: Record) -> object:
    """Take a question's answer: a text, or of several ticked boxes a list of them."""
    said = [one.string("value") for one in answer.optional_record("textAnswers").records("answers")]
    return said[0] if len(said) == 1 else said


def _items(form: Record) -> dict[str, Record]:
    """Read what a form asks, by the ids of its questions; each as our script describes it."""
    found = dict[str, Record]()
    for item in form.records("items"):
        question = item.optional_record("questionItem").optional_record("question")
        if key := question.string("questionId"):
            kind, ends = _kind(question)
            described = {"item_id": _decimal(item.string("itemId")), "title": item.raw.get("title")}
            found[key] = Record({**described, "item_type": kind, "scale": ends}, item.path)
    return found


def _kind(question: Record) -> tuple[str, list[float] | None]:
    """Tell the type of a question as the script does, and the ends of its scale."""
    if "scaleQuestion" in question.raw:
        scale = question.record("scaleQuestion")
        return "SCALE", [scale.number("low") or 0, scale.required_number("high")]  # a nought may be left out
    if "ratingQuestion" in question.raw:
        return "RATING", [1, question.record("ratingQuestion").required_number("ratingScaleLevel")]
    if question.optional_record("textQuestion").raw.get("paragraph") is True:
        return LONG_TEXT, None
    return "OTHER", None


def _decimal(item_id: str) -> str:
    """Write an item's id as the script does: Google writes the same number in two ways."""
    try:
        return str(int(item_id, HEX))
    except ValueError:
        return item_id


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api(
        "https://forms.googleapis.com",
        bearer,
        per_minute=60,
        sign_in=refresh_token("/token", base_url="https://oauth2.googleapis.com"),
        token_is="an OAuth client's id and secret and a refresh token, as id:secret:token",  # noqa: S106 -- is none
    ),
    targets=forms_named(NAME),
    poll=poll,
    has_other_ids=True,
)
