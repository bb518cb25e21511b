/** The customers' mailbox: what each of them has received, and what they can do with it. */

import { paneFor } from "./channels.js";
import { fromNow } from "./clock.js";
import { h, icon, iconButton, keyed } from "./dom.js";
import { face } from "./faces.js";
import { address, firstTo, isReply, letter, mailMs } from "./letters.js";
import { go } from "./route.js";
import { changed, store } from "./store.js";

const SEEN = "hearback-sandbox-mails";
let seen = null;

const customerOf = (mail) => address(isReply(mail) ? mail.from : firstTo(mail));
const known = (email) => store.state.customers?.find((one) => address(one.email) === email);
const nameFor = (email) => known(email)?.name ?? email;

function seenIds() {
  if (seen) return seen;
  try {
    seen = new Set(JSON.parse(sessionStorage.getItem(SEEN) ?? "[]"));
  } catch {
    seen = new Set();
  }
  return seen;
}

function markSeen(mails) {
  if (!mails.some(isNew)) return;
  queueMicrotask(changed); // the number in the sidebar goes away
  for (const mail of mails) seenIds().add(mail.id);
  try {
    sessionStorage.setItem(SEEN, JSON.stringify([...seenIds()]));
  } catch {
    /* a browser that keeps nothing shows them as new again */
  }
}

const isNew = (mail) => !isReply(mail) && !seenIds().has(mail.id);

/** How many mails to customers nobody has looked at. */
export const newMails = () => (store.state.mailbox ?? []).filter(isNew).length;

/** Draw the mailbox; `wanted` is the address of the customer in the page's address. */
export function drawMailbox(main, wanted) {
  const pane = paneFor(main, "mail", () => [
    h(
      "header",
      { class: "pane-head" },
      h(
        "div",
        { class: "pane-title" },
        h("h1", {}, icon("mail"), "Customers’ mailbox"),
        h("span", { class: "topic" }, "What your customers find in their inbox. Nothing leaves this machine."),
      ),
    ),
    h("div", { class: "mail" }, h("div", { class: "mail-people" }), h("div", { class: "scroll mail-list" })),
  ]);
  const [people, list] = pane.querySelector(".mail").children;
  const boxes = new Map();
  for (const mail of [...(store.state.mailbox ?? [])].sort((one, other) => mailMs(one) - mailMs(other)))
    boxes.set(customerOf(mail), [...(boxes.get(customerOf(mail)) ?? []), mail]);
  const names = [...boxes.keys()].sort((one, other) => mailMs(boxes.get(other).at(-1)) - mailMs(boxes.get(one).at(-1)));
  const chosen = wanted && boxes.has(address(wanted)) ? address(wanted) : null;
  const shown = chosen ?? names[0];
  pane.classList.toggle("one-chosen", Boolean(chosen));
  keyed(
    people,
    names.length
      ? names.map((email) => person(email, boxes.get(email), email === shown, email === chosen))
      : [
          {
            key: "none",
            sign: "",
            build: () =>
              h(
                "p",
                { class: "empty" },
                "No mail has been sent yet. Tell a customer what changed, wait for the short delay (or wind the clock), and it arrives here.",
              ),
          },
        ],
  );
  keyed(list, shown ? [header(shown), ...[...boxes.get(shown)].reverse().map(letter)] : []);
  if (shown && !document.hidden && (chosen || matchMedia("(min-width: 760px)").matches)) markSeen(boxes.get(shown));
}

function person(email, mails, isShown, isChosen) {
  const last = mails.at(-1);
  const fresh = mails.filter(isNew).length;
  return {
    key: email,
    sign: JSON.stringify([last.id, isShown, isChosen, fresh, mails.length, fromNow(mailMs(last))]),
    build: () =>
      h(
        "a",
        {
          class: `mail-person${isShown ? " current" : ""}`,
          href: `#mail/${encodeURIComponent(email)}`,
          "aria-current": isShown ? "true" : null,
          "data-fk": `mail ${email}`,
        },
        face(nameFor(email), "small"),
        h("span", { class: "mail-person-text" }, h("strong", {}, nameFor(email)), h("small", {}, last.subject)),
        h(
          "span",
          { class: "mail-person-side" },
          h("small", {}, fromNow(mailMs(last), "narrow")),
          fresh > 0 && h("span", { class: "badge loud" }, String(fresh)),
        ),
      ),
  };
}

function header(email) {
  const one = known(email);
  return {
    key: `head ${email}`,
    sign: JSON.stringify(one ?? null),
    build: () =>
      h(
        "div",
        { class: "mail-head" },
        iconButton("back", "All customers", () => go("mail"), { class: "icon-button only-narrow" }),
        h(
          "div",
          {},
          h("h2", {}, nameFor(email)),
          h("small", {}, [one?.account, one?.segment, email].filter(Boolean).join(" · ")),
        ),
      ),
  };
}
