"""Pretended APIs of form tools: Typeform, Tally, Formbricks, SurveyMonkey and Qualtrics."""

import re

from bot.sandbox.channels import Json
from bot.sandbox.given import Given
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf, page_of

ROW, QUESTION, WHY = "7001", "8001", "8002"
FIRST_CHOICE = 9000
WEIGHTS = [-100] * 7 + [0] * 2 + [100] * 2  # what each choice adds to a Net Promoter Score


def typeform(shelf: Shelf, asked: Asked) -> Reply:
    """List the submissions of a form: those from `since` on, oldest first if it is asked for like that."""
    match = re.fullmatch(r"/forms/([^/]+)/responses", asked.path)
    if match is None:
        return None
    found = shelf.between(asked.time("since"), asked.time("until"), form=match[1])
    if asked.query.get("sort") != "submitted_at,asc":
        found = found[::-1]
    size = min(asked.number("page_size", 25), 1000)
    items = [typeform_item(one) for one in found[:size]]
    return {"total_items": len(found), "page_count": -(-len(found) // size), "items": items}


def typeform_item(given: Given) -> Json:
    """Write a submission as the API and the webhook do."""
    number = {"id": "Sc0re", "ref": "score_main", "type": "opinion_scale"}
    answers: list[Json] = [{"type": "number", "number": given.points, "field": number}]
    if given.comment:
        why = {"id": "Wh1", "ref": "score_why", "type": "long_text"}
        answers.append({"type": "text", "text": given.comment, "field": why})
    hidden = {"email": given.email, "name": given.name, "account": given.account, "language": given.language}
    return {
        "token": f"tf{given.number}",
        "response_id": f"tf{given.number}",
        "landed_at": given.iso,
        "submitted_at": given.iso,
        "hidden": {key: value for key, value in hidden.items() if value},
        "answers": answers,
    }


def tally(shelf: Shelf, asked: Asked) -> Reply:
    """List the submissions of a form, the newest first."""
    match = re.fullmatch(r"/forms/([^/]+)/submissions", asked.path)
    if match is None:
        return None
    page, size = asked.number("page", 1), min(asked.number("limit", 50), 500)
    found = shelf.between(asked.time("startDate"), asked.time("endDate"), form=match[1])[::-1]
    questions = [
        {"id": "st4rs", "type": "RATING", "title": "How satisfied are you?"},
        {"id": "wh7", "type": "TEXTAREA", "title": "Why?"},
        {"id": "ma1l", "type": "INPUT_EMAIL", "title": "E-mail"},
    ]
    submissions = [_tally_submission(one, match[1]) for one in page_of(found, page=page, size=size)]
    return {
        "page": page,
        "limit": size,
        "hasMore": page * size < len(found),
        "questions": questions,
        "submissions": submissions,
    }


def _tally_submission(given: Given, form: str) -> Json:
    said = {"st4rs": given.points, "wh7": given.comment, "ma1l": given.email}
    return {
        "id": f"tl{given.number}",
        "formId": form,
        "isCompleted": True,
        "submittedAt": given.iso,
        "responses": [{"questionId": key, "answer": value} for key, value in said.items() if value != ""],
    }


def formbricks(shelf: Shelf, asked: Asked) -> Reply:
    """List the responses of a survey, the newest first; it knows no times."""
    if asked.path != "/api/v1/management/responses":
        return None
    found = shelf.between(None, form=asked.query.get("surveyId"))[::-1]
    skip, size = asked.number("skip", 0), asked.number("limit", 50)
    return {"data": [formbricks_response(one) for one in found[skip : skip + size]]}


def formbricks_response(given: Given) -> Json:
    """Write a response as the API and the webhook do."""
    attributes = {"email": given.email, "name": given.name, "company": given.account}
    return {
        "id": f"fb{given.number}",
        "createdAt": given.iso,
        "updatedAt": given.iso,
        "surveyId": given.form,
        "finished": True,
        "contact": {"id": f"fbc{given.number}", "userId": given.customer_id or None},
        "contactAttributes": {key: value for key, value in attributes.items() if value},
        "data": {"qscore": given.points, "qwhy": given.comment},
        "language": given.language,
        "tags": [],
        "meta": {"source": "link"},
    }


def surveymonkey(shelf: Shelf, asked: Asked) -> Reply:
    """Give a survey's questions, one response with its answers, or a page of all."""
    if match := re.fullmatch(r"/v3/surveys/([^/]+)/details", asked.path):
        return _survey(match[1])
    if match := re.fullmatch(r"/v3/surveys/([^/]+)/responses/([0-9]+)/details", asked.path):
        found = shelf.one(match[2])
        return _response(found) if found else None
    match = re.fullmatch(r"/v3/surveys/([^/]+)/responses/bulk", asked.path)
    if match is None:
        return None
    page, size = asked.number("page", 1), min(asked.number("per_page", 50), 100)
    rows = shelf.between(asked.time("start_modified_at"), form=match[1])
    following = {"next": f"{asked.path}?page={page + 1}"} if page * size < len(rows) else {}
    data = [_response(one) for one in page_of(rows, page=page, size=size)]
    return {"data": data, "page": page, "per_page": size, "total": len(rows), "links": following}


def _survey(form: str) -> Json:
    choices = [
        {"id": str(FIRST_CHOICE + score), "position": score + 1, "text": str(score), "visible": True, "is_na": False,
         "weight": WEIGHTS[score]}
        for score in range(11)
    ]  # fmt: skip
    nps = {"id": QUESTION, "family": "matrix", "subtype": "rating"}
    nps["answers"] = {"rows": [{"id": ROW, "position": 1, "text": ""}], "choices": choices}  # type: ignore[assignment] # JSON
    why = {"id": WHY, "family": "open_ended", "subtype": "essay"}
    return {"id": form, "title": "Lumen Desk", "pages": [{"id": "1", "questions": [nps, why]}]}


def _response(given: Given) -> Json:
    first, last = given.names
    questions: list[Json] = [
        {"id": QUESTION, "answers": [{"choice_id": str(FIRST_CHOICE + given.points), "row_id": ROW}]}
    ]
    if given.comment:
        questions.append({"id": WHY, "answers": [{"text": given.comment}]})
    return {
        "id": str(given.number),
        "survey_id": given.form,
        "collection_mode": "default",
        "response_status": "completed",
        "first_name": first,
        "last_name": last,
        "email_address": given.email,
        "custom_variables": {"account": given.account} if given.account else {},
        "analyze_url": f"https://surveymonkey.example/analyze/{given.number}",
        "date_created": given.iso,
        "date_modified": given.iso,
        "pages": [{"id": "1", "questions": questions}],
    }


def qualtrics(shelf: Shelf, asked: Asked) -> Reply:
    """Give one response."""
    match = re.fullmatch(r"/API/v3/surveys/([^/]+)/responses/R_([0-9]+)", asked.path)
    given = shelf.one(match[2]) if match else None
    return {"result": qualtrics_result(given), "meta": {"httpStatus": "200 - OK"}} if given else None


def qualtrics_result(given: Given) -> Json:
    """Write a response as it is given alone and in an export."""
    first, last = given.names
    group = {"low": 1, "neutral": 2, "high": 3}[given.band]
    values = {
        "status": 0, "finished": 1, "progress": 100, "startDate": given.iso, "endDate": given.iso,
        "recordedDate": given.iso, "recipientFirstName": first, "recipientLastName": last,
        "recipientEmail": given.email, "userLanguage": given.language.upper(), "Account": given.account,
        "QID1": given.points, "QID1_NPS_GROUP": group, "QID2_TEXT": given.comment,
    }  # fmt: skip
    if given.metric != "nps":
        del values["QID1_NPS_GROUP"]
    return {"responseId": f"R_{given.number}", "values": values, "labels": {"QID1": str(given.points)}}
