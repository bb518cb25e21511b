"""Pretended APIs of feedback programmes: HubSpot, AskNicely and Retently."""

import re
from datetime import UTC, datetime

from bot.sandbox.channels import Json
from bot.sandbox.given import Given
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf, page_of

OBJECTS = "/crm/v3/objects"
THREE = {"low": 0, "neutral": 1, "high": 2}
GROUPS = {"low": "DETRACTOR", "neutral": "PASSIVE", "high": "PROMOTER"}
LAST_OF_CES = {"DETRACTOR": 3, "PASSIVE": 5, "PROMOTER": 7}  # HubSpot counts a 5 among the passives, others as high


def hubspot(shelf: Shelf, asked: Asked) -> Reply:
    """Search submissions, give one, or say who gave them."""
    if match := re.fullmatch(rf"{OBJECTS}/feedback_submissions/([0-9]+)", asked.path):
        found = shelf.one(match[1])
        return _submission(found, is_linked=True) if found else None
    if match := re.fullmatch(rf"{OBJECTS}/contacts/([0-9]+)", asked.path):
        found = shelf.one(match[1])
        return _contact(found) if found and found.number not in shelf.erased else None
    wanted = {str(one.get("id")) for one in (asked.posted or {}).get("inputs", ())}
    if asked.path == f"{OBJECTS}/contacts/batch/read":
        there = [one for one in shelf.answers if str(one.number) in wanted and one.number not in shelf.erased]
        return {"results": [_contact(one) for one in there]} if there else None
    if asked.path == "/crm/v4/associations/feedback_submissions/contacts/batch/read":
        linked = [one.number for one in shelf.answers if str(one.number) in wanted and one.email]
        return {"results": [{"from": {"id": str(one)}, "to": [{"toObjectId": one}]} for one in linked]}
    return _search(shelf, asked.posted) if asked.path == f"{OBJECTS}/feedback_submissions/search" else None


def _search(shelf: Shelf, posted: Json) -> Json:
    begin, size = int(posted.get("after") or 0), min(int(posted["limit"]), 200)
    since = int(posted["filterGroups"][0]["filters"][0]["value"]) / 1000
    found = shelf.between(datetime.fromtimestamp(since, UTC))
    following = {"paging": {"next": {"after": str(begin + size)}}} if begin + size < len(found) else {}
    results = [_submission(one, is_linked=False) for one in found[begin : begin + size]]
    return {"total": len(found), "results": results, **following}


def _submission(given: Given, *, is_linked: bool) -> Json:
    score = THREE[given.band] if given.metric == "csat" else given.points
    properties = {
        "hs_survey_type": given.metric.upper(),
        "hs_value": str(score),
        "hs_content": given.comment or None,
        "hs_response_group": _group(given),
        "hs_survey_id": given.form,
        "hs_survey_name": "Lumen Desk",
        "hs_survey_channel": "EMAIL",
        "hs_submission_timestamp": given.iso,
    }
    row: Json = {"id": str(given.number), "properties": properties, "createdAt": given.iso, "updatedAt": given.iso}
    if is_linked and given.email:
        row["associations"] = {"contacts": {"results": [{"id": str(given.number)}]}}
    return row


def _group(given: Given) -> str:
    if given.metric == "ces":
        return next(group for group, last in LAST_OF_CES.items() if given.points <= last)
    return GROUPS[given.band]


def _contact(given: Given) -> Json:
    first, last = given.names
    properties = {"email": given.email, "firstname": first, "lastname": last, "company": given.account}
    return {"id": str(given.number), "properties": properties}


def asknicely(shelf: Shelf, asked: Asked) -> Reply:
    """List what was answered; all of the question is in the path."""
    pattern = r"/api/v1/responses/asc/([0-9]+)/([0-9]+)/([0-9]+)/json/answered/responded"
    match = re.fullmatch(pattern, asked.path)
    if match is None:
        return None
    size, page, since = (int(part) for part in match.groups())
    found = shelf.between(datetime.fromtimestamp(since, UTC))
    rows = [_asknicely_row(one) for one in page_of(found, page=page, size=size)]
    return {"success": True, "totalpages": max(-(-len(found) // size), 1), "pagenumber": page, "data": rows}


def _asknicely_row(given: Given) -> Json:
    return {
        "response_id": str(given.number),
        "person_id": str(given.number + 1),
        "name": given.name,
        "email": given.email,
        "answer": str(given.points),
        "comment": given.comment,
        "responded": str(given.seconds),
        "survey_template": given.form,
        "company_c": given.account,
    }


def retently(shelf: Shelf, asked: Asked) -> Reply:
    """List feedback page by page."""
    if asked.path != "/api/v2/feedback":
        return None
    found = shelf.between(asked.time("startDate"))
    page, size = asked.number("page", 1), min(asked.number("limit", 20), 1000)
    rows = [retently_feedback(one) for one in page_of(found, page=page, size=size)]
    return {"data": {"page": page, "pages": max(-(-len(found) // size), 1), "limit": size, "responses": rows}}


def retently_feedback(given: Given) -> Json:
    """Write feedback as the API and our template for the webhook do."""
    first, last = given.names
    return {
        "id": f"rt{given.number}",
        "customerId": f"rtc{given.number}",
        "email": given.email,
        "firstName": first,
        "lastName": last,
        "companyName": given.account,
        "campaignId": given.form,
        "campaignName": "Lumen Desk",
        "createdDate": given.iso,
        "score": given.points,
        "comment": given.comment,
        "metricsType": given.metric,
        "isBogus": False,
    }
