/** What the acting member has not looked at yet. The server's count is believed; until it knows better, our own marks. */

import { act, store } from "./store.js";

const told = new Map();

/** The messages of a channel that this member may see, oldest first. */
export function visible(channelId) {
  const all = store.state?.messages?.[channelId] ?? [];
  const mine = all.filter((message) => !message.ephemeral_for || message.ephemeral_for === store.as);
  return mine.sort((one, other) => (one.ts < other.ts ? -1 : one.ts > other.ts ? 1 : 0));
}

/** How many messages of a channel are unread. */
export function unread(one) {
  const mark = told.get(`${store.as} ${one.id}`);
  const newest = visible(one.id).at(-1)?.ts ?? "";
  return mark && mark >= newest ? 0 : (one.unread ?? 0);
}

/** The member is looking at this channel: its messages are read. */
export function looked(one) {
  if (document.hidden) return;
  const newest = visible(one.id).at(-1)?.ts;
  const key = `${store.as} ${one.id}`;
  if (!newest || !one.unread || told.get(key) >= newest) return;
  told.set(key, newest);
  act({ do: "read", channel: one.id, ts: newest });
}
