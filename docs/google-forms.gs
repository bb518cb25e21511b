/**
 * Sends each response of a Google Form to Hearback, signed as Standard Webhooks are.
 *
 * In the form: ⋮, Apps Script; paste this file in place of what is there. Project Settings, Script Properties: add
 *   HEARBACK_URL     https://your.address/webhooks/google_forms
 *   HEARBACK_SECRET  the same as WEBHOOK_SECRET_GOOGLE_FORMS, whsec_ and what follows
 * Then choose the function `install` and press Run, once, and grant what it asks for.
 * `sendAll` sends what was answered before; it may be run again at any time, as nothing is taken twice.
 */

const ATTEMPTS = 4;

/** Sees to it that every response is sent as it comes in. */
function install() {
  const form = FormApp.getActiveForm();
  const isThere = ScriptApp.getProjectTriggers().some((one) => one.getHandlerFunction() === 'onResponse');
  if (!isThere) {
    ScriptApp.newTrigger('onResponse').forForm(form).onFormSubmit().create();
  }
}

/** Google calls this for every response, and again when somebody edits theirs. */
function onResponse(event) {
  send(event.source, event.response);
}

/** Sends every response that the form holds. */
function sendAll() {
  const form = FormApp.getActiveForm();
  form.getResponses().forEach((response) => send(form, response));
}

function send(form, response) {
  const at = response.getTimestamp().toISOString();
  const body = JSON.stringify({
    type: 'google_forms.response',
    timestamp: at,
    data: {
      form_id: form.getId(),
      form_title: form.getTitle(),
      response_id: response.getId(),
      submitted_at: at,
      respondent_email: response.getRespondentEmail() || null,
      answers: response.getItemResponses().map(answer),
    },
  });
  // An edited response keeps its id: with the time, each version is a message of its own.
  post(`${response.getId()}_${response.getTimestamp().getTime()}`, body);
}

function answer(given) {
  const item = given.getItem();
  return {
    item_id: item.getId(),
    title: item.getTitle(),
    item_type: String(item.getType()),
    scale: scaleOf(item),
    value: given.getResponse(),
  };
}

function scaleOf(item) {
  if (item.getType() === FormApp.ItemType.SCALE) {
    const scale = item.asScaleItem();
    return [scale.getLowerBound(), scale.getUpperBound()];
  }
  if (item.getType() === FormApp.ItemType.RATING) {
    return [1, item.asRatingItem().getRatingScaleLevel()];
  }
  return null;
}

/** Posts a body; tries again while Hearback can't be reached, and fails visibly (Google then writes you a mail). */
function post(id, body) {
  const properties = PropertiesService.getScriptProperties();
  const url = properties.getProperty('HEARBACK_URL');
  const secret = properties.getProperty('HEARBACK_SECRET');
  if (!url || !secret) {
    throw new Error('Add the script properties HEARBACK_URL and HEARBACK_SECRET.');
  }
  let problem = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) {
      Utilities.sleep(1000 * 5 ** attempt);
    }
    try {
      const status = UrlFetchApp.fetch(url, request(id, body, secret)).getResponseCode();
      if (status < 300) {
        return;
      }
      problem = `Hearback answered ${status}.`;
      if (status < 500 && status !== 429) {
        break;
      }
    } catch (error) {
      problem = String(error);
    }
  }
  throw new Error(`A response could not be sent. ${problem} Run sendAll when this is mended.`);
}

function request(id, body, secret) {
  const seconds = String(Math.floor(Date.now() / 1000));
  const key = Utilities.base64Decode(secret.trim().replace(/^whsec_/, ''));
  const signed = Utilities.newBlob(`${id}.${seconds}.${body}`).getBytes();
  const signature = Utilities.base64Encode(Utilities.computeHmacSha256Signature(signed, key));
  return {
    method: 'post',
    contentType: 'application/json',
    payload: body,
    muteHttpExceptions: true,
    headers: { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` },
  };
}
