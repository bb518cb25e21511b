/** Sending what was pressed or chosen, with a question before it where the element asks for one. */

import { textNodes, words } from "./mrkdwn.js";
import { confirmed, toast } from "./overlay.js";
import { act } from "./store.js";
import { remember, stateOf } from "./values.js";

/** Where something is pressed: a message or a view. `key` names it in the page, `container` for the server. */
export const messagePlace = (channel, message) => ({
  key: `msg:${channel}:${message.ts}`,
  container: { message: { channel, ts: message.ts } },
  channel,
});
export const viewPlace = (view) => ({ key: `view:${view.id}`, container: { view: view.id }, channel: lastChannel });

let lastChannel;

/** The visitor does something in this channel: what opens next belongs to it. */
export function cameFrom(channel) {
  lastChannel = channel;
}

async function agreed(element) {
  if (!element.confirm) return true;
  const { title, text, confirm, deny, style } = element.confirm;
  return confirmed(
    title ? wordsNode(title) : "Are you sure?",
    textNodes(text ?? ""),
    words(confirm) || "Yes",
    words(deny) || "Cancel",
    style === "danger",
  );
}

const wordsNode = (object) => document.createTextNode(words(object));

/** Press a button or an entry of an overflow menu. `shown` is the button, which waits until Hearback has answered. */
export async function press(place, block, element, more, shown) {
  if (!(await agreed(element))) return;
  await dispatch("press", place, block, element, more, shown);
}

/**
 * An element has a new value: remember it, and tell Hearback where Slack would. Returns false when the person declined.
 * Inputs only tell with dispatch_action; everything else always does.
 */
export async function choose(place, block, element, value, shown) {
  if (block.type === "input" && !block.dispatch_action) {
    remember(place.key, block, element, value);
    return true;
  }
  if (!(await agreed(element))) return false;
  const whole = remember(place.key, block, element, value);
  await dispatch("select", place, block, element, whole, shown);
  return true;
}

async function dispatch(what, place, block, element, more, shown) {
  if (place.container.message) cameFrom(place.channel);
  shown?.classList.add("busy");
  shown?.setAttribute("aria-busy", "true");
  const answer = await act({
    do: what,
    container: place.container,
    block_id: block.block_id,
    action_id: element.action_id,
    ...more,
    type: element.type,
    state: stateOf(place.key),
  });
  shown?.classList.remove("busy");
  shown?.removeAttribute("aria-busy");
  if (!answer.ok) toast(answer.error ?? "Hearback didn't take this press.", "error");
}
