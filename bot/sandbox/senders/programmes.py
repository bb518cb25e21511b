"""How feedback programmes send an answer: HubSpot, Delighted, AskNicely, Retently, SatisMeter, Survicate, Wootric."""

import json

from bot.sandbox.given import Given
from bot.sandbox.senders.signing import JSON_TYPE, Pen, Sent
from bot.sandbox.vendors.programmes import retently_feedback


def hubspot(given: Given, pen: Pen) -> Sent:
    """Send a list of events that name submissions; the rest has to be asked for."""
    event = {
        "eventId": given.number,
        "subscriptionType": "object.creation",
        "objectTypeId": "0-19",
        "objectId": given.number,
        "occurredAt": given.seconds * 1000,
        "changeFlag": "CREATED",
    }
    raw, stamp = json.dumps([event]).encode(), str(int(pen.at.timestamp() * 1000))
    seal = pen.seal(f"POST{pen.url}".encode() + raw + stamp.encode(), "sha256")
    return Sent(raw, JSON_TYPE | {"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": seal})


def delighted(given: Given, pen: Pen) -> Sent:
    """Send a response with its person."""
    data = {
        "id": str(given.number),
        "person": {"id": f"dl{given.number}", "email": given.email, "name": given.name},
        "survey_type": given.metric,
        "score": given.points,
        "comment": given.comment,
        "created_at": given.seconds,
        "updated_at": given.seconds,
        "person_properties": {"Company": given.account, "Locale": given.language},
    }
    body = {"event_type": "survey_response.created", "event_id": f"ev{given.number}", "event_data": data}
    return pen.signed(body, "x-delighted-webhook-signature", "sha256", prefix="sha256=", is_hex=True)


def asknicely(given: Given, pen: Pen) -> Sent:
    """Send a response; every value is text."""
    first, last = given.names
    person = {"id": str(given.number + 1), "name": given.name, "firstname": first, "lastname": last}
    person |= {"email": given.email, "company_c": given.account}
    question = {
        "id": str(given.number),
        "score": str(given.points),
        "comment": given.comment,
        "responded": str(given.seconds),
        "survey_template": given.form,
    }
    return pen.shown({"count": 1, "person": person, "question": question})


def retently(given: Given, pen: Pen) -> Sent:
    """Send feedback, in the words of the API."""
    return pen.shown(retently_feedback(given))


def satismeter(given: Given, pen: Pen) -> Sent:
    """Send a completed survey; the secret stands in the address."""
    user = {"name": given.name, "email": given.email, "userId": given.customer_id or f"sm{given.number}"}
    response = {
        "id": f"sm{given.number}",
        "rating": given.points,
        "feedback": given.comment,
        "completed": True,
        "created": given.iso,
        "project": "lumen",
        "user": {**user, "traits": {"company": given.account}},
    }
    raw = json.dumps({"event": "completed", "response": response}).encode()
    return Sent(raw, after=f"?key={pen.secret}")


def survicate(given: Given, pen: Pen) -> Sent:
    """Send the answer to one question."""
    answered = {
        "responseUuid": f"sv{given.number}",
        "survey": {"id": given.form, "name": "Lumen Desk"},
        "timestamp": given.iso,
        "respondent": {"id": given.number, "attributes": {"email": given.email, "company": given.account}},
        "question": {"id": 12, "body": "Would you recommend us?"},
        "type": "nps",
        "choice": {"id": given.points, "body": given.band, "comment": given.comment},
    }
    body = {"messageId": f"ev{given.number}", "deliveryTries": 1, "event": {"questionAnswered": answered}}
    return pen.signed(body, "hmac", "sha256", is_hex=True)


def wootric(given: Given, pen: Pen) -> Sent:
    """Send a response; the time has its offset after a space."""
    response = {
        "id": given.number,
        "email": given.email,
        "external_id": given.customer_id or None,
        "score": given.points,
        "text": given.comment,
        "end_user_id": given.number + 1,
        "end_user_properties": {"company": given.account},
        "survey_id": 40077,
        "created_at": f"{given.at:%Y-%m-%d %H:%M:%S} +0000",
    }
    body = {"event_name": "created", "survey_mode": given.metric.upper(), "response": response}
    return pen.signed(body, "x-wootric-signature", "sha1", prefix="sha1=", is_hex=True)
