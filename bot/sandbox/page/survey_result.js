/** What came of a survey answer: Hearback's own words, and links to where something happened. */

import { add, fill, h, icon } from "./dom.js";
import { appName, store, titleOf } from "./store.js";
import { visible } from "./unread.js";

/** The channels where something new stands since the answer was sent. */
function touched(answer) {
  const { before } = answer;
  return store.state.channels
    .map((one) => ({ one, fresh: visible(one.id).filter((message) => message.ts > (before.get(one.id) ?? "")) }))
    .filter(({ fresh }) => fresh.length > 0);
}

/** What the result looks like, for `keyed`. */
export const resultSign = (answer) =>
  answer
    ? JSON.stringify([answer.sent, answer.round, touched(answer).map(({ one, fresh }) => [one.id, fresh.length])])
    : "";

/** What Hearback answered, and where something happened. */
export function result(answer) {
  if (!answer) return h("div", { hidden: true });
  const { status, body, ok, sent, who } = answer;
  const good = ok !== false && (!status || status < 300);
  const places = touched(answer);
  const box = h(
    "section",
    { class: `result ${good ? "good" : "bad"}`, role: "status" },
    h(
      "h2",
      {},
      icon(good ? "check" : "warn"),
      good ? `${appName()} took ${sent} from ${who}` : `${appName()} refused ${sent} from ${who}`,
    ),
    h(
      "p",
      { class: "b-hint" },
      "It answered ",
      h("code", {}, [status, wordsOf(body ?? "")].filter(Boolean).join(" ")),
      ".",
    ),
  );
  const links = h("div", { class: "b-actions" });
  fill(
    links,
    places.map(({ one, fresh }) =>
      h(
        "a",
        { class: "button", href: hrefTo(one, fresh) },
        one.is_im ? `Direct message from ${titleOf(one)}` : `#${titleOf(one)}`,
        h("span", { class: "badge loud" }, String(fresh.length)),
      ),
    ),
  );
  return add(
    box,
    places.length
      ? [h("p", {}, "Something happened here:"), links]
      : h(
          "p",
          { class: "b-hint" },
          good
            ? "Only unhappy answers open a case. If this one does, its channel shows up here."
            : "Nothing was kept. Correct the answer and send it again.",
        ),
  );
}

/** The channel, or the thread when everything new stands in one. */
function hrefTo(one, fresh) {
  const threads = new Set(
    fresh.map((message) => (message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : "")),
  );
  const [only] = threads;
  return threads.size === 1 && only ? `#thread/${one.id}/${only}` : `#channel/${one.id}`;
}

const wordsOf = (body) => (typeof body === "string" ? body : JSON.stringify(body));
