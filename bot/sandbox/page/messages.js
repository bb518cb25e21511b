/** One message: who, when, its blocks, its thread, and what can be done with it. */

import { blockItems } from "./blocks.js";
import { dayHeading, fromNow, time } from "./clock.js";
import { fill, h, icon, iconButton, keyed } from "./dom.js";
import { emoji } from "./emoji.js";
import { appAvatar, avatar, status } from "./faces.js";
import { mrkdwn } from "./mrkdwn.js";
import { menu, toast } from "./overlay.js";
import { cameFrom, messagePlace } from "./press.js";
import { go } from "./route.js";
import { act, appName, member, nameOf, store } from "./store.js";

const GROUP_SECONDS = 300;
const dismissed = new Set();

const msOf = (message) => Number(message.ts) * 1000;
const isApp = (message) => Boolean(message.bot_id || message.bot || message.app_id || member(message.user)?.is_bot);
const dayOf = (message) => new Date(msOf(message)).toDateString();

/** Whether a message stands in the channel itself, not only in a thread. */
export const isTop = (message) =>
  !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast";

/** Forget an ephemeral message that the visitor dismissed. */
export const isDismissed = (message) => dismissed.has(message.ts);

/** Messages as items for `keyed`, with a line between days. `replies` counts a thread's messages by its ts. */
export function messageItems(channelId, messages, { inThread = false, replies = new Map(), sign = "" } = {}) {
  const items = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (!inThread && (!before || dayOf(before) !== dayOf(message))) {
      items.push({
        key: `day ${dayOf(message)}`,
        sign: dayHeading(msOf(message)),
        build: () => h("div", { class: "day", role: "separator" }, h("span", {}, dayHeading(msOf(message)))),
      });
    }
    const joined = Boolean(before) && follows(before, message);
    const thread = inThread ? [] : (replies.get(message.ts) ?? []);
    const frame = JSON.stringify([
      message.user,
      message.username,
      message.edited,
      message.text && !message.blocks?.length && message.text,
      message.reactions,
      message.attachments,
      message.files,
      joined,
      thread.length,
      thread.length && fromNow(msOf(thread.at(-1))),
    ]);
    items.push({
      key: `message ${message.ts}`,
      sign: sign + frame,
      build: () => frameOf(channelId, message, { joined, thread, inThread }),
      message,
    });
  });
  return items;
}

function follows(before, message) {
  const same = before.user === message.user && before.username === message.username && isApp(before) === isApp(message);
  return (
    same &&
    !message.blocks?.length &&
    !before.ephemeral_for &&
    !message.ephemeral_for &&
    dayOf(before) === dayOf(message) &&
    message.ts - before.ts < GROUP_SECONDS
  );
}

/** Draw the list, then the blocks inside each message, so that a redrawn card keeps what is typed in its fields. */
export function drawMessages(list, channelId, items, sign) {
  keyed(list, items);
  for (const { key, message } of items) {
    if (!message) continue;
    const body = list.querySelector(`[data-message="${CSS.escape(message.ts)}"] > .m-body > .m-blocks`);
    if (body && key) keyed(body, blockItems(message.blocks ?? [], messagePlace(channelId, message), { sign }));
  }
}

function frameOf(channelId, message, { joined, thread, inThread }) {
  const app = isApp(message);
  const name = message.username || (app ? appName() : nameOf(message.user ?? "?"));
  const face = app ? appAvatar() : avatar(message.user);
  const gone = message.subtype === "tombstone";
  return h(
    "article",
    {
      class: `message${joined ? " joined" : ""}${message.ephemeral_for ? " ephemeral" : ""}${gone ? " gone" : ""}`,
      "data-message": message.ts,
      "aria-label": `${name}: ${message.text?.slice(0, 120) ?? ""}`,
    },
    h("div", { class: "m-side" }, joined ? time(msOf(message), undefined, { class: "m-time" }) : face),
    h(
      "div",
      { class: "m-body" },
      message.ephemeral_for && h("div", { class: "m-only" }, icon("eye"), "Only visible to you"),
      !joined &&
        h(
          "div",
          { class: "m-head" },
          h("span", { class: "m-name" }, name),
          app ? h("span", { class: "m-app" }, "APP") : status(message.user),
          time(msOf(message), undefined, { class: "m-time" }),
          message.edited && h("span", { class: "m-edited" }, "edited"),
        ),
      !message.blocks?.length && h("div", { class: "m-text b-text" }, mrkdwn(message.text ?? "")),
      h("div", { class: "m-blocks" }),
      (message.attachments ?? []).map((one) =>
        h(
          "div",
          { class: "m-attachment", style: one.color ? `border-color:#${one.color.replace("#", "")}` : null },
          one.pretext,
          one.title && h("strong", {}, one.title),
          one.text ? h("div", { class: "b-text" }, mrkdwn(one.text)) : one.fallback,
        ),
      ),
      reactions(message),
      thread.length > 0 && threadLink(channelId, message, thread),
      message.ephemeral_for &&
        h(
          "button",
          {
            type: "button",
            class: "link-button",
            onclick: (event) => {
              dismissed.add(message.ts);
              event.currentTarget.closest(".message").remove();
            },
          },
          "Dismiss this message",
        ),
    ),
    !gone && tools(channelId, message, inThread),
  );
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h(
    "div",
    { class: "m-reactions" },
    message.reactions.map((one) =>
      h(
        "span",
        { class: "reaction", title: (one.users ?? []).map(nameOf).join(", ") },
        emoji(one.name) ?? `:${one.name}:`,
        " ",
        one.count ?? one.users?.length ?? 1,
      ),
    ),
  );
}

function threadLink(channelId, message, thread) {
  const people = [...new Set(thread.map((reply) => (isApp(reply) ? "app" : reply.user)))].slice(0, 4);
  const last = msOf(thread.at(-1));
  return h(
    "a",
    { class: "m-thread", href: `#thread/${channelId}/${message.ts}` },
    h(
      "span",
      { class: "m-faces" },
      people.map((id) => (id === "app" ? appAvatar("tiny") : avatar(id, "tiny"))),
    ),
    h("strong", {}, thread.length === 1 ? "1 reply" : `${thread.length} replies`),
    h("span", { class: "m-last" }, `last ${fromNow(last)}`),
  );
}

function tools(channelId, message, inThread) {
  const root = message.thread_ts ?? message.ts;
  const open = (event) =>
    menu(
      event.currentTarget,
      [
        ...(inThread || message.ephemeral_for
          ? []
          : [{ label: "Reply in thread", act: () => go(`thread/${channelId}/${root}`) }]),
        ...shortcuts("message").map((one) => ({
          label: one.name,
          note: appName(),
          act: () => use(one, channelId, message.ts),
        })),
        { label: "Copy text", act: () => copy(message) },
      ],
      "More actions for this message",
    );
  return h(
    "div",
    { class: "m-tools" },
    !inThread &&
      !message.ephemeral_for &&
      iconButton("reply", "Reply in thread", () => go(`thread/${channelId}/${root}`)),
    iconButton("dots", "More actions", open, { "aria-haspopup": "menu", "data-fk": `tools ${message.ts}` }),
  );
}

/** The app's shortcuts: "message" ones stand in a message's menu, "global" ones beside the composer. */
export function shortcuts(kind) {
  const isMessage = (one) => String(one.type ?? "message").startsWith("message");
  return (store.state.shortcuts ?? []).filter((one) => isMessage(one) === (kind === "message"));
}

async function use(one, channelId, ts) {
  cameFrom(channelId);
  const answer = await act({ do: "shortcut", channel: channelId, ts, callback_id: one.callback_id });
  if (!answer.ok) toast(answer.error ?? "The shortcut could not be used.", "error");
}

async function copy(message) {
  try {
    await navigator.clipboard.writeText(message.text ?? "");
    toast("Copied.");
  } catch {
    toast("The browser didn't allow copying.", "error");
  }
}

/** Replace a list's content by a sentence. */
export const emptyList = (list, sentence) => fill(list, h("p", { class: "empty" }, sentence));
