"""How form tools send a submission; SurveyMonkey and Qualtrics only name it."""

import json
from typing import Any
from urllib.parse import urlencode

from bot.sandbox.given import Given
from bot.sandbox.senders.signing import JSON_TYPE, Pen, Sent
from bot.sandbox.vendors.forms import formbricks_response, typeform_item

BOUNDARY = "------------------------lumendesk"


def typeform(given: Given, pen: Pen) -> Sent:
    """Send a submission with the questions that were asked."""
    fields = [
        {"id": "Sc0re", "ref": "score_main", "type": "opinion_scale", "title": "Would you recommend us?"},
        {"id": "Wh1", "ref": "score_why", "type": "long_text", "title": "Why?"},
    ]
    definition = {"id": given.form, "title": "Lumen Desk", "fields": fields}
    response = typeform_item(given) | {"form_id": given.form, "definition": definition}
    body = {"event_id": f"ev{given.number}", "event_type": "form_response", "form_response": response}
    return pen.signed(body, "typeform-signature", "sha256", prefix="sha256=")


def tally(given: Given, pen: Pen) -> Sent:
    """Send a submission; each question's key begins with `question_`."""
    data: dict[str, Any] = {
        "responseId": f"tl{given.number}",
        "submissionId": f"tl{given.number}",
        "formId": given.form,
        "formName": "Lumen Desk",
        "createdAt": given.iso,
        "fields": [
            {"key": "question_st4rs", "label": "How satisfied are you?", "type": "RATING", "value": given.points},
            {"key": "question_wh7", "label": "Why?", "type": "TEXTAREA", "value": given.comment},
            {"key": "question_ma1l", "label": "E-mail", "type": "INPUT_EMAIL", "value": given.email},
        ],
    }
    body = {"eventId": f"ev{given.number}", "eventType": "FORM_RESPONSE", "createdAt": given.iso, "data": data}
    return pen.signed(body, "tally-signature", "sha256")


def formbricks(given: Given, pen: Pen) -> Sent:
    """Send a finished response."""
    body = {"webhookId": "fbhook", "event": "responseFinished", "data": formbricks_response(given)}
    return pen.standard(body, f"fb{given.number}")


def google_forms(given: Given, pen: Pen) -> Sent:
    """Send what our script for Google Forms makes of a submission."""
    score = {"item_id": 101, "title": "How satisfied are you?", "item_type": "SCALE", "scale": [1, 5]}
    why = {"item_id": 102, "title": "Why?", "item_type": "PARAGRAPH_TEXT", "scale": None, "value": given.comment}
    data: dict[str, Any] = {
        "form_id": given.form,
        "form_title": "Lumen Desk",
        "response_id": f"gf{given.number}",
        "submitted_at": given.iso,
        "respondent_email": given.email or None,
        "answers": [{**score, "value": str(given.points)}, why],
    }
    body = {"type": "google_forms.response", "timestamp": given.iso, "data": data}
    return pen.standard(body, f"gf_{given.number}")


def jotform(given: Given, pen: Pen) -> Sent:
    """Send a form of parts; the answers are JSON inside one of them, the secret stands in the address."""
    first, last = given.names
    raw = {
        "slug": f"submit/{given.form}",
        "q3_name": {"first": first, "last": last},
        "q4_email": given.email,
        "q5_rating": str(given.points),
        "q6_comment": given.comment,
    }
    parts = {
        "formID": given.form,
        "formTitle": "Lumen Desk",
        "submissionID": f"jf{given.number}",
        "rawRequest": json.dumps(raw),
        "pretty": "",
    }
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in parts.items()
    ]
    body = "".join([*lines, f"--{BOUNDARY}--\r\n"]).encode()
    return Sent(body, {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}, f"/{pen.secret}")


def surveymonkey(given: Given, pen: Pen) -> Sent:
    """Send the ids of a response; the rest has to be asked for."""
    body = {
        "name": "Hearback",
        "event_type": "response_completed",
        "event_id": str(given.number + 1),
        "object_type": "response",
        "object_id": str(given.number),
        "event_datetime": given.iso,
        "resources": {"survey_id": given.form, "collector_id": "1", "respondent_id": str(given.number)},
    }
    sent = pen.signed(body, "sm-signature", "sha1")
    kind = {"content-type": "application/vnd.surveymonkey.response.v1+json", "sm-apikey": "lumen"}
    return Sent(sent.body, {**sent.headers, **kind})


def qualtrics(given: Given, pen: Pen) -> Sent:
    """Send the ids of a response, as a form whose one field is signed; the rest has to be asked for."""
    said = {"Status": "Complete", "SurveyID": given.form, "ResponseID": f"R_{given.number}", "BrandID": "lumen"}
    message = json.dumps(said)
    fields = {
        "Topic": f"lumen.surveyengine.completedResponse.{given.form}",
        "MSG": message,
        "HMAC": pen.seal(message.encode(), "sha512", is_hex=True),
    }
    return Sent(urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded"})


def questionpro(given: Given, pen: Pen) -> Sent:
    """Send a whole response."""
    score, why = {"scale": str(given.points), "text": ""}, {"scale": "", "text": given.comment}
    return pen.shown(
        {
            "responseID": given.number,
            "surveyID": given.form,
            "surveyName": "Lumen Desk",
            "timestamp": f"{given.at:%d %b, %Y %I:%M:%S %p} UTC",
            "responseStatus": "Completed",
            "externalReference": given.customer_id,
            "emailAddress": given.email,
            "responseSet": [
                {"questionID": 501, "answerValues": [{"answerText": str(given.points), "value": score}]},
                {"questionID": 502, "answerValues": [{"answerText": "", "value": why}]},
            ],
        }
    )


def surveysparrow(given: Given, pen: Pen) -> Sent:
    """Send a finished submission."""
    score = {"answer": given.points, "question": "Your rating", "question_type": "NPSScore", "question_id": 1}
    why = {"answer": given.comment, "question": "Why?", "question_type": "NPSFeedback", "question_id": 2}
    data = {
        "id": given.number,
        "state": "COMPLETED",
        "completed_time": given.iso,
        "language": given.language,
        "survey_id": 40,
        "contact": {"id": given.number, "email": given.email, "full_name": given.name},
        "survey": {"id": 40, "survey_type": "NPS", "name": "Lumen Desk"},
        "answers": {"1": score, "2": {**why, "parent_question_id": 1}},
    }
    return pen.shown({"eventType": "onSubmissionComplete", "objectType": "SUBMISSION", "data": data})


def posthog(given: Given, pen: Pen) -> Sent:
    """Send a survey's event with the person who answered."""
    event = {
        "uuid": f"phe{given.number}",
        "event": "survey sent",
        "distinct_id": given.customer_id or f"ph{given.number}",
        "timestamp": given.iso,
        "properties": {
            "$survey_id": given.form,
            "$survey_name": "Lumen Desk",
            "$survey_response_score": str(given.points),
            "$survey_response_why": given.comment,
            "$survey_submission_id": f"ph{given.number}",
            "$survey_completed": True,
        },
    }
    person = {"id": f"php{given.number}", "properties": {"email": given.email, "name": given.name}}
    raw = json.dumps({"event": event, "person": person}).encode()
    return Sent(raw, JSON_TYPE | {"authorization": f"Bearer {pen.secret}"})
