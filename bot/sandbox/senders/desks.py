"""How help desks and chats send a rating: Zendesk, Freshdesk, Chatwoot, Help Scout and Intercom."""

import json

from bot.sandbox.given import Given
from bot.sandbox.senders.signing import JSON_TYPE, Pen, Sent

FRESHDESK_LABELS = {1: "Extremely Unhappy", 2: "Unhappy", 3: "Neutral", 4: "Very Happy", 5: "Extremely Happy"}
RATINGS = {"low": "Bad", "neutral": "Okay", "high": "Great"}


def zendesk(given: Given, pen: Pen) -> Sent:
    """Send what our trigger is told to: good or bad."""
    body = {
        "source": "zendesk_trigger",
        "ticket_id": str(given.number),
        "ticket_url": f"lumen.zendesk.example/agent/tickets/{given.number}",
        "rating": "bad" if given.band == "low" else "good",
        "rating_comment": given.comment,
        "requester_name": given.name,
        "requester_email": given.email,
        "requester_external_id": given.customer_id,
        "organization": given.account,
        "updated_at": given.iso,
    }
    raw = json.dumps(body).encode()
    seal = pen.seal(pen.iso.encode() + raw, "sha256")
    return Sent(
        raw,
        JSON_TYPE | {"x-zendesk-webhook-signature-timestamp": pen.iso, "x-zendesk-webhook-signature": seal},
    )


def freshdesk(given: Given, pen: Pen) -> Sent:
    """Send what our automation is told to: the label of the face."""
    said = {
        "ticket_id": given.number,
        "ticket_url": f"https://lumen.freshdesk.example/a/tickets/{given.number}",
        "ticket_satisfaction_rating": FRESHDESK_LABELS[given.points],
        "ticket_satisfaction_comment": given.comment,
        "ticket_contact_name": given.name,
        "ticket_contact_email": given.email,
        "ticket_company_name": given.account,
    }
    return pen.shown({"freshdesk_webhook": said})


def chatwoot(given: Given, pen: Pen) -> Sent:
    """Send the survey's message as it is once the customer has chosen a face."""
    sender = {
        "id": given.number + 3,
        "name": given.name,
        "email": given.email or None,
        "identifier": given.customer_id or None,
        "additional_attributes": {"company_name": given.account},
    }
    rating = {"rating": given.points, "feedback_message": given.comment}
    body = {
        "event": "message_updated",
        "id": given.number,
        "content_type": "input_csat",
        "content_attributes": {"submitted_values": {"csat_survey_response": rating}},
        "conversation": {
            "id": given.number + 2,
            "additional_attributes": {"browser_language": given.language},
            "meta": {"sender": sender},
        },
        "inbox": {"id": 4, "name": "Website"},
        "account": {"id": 1, "name": "Lumen Desk"},
    }
    raw, stamp = json.dumps(body).encode(), str(int(pen.at.timestamp()))
    seal = "sha256=" + pen.seal(f"{stamp}.".encode() + raw, "sha256", is_hex=True)
    return Sent(raw, JSON_TYPE | {"x-chatwoot-timestamp": stamp, "x-chatwoot-signature": seal})


def helpscout(given: Given, pen: Pen) -> Sent:
    """Send one of three words."""
    first, last = given.names
    body = {
        "id": given.number,
        "ticketId": given.number + 1,
        "mailbox": {"id": 12, "name": "Support"},
        "customer": {"id": given.number + 2, "firstName": first, "lastName": last, "email": given.email},
        "rating": RATINGS[given.band],
        "comments": given.comment,
        "createdAt": given.iso,
        "modifiedAt": given.iso,
    }
    sent = pen.signed(body, "x-helpscout-signature", "sha1")
    return Sent(sent.body, {**sent.headers, "x-helpscout-event": "satisfaction.ratings"})


def intercom(given: Given, pen: Pen) -> Sent:
    """Send a conversation that has been rated."""
    contact = {"type": "contact", "id": f"ic{given.number}", "external_id": given.customer_id or None}
    item = {
        "type": "conversation",
        "id": str(given.number),
        "source": {"author": {"type": "user", "id": f"ic{given.number}", "name": given.name, "email": given.email}},
        "contacts": {"type": "contact.list", "contacts": [contact]},
        "conversation_rating": {
            "rating": given.points,
            "remark": given.comment,
            "created_at": given.seconds,
            "contact": contact,
        },
    }
    body = {
        "type": "notification_event",
        "app_id": "lumen123",
        "topic": "conversation.rating.added",
        "id": f"notif_{given.number}",
        "created_at": given.seconds,
        "data": {"type": "notification_event_data", "item": item},
    }
    return pen.signed(body, "x-hub-signature", "sha1", prefix="sha1=", is_hex=True)
