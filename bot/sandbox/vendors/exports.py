"""Pretended APIs of tools that are polled for what their webhooks send: exports of Qualtrics, pages of four others."""

import re
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.channels import Json
from bot.sandbox.given import FORMS, Given
from bot.sandbox.vendors import forms
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf, page_of

PROJECT: Final = "lumen"  # of SatisMeter: all that it asks is one project's
SPARROW: Final = "40"  # SurveySparrow's number of the NPS form
ADVANCE: Final = 2  # looks at an export until it is there


def qualtrics(shelf: Shelf, asked: Asked) -> Reply:
    """Give one response, or export what was recorded in a stretch of time: an export is there at the second look."""
    match = re.fullmatch(r"/API/v3/surveys/([^/]+)/export-responses(?:/(ES_[0-9_]+)|/(F_[0-9_]+)/file)?", asked.path)
    if match is None:
        return forms.qualtrics(shelf, asked)
    form, export, file = match.groups()
    if file:
        start, end, limit = (int(part) for part in file.removeprefix("F_").split("_"))
        found = shelf.between(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), form=form)
        return {"responses": [forms.qualtrics_result(one) for one in found[:limit]]}
    if export is None:
        return _begun(shelf, asked.posted)
    shelf.looks[export] += 1
    result: Json = {"percentComplete": 50.0, "status": "inProgress"}
    if shelf.looks[export] >= ADVANCE:
        result = {"percentComplete": 100.0, "status": "complete", "fileId": f"F_{export.removeprefix('ES_')}"}
    return {"result": result, "meta": {"httpStatus": "200 - OK"}}


def _begun(shelf: Shelf, posted: Json) -> Json:
    if (posted["format"], posted["compress"], posted["useLabels"]) != ("json", False, False):
        raise ValueError("only plain JSON with numbers is pretended")
    start, end = (int(datetime.fromisoformat(posted[name]).timestamp()) for name in ("startDate", "endDate"))
    export = f"ES_{start}_{end}_{int(posted['limit'])}"
    shelf.looks[export] = 0
    return {"result": {"progressId": export, "percentComplete": 0.0, "status": "inProgress"}}


def surveysparrow(shelf: Shelf, asked: Asked) -> Reply:
    """List the questions of a survey, or its submissions: their answers don't say of which kind they are."""
    if asked.query.get("survey_id") != SPARROW:
        return None
    if asked.path == "/v3/questions":
        kinds = [{"id": 1, "type": "NPSScore"}, {"id": 2, "type": "NPSFeedback", "parent_question_id": 1}]
        return {"data": kinds, "has_next_page": False}
    if asked.path != "/v3/responses":
        return None
    page, size = asked.number("page", 1), min(asked.number("limit", 50), 200)
    found = shelf.between(asked.time("date.gte"), form=FORMS["nps"])
    rows = [_submission(one) for one in page_of(found, page=page, size=size)]
    return {"data": rows, "total_count": len(found), "has_next_page": page * size < len(found)}


def _submission(given: Given) -> Json:
    score = {"question_id": 1, "question": "Your rating", "answer": given.points, "skipped": False}
    why = {"question_id": 2, "question": "Why?", "answer": given.comment or None, "skipped": not given.comment}
    return {
        "id": given.number,
        "survey_id": int(SPARROW),
        "state": "COMPLETED",
        "completed_time": given.iso,
        "language": given.language,
        "contact_id": given.number,
        "contact": {"id": given.number, "email": given.email, "full_name": given.name},
        "answers": [score, why],
    }


def questionpro(shelf: Shelf, asked: Asked) -> Reply:
    """Say of a survey that it is there, or list its responses page by page; none at all are called "not found"."""
    match = re.fullmatch(r"/a/api/v2/surveys/([^/]+)(/responses/filter)?", asked.path)
    if match is None or match[1] not in FORMS.values():
        return None
    if match[2] is None:
        return {"response": {"surveyID": match[1], "status": "Active"}}
    start, end = (datetime.fromisoformat(asked.posted[name]).replace(tzinfo=UTC) for name in ("startDate", "endDate"))
    page, size = asked.number("page", 1), min(asked.number("perPage", 100), 1000)
    found = shelf.between(start, end, form=match[1])
    if not found:
        return None
    pages = {"currentPage": page, "perPage": size, "totalItems": len(found), "totalPages": -(-len(found) // size)}
    return {"response": [_completed(one) for one in page_of(found, page=page, size=size)], "pagination": pages}


def _completed(given: Given) -> Json:
    score, why = {"scale": str(given.points), "text": ""}, {"scale": "", "text": given.comment}
    return {
        "responseID": given.number,
        "surveyID": given.form,
        "timestamp": f"{given.at:%d %b, %Y %I:%M:%S %p} UTC",
        "responseStatus": "Completed",
        "externalReference": given.customer_id,
        "emailAddress": given.email,
        "responseSet": [
            {"questionID": 501, "answerValues": [{"answerText": str(given.points), "value": score}]},
            {"questionID": 502, "answerValues": [{"answerText": "", "value": why}]},
        ],
    }


def survicate(shelf: Shelf, asked: Asked) -> Reply:
    """Say what a survey knows of who answers, or list its responses, the latest first."""
    match = re.fullmatch(r"/surveys/([^/]+)(/responses)?", asked.path)
    if match is None or match[1] not in FORMS.values():
        return None
    if match[2] is None:
        return {"id": match[1], "name": "Lumen Desk", "attributes": ["company", "email"]}
    size = min(asked.number("items_per_page", 20), 100)
    # The names are theirs: the list begins at the later time and goes back to the earlier one.
    found = shelf.between(asked.time("end"), asked.time("start"), form=match[1])[::-1]
    following: Json = {"has_more": len(found) > size}
    if len(found) > size:
        following["next_url"] = f"{asked.path}?start={found[size - 1].iso}&items_per_page={size}"
    return {"data": [_response(one, is_known="attributes[]" in asked.query) for one in found[:size]]} | {
        "pagination_data": following
    }


def _response(given: Given, *, is_known: bool) -> Json:
    said = {"content": str(given.points), "tag": given.band, "comment": given.comment or None}
    traits = [{"name": "email", "value": given.email}, {"name": "company", "value": given.account}]
    return {
        "uuid": f"sv{given.number}",
        "collected_at": given.iso,
        "respondent": {"uuid": f"svr{given.number}", "attributes": traits if is_known else []},
        "answers": [{"question_id": 12, "question_type": "nps", "answer": said}],
    }


def satismeter(shelf: Shelf, asked: Asked) -> Reply:
    """List the responses of the one project by a cursor; without a start those of the last month alone."""
    if asked.path != f"/projects/{PROJECT}/responses" or "startDate" not in asked.query:
        return None
    size, begin = min(asked.number("pageSize", 20), 100), int(asked.query.get("pageCursor", "p0").removeprefix("p"))
    found = shelf.between(asked.time("startDate"), asked.time("endDate"))
    has_more = begin + size < len(found)
    following = f"p{begin + size}" if has_more else None
    rows = [_rated(one) for one in found[begin : begin + size]]
    return {"data": rows, "page": {"hasNextPage": has_more, "nextPageCursor": following}}


def _rated(given: Given) -> Json:
    score = {"id": "q1", "label": "Would you recommend us?", "type": "scale", "metric": "nps", "value": given.points}
    why = {"id": "q2", "label": "Why?", "type": "long-text", "value": given.comment}
    user = {"name": given.name, "email": given.email, "userId": given.customer_id or f"sm{given.number}"}
    return {
        "id": f"sm{given.number}",
        "project": PROJECT,
        "created": given.iso,
        "answers": [score, why] if given.comment else [score],
        "user": {**user, "traits": {"company": given.account}},
    }
