"""The script for Google Forms, run outside Google with stand-ins for what Google gives it: its requests are taken."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from survey_samples import SECRETS

from bot.surveys import google_forms
from bot.surveys.request import Request
from workflows.answers import Answer
from workflows.policy import Policy

ADDRESS = "https://care.example/webhooks/google_forms"
SCRIPT = Path(__file__).parents[2] / "docs" / "google-forms.gs"
GOOGLE = """
const crypto = require('crypto'), sent = [], statuses = STATUSES.slice();
const FormApp = { ItemType: { SCALE: 'SCALE', RATING: 'RATING' } };
const PropertiesService = { getScriptProperties: () => ({ getProperty: (name) => PROPERTIES[name] || null }) };
const Utilities = {
  base64Decode: (text) => Array.from(Buffer.from(text, 'base64')),
  base64Encode: (bytes) => Buffer.from(bytes).toString('base64'),
  newBlob: (text) => ({ getBytes: () => Array.from(Buffer.from(text, 'utf8')) }),
  computeHmacSha256Signature: (content, key) =>
    Array.from(crypto.createHmac('sha256', Buffer.from(key)).update(Buffer.from(content)).digest()),
  sleep: () => undefined,
};
const UrlFetchApp = {
  fetch: (url, request) => { sent.push({ url, ...request }); return { getResponseCode: () => statuses.shift() }; },
};
const item = (id, type, more) => ({ getId: () => id, getTitle: () => 'Question ' + id, getType: () => type, ...more });
const scale = item(991, 'SCALE', { asScaleItem: () => ({ getLowerBound: () => 1, getUpperBound: () => 7 }) });
const given = (item, value) => ({ getItem: () => item, getResponse: () => value });
const response = {
  getId: () => '2_Invented01', getTimestamp: () => new Date('2027-03-02T14:19:00Z'),
  getRespondentEmail: () => 'lars.holm@fjordbygg.example',
  getItemResponses: () => [given(scale, '2'), given(item(992, 'PARAGRAPH_TEXT'), 'Zu spät “wieder”')],
};
const source = { getId: () => '1FormInventedAbC', getTitle: () => 'Deliveries' };
let problem = null;
"""
RUN = """
try { onResponse({ source, response }); } catch (error) { problem = error.message; }
console.log(JSON.stringify({ sent, problem }));
"""

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node, which stands in for Google, isn't here.")


def run(
    *statuses: int, url: str | None = "https://care.example/webhooks/google_forms"
) -> tuple[list[dict[str, Any]], str | None]:
    """Let somebody answer the form while Hearback answers with these statuses; give what was sent, and the error."""
    properties = {"HEARBACK_URL": url, "HEARBACK_SECRET": SECRETS["google_forms"]}
    start = f"const STATUSES = {json.dumps(statuses)}, PROPERTIES = {json.dumps(properties)};"
    program = "\n".join([start, GOOGLE, SCRIPT.read_text(encoding="utf-8"), RUN])
    done = subprocess.run(["node", "-"], input=program, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    return found["sent"], found["problem"]


@needs_node
def test_what_the_script_sends_is_signed_and_read(policy: Policy) -> None:
    [sent], _ = run(200)

    request = Request({name.lower(): value for name, value in sent["headers"].items()}, sent["payload"].encode())
    is_signed = google_forms.ADAPTER.verify(request, SECRETS["google_forms"], datetime.now(UTC))
    found = google_forms.parse(json.loads(sent["payload"]), policy, datetime.now(UTC))

    assert is_signed
    assert isinstance(found, Answer)
    assert (found.score, found.scale.ends, found.comment) == (2, (1, 7), "Zu spät “wieder”")
    assert (found.email, found.external_id) == ("lars.holm@fjordbygg.example", "2_Invented01")


@needs_node
def test_the_script_tries_again_while_hearback_is_down_and_says_when_it_gives_up() -> None:
    later, never, refused = run(503, 502, 200), run(503, 503, 503, 503), run(401)

    assert [len(sent) for sent, _ in (later, never, refused)] == [3, 4, 1]
    assert later[1] is None
    assert "sendAll" in str(never[1])
    assert "401" in str(refused[1])


@needs_node
def test_the_script_names_the_properties_it_misses() -> None:
    assert "HEARBACK_URL" in str(run(url=None)[1])
