/** A channel, a direct message, and the thread beside it. */

import { closedComposer, composer } from "./composer.js";
import { fill, h, icon, iconButton, keyed } from "./dom.js";
import { appAvatar, avatar } from "./faces.js";
import { drawMessages, emptyList, isDismissed, isTop, messageItems } from "./messages.js";
import { go } from "./route.js";
import { appName, member, nameOf, store, titleOf } from "./store.js";
import { looked, visible } from "./unread.js";

const NEAR = 120;
const heights = new Map();

/** Whose direct message this is: the other member's id, or "app". */
export function otherIn(one) {
  const others = (one.member_ids ?? []).filter((id) => id !== store.as && !member(id)?.is_bot);
  return others[0] && others[0] !== store.as ? others[0] : "app";
}

/** Draw the channel into the main pane. `sign` is what the look of every message depends on. */
export function drawChannel(main, one, sign) {
  const pane = paneFor(main, `channel ${store.as} ${one.id}`, () => [
    h("header", { class: "pane-head" }),
    h(
      "div",
      { class: "scroll", tabindex: "-1" },
      h("div", { class: "messages", role: "log", "aria-label": "Messages" }),
    ),
    h("div", { class: "pane-foot" }),
  ]);
  const [head, scroll, foot] = pane.children;
  keyed(head, [
    { key: "head", sign: JSON.stringify([one.name, one.topic, one.member_ids]) + sign, build: () => headOf(one) },
  ]);
  const seen = visible(one.id).filter((message) => !isDismissed(message));
  const replies = new Map();
  for (const message of seen)
    if (message.thread_ts && message.thread_ts !== message.ts)
      replies.set(message.thread_ts, [...(replies.get(message.thread_ts) ?? []), message]);
  const items = messageItems(one.id, seen.filter(isTop), { replies, sign });
  drawFoot(foot, one, null);
  stick(scroll, `${store.as} ${one.id}`, () => {
    if (items.length) drawMessages(scroll.firstChild, one.id, items, sign);
    else
      emptyList(
        scroll.firstChild,
        one.is_im
          ? "Nothing here yet."
          : "Nothing has happened in this channel yet. Answer a survey as an unhappy customer and look again.",
      );
  });
  looked(one);
}

function headOf(one) {
  const face = one.is_im && (otherIn(one) === "app" ? appAvatar("small") : avatar(otherIn(one), "small"));
  const people = (one.member_ids ?? []).filter((id) => member(id) && !member(id).is_bot);
  return h(
    "div",
    { class: "pane-title" },
    h("h1", {}, face || h("span", { class: "hash" }, "#"), titleOf(one)),
    !one.is_im && one.topic && h("span", { class: "topic" }, one.topic),
    !one.is_im &&
      people.length > 0 &&
      h(
        "span",
        { class: "members", title: people.map(nameOf).join(", ") },
        people.slice(0, 4).map((id) => avatar(id, "tiny")),
        h("span", {}, String(people.length)),
      ),
  );
}

function drawFoot(foot, one, thread) {
  const canWrite = !one.member_ids || one.member_ids.includes(store.as);
  keyed(foot, [
    {
      key: `composer ${store.as} ${one.id} ${thread ?? ""}`,
      sign: String(canWrite),
      build: () =>
        canWrite
          ? composer(one.id, thread, thread ? "Reply…" : `Message ${one.is_im ? "" : "#"}${titleOf(one)}`)
          : closedComposer(`${nameOf(store.as)} isn't in this channel and can only read it.`),
    },
  ]);
}

/** Draw the thread beside the channel; closes itself when the message is gone. */
export function drawThread(aside, one, ts, sign) {
  const all = visible(one.id).filter((message) => !isDismissed(message));
  const root = all.find((message) => message.ts === ts);
  const pane = paneFor(aside, `thread ${store.as} ${one.id} ${ts}`, () => [
    h("header", { class: "pane-head" }),
    h(
      "div",
      { class: "scroll", tabindex: "-1" },
      h("div", { class: "messages" }),
      h("div", { class: "messages", role: "log", "aria-label": "Replies" }),
    ),
    h("div", { class: "pane-foot" }),
  ]);
  const [head, scroll, foot] = pane.children;
  keyed(head, [
    {
      key: "head",
      sign: titleOf(one),
      build: () =>
        h(
          "div",
          { class: "pane-title" },
          iconButton("back", "Back to the channel", () => go(`channel/${one.id}`), {
            class: "icon-button only-narrow",
          }),
          h("h2", {}, "Thread", h("span", { class: "topic" }, one.is_im ? titleOf(one) : `#${titleOf(one)}`)),
          iconButton("close", "Close the thread", () => go(`channel/${one.id}`), { class: "icon-button only-wide" }),
        ),
    },
  ]);
  if (!root) return void emptyList(scroll.lastChild, "This message is gone.");
  const replies = all.filter((message) => message.thread_ts === ts && message.ts !== ts);
  drawFoot(foot, one, ts);
  stick(
    scroll,
    `${store.as} ${one.id} ${ts}`,
    () => {
      drawMessages(scroll.firstChild, one.id, messageItems(one.id, [root], { inThread: true, sign }), sign);
      const line = {
        key: "count",
        sign: String(replies.length),
        build: () =>
          h(
            "div",
            { class: "day replies" },
            h("span", {}, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
          ),
      };
      drawMessages(
        scroll.lastChild,
        one.id,
        [...(replies.length ? [line] : []), ...messageItems(one.id, replies, { inThread: true, sign })],
        sign,
      );
    },
    replies.length > 3,
  );
}

/** The pane with this key inside `place`; another one is taken away. */
export function paneFor(place, key, build) {
  if (place.dataset.pane === key && place.firstElementChild?.classList.contains("pane")) return place.firstElementChild;
  const pane = h("div", { class: "pane" });
  pane.append(...build());
  fill(place, pane);
  place.dataset.pane = key;
  return pane;
}

/** Draw while keeping the place: at the bottom if the reader was there, else where they were. */
function stick(scroll, key, draw, toBottom = true) {
  const fresh = scroll.dataset.key !== key;
  const atBottom = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
  const before = scroll.scrollTop;
  const had = scroll.scrollHeight;
  draw();
  scroll.dataset.key = key;
  if (fresh) {
    const begin = () => {
      scroll.scrollTop = heights.get(key) ?? (toBottom ? scroll.scrollHeight : 0);
    };
    begin();
    requestAnimationFrame(() => requestAnimationFrame(begin)); // text areas find their height a moment later
    scroll.addEventListener(
      "scroll",
      () => {
        const bottom = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
        bottom ? heights.delete(key) : heights.set(key, scroll.scrollTop);
      },
      { passive: true },
    );
  } else if (atBottom && scroll.scrollHeight > had) scroll.scrollTop = scroll.scrollHeight;
  else scroll.scrollTop = before;
}

/** The channel that is shown first: the one with most unread messages among the member's own. */
export function firstChannel() {
  const mine = store.state.channels.filter((one) => one.member_ids?.includes(store.as));
  const candidates = mine.length ? mine : store.state.channels;
  return (
    [...candidates].sort(
      (one, other) => (other.unread ?? 0) - (one.unread ?? 0) || Number(one.is_im) - Number(other.is_im),
    )[0] ?? null
  );
}

/** What is said when there is nothing to show. */
export const nothing = (main) =>
  fill(main, h("p", { class: "empty" }, icon("hash"), `${appName()}'s sandbox has no channels yet.`));
