/** The customers' mailbox: what each of them has received, and what they can do with it. */

import { paneFor } from "./channels.js";
import { fromNow, fullTime, time } from "./clock.js";
import { h, icon, iconButton, keyed } from "./dom.js";
import { face } from "./faces.js";
import { grow } from "./inputs.js";
import { confirmed, toast } from "./overlay.js";
import { go } from "./route.js";
import { act, changed, store } from "./store.js";

const SEEN = "hearback-sandbox-mails";
const asText = new Set();
const replies = new Map();
let seen = null;

const address = (text) => (/<([^>]+)>/.exec(text ?? "")?.[1] ?? text ?? "").trim().toLowerCase();
const shownName = (text) => /^\s*"?([^"<]*?)"?\s*</.exec(text ?? "")?.[1] || (text ?? "");
const mailMs = (mail) => {
  const at = mail.at ?? mail.time ?? mail.date;
  return typeof at === "number" ? at * 1000 : Date.parse(at);
};
const isReply = (mail) => mail.direction === "out" || mail.direction === "reply" || mail.kind === "reply" || mail.by_customer === true;
const firstTo = (mail) => (Array.isArray(mail.to) ? mail.to[0] : mail.to);
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
  } catch { /* a browser that keeps nothing shows them as new again */ }
}

const isNew = (mail) => !isReply(mail) && !seenIds().has(mail.id);

/** How many mails to customers nobody has looked at. */
export const newMails = () => (store.state.mailbox ?? []).filter(isNew).length;

/** Draw the mailbox; `wanted` is the address of the customer in the page's address. */
export function drawMailbox(main, wanted) {
  const pane = paneFor(main, "mail", () => [
    h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, h("h1", {}, icon("mail"), "Customers’ mailbox"), h("span", { class: "topic" }, "What your customers find in their inbox. Nothing leaves this machine."))),
    h("div", { class: "mail" }, h("div", { class: "mail-people" }), h("div", { class: "scroll mail-list" }))]);
  const [people, list] = pane.querySelector(".mail").children;
  const boxes = new Map();
  for (const mail of [...(store.state.mailbox ?? [])].sort((one, other) => mailMs(one) - mailMs(other))) boxes.set(customerOf(mail), [...(boxes.get(customerOf(mail)) ?? []), mail]);
  const names = [...boxes.keys()].sort((one, other) => mailMs(boxes.get(other).at(-1)) - mailMs(boxes.get(one).at(-1)));
  const chosen = wanted && boxes.has(address(wanted)) ? address(wanted) : null;
  const shown = chosen ?? names[0];
  pane.classList.toggle("one-chosen", Boolean(chosen));
  keyed(people, names.length ? names.map((email) => person(email, boxes.get(email), email === shown, email === chosen)) : [{ key: "none", sign: "", build: () => h("p", { class: "empty" }, "No mail has been sent yet. Tell a customer what changed, wait for the short delay (or wind the clock), and it arrives here.") }]);
  keyed(list, shown ? [header(shown), ...[...boxes.get(shown)].reverse().map(letter)] : []);
  if (shown && !document.hidden && (chosen || matchMedia("(min-width: 760px)").matches)) markSeen(boxes.get(shown));
}

function person(email, mails, isShown, isChosen) {
  const last = mails.at(-1);
  const fresh = mails.filter(isNew).length;
  return { key: email, sign: JSON.stringify([last.id, isShown, isChosen, fresh, mails.length, fromNow(mailMs(last))]), build: () =>
    h("a", { class: `mail-person${isShown ? " current" : ""}`, href: `#mail/${encodeURIComponent(email)}`, "aria-current": isShown ? "true" : null, "data-fk": `mail ${email}` },
      face(nameFor(email), "small"), h("span", { class: "mail-person-text" }, h("strong", {}, nameFor(email)), h("small", {}, last.subject)),
      h("span", { class: "mail-person-side" }, h("small", {}, fromNow(mailMs(last), "narrow")), fresh > 0 && h("span", { class: "badge loud" }, String(fresh)))) };
}

function header(email) {
  const one = known(email);
  return { key: `head ${email}`, sign: JSON.stringify(one ?? null), build: () => h("div", { class: "mail-head" },
    iconButton("back", "All customers", () => go("mail"), { class: "icon-button only-narrow" }),
    h("div", {}, h("h2", {}, nameFor(email)), h("small", {}, [one?.account, one?.segment, email].filter(Boolean).join(" · ")))) };
}

function letter(mail) {
  return { key: String(mail.id), sign: JSON.stringify([mail, asText.has(mail.id), replies.has(mail.id), fromNow(mailMs(mail))]), build: () =>
    h("article", { class: `letter${isReply(mail) ? " reply" : ""}`, "aria-label": mail.subject },
      h("header", { class: "letter-head" },
        h("h3", {}, mail.subject || "(no subject)"),
        mail.bounced && h("span", { class: "tag danger" }, "Bounced"), isReply(mail) && h("span", { class: "tag" }, "Written by the customer"),
        h("dl", {}, h("dt", {}, "From"), h("dd", { title: mail.from }, shownName(mail.from), h("small", {}, ` ${address(mail.from)}`)), h("dt", {}, "To"), h("dd", {}, [mail.to].flat().join(", ")),
          mail.reply_to && [h("dt", {}, "Reply to"), h("dd", {}, mail.reply_to)],
          h("dt", {}, "Date"), h("dd", {}, time(mailMs(mail), fullTime(mailMs(mail))), h("small", {}, ` ${fromNow(mailMs(mail))}`)))),
      content(mail),
      !isReply(mail) && actions(mail)) };
}

function content(mail) {
  const plainly = !mail.html || asText.has(mail.id);
  const body = plainly ? h("div", { class: "letter-text" }, mail.text ?? "") : frame(mail);
  const both = mail.html && mail.text;
  return [both && h("div", { class: "toggle", role: "group", "aria-label": "Show this mail as" }, part(mail, "HTML", false), part(mail, "Text", true)), body];
}

function part(mail, label, text) {
  const on = asText.has(mail.id) === text;
  return h("button", { type: "button", "aria-pressed": on ? "true" : "false", "data-fk": `part ${mail.id} ${label}`, onclick: () => { text ? asText.add(mail.id) : asText.delete(mail.id); redraw(); } }, label);
}

/** HTML from a mail can't run scripts, send forms, or reach the page: the frame may only open links in a new tab. */
function frame(mail) {
  const box = h("iframe", { class: "letter-html", sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox", title: `Mail: ${mail.subject}`, referrerpolicy: "no-referrer", srcdoc: mail.html });
  const fit = () => {
    const inside = box.contentDocument?.documentElement;
    if (inside) box.style.height = `${Math.min(1200, Math.max(80, inside.scrollHeight + 4))}px`;
  };
  box.addEventListener("load", () => {
    fit();
    for (const anchor of box.contentDocument?.querySelectorAll("a") ?? []) { anchor.target = "_blank"; anchor.rel = "noopener noreferrer"; }
    setTimeout(fit, 150);
  });
  return box;
}

function actions(mail) {
  if (replies.has(mail.id)) return replyForm(mail);
  return h("div", { class: "b-actions" },
    h("button", { type: "button", class: "button", "data-fk": `reply ${mail.id}`, onclick: () => { replies.set(mail.id, ""); redraw(); focusOn(`reply-text ${mail.id}`); } }, icon("reply"), "Reply as customer"),
    !mail.bounced && h("button", { type: "button", class: "button quiet-danger", "data-fk": `bounce ${mail.id}`, onclick: () => bounce(mail) }, "Bounce this mail"));
}

function replyForm(mail) {
  const box = h("textarea", { class: "input", rows: 3, "aria-label": "The customer's reply", "data-fk": `reply-text ${mail.id}`, placeholder: "Thanks, but it still isn’t solved…", value: replies.get(mail.id), oninput: () => replies.set(mail.id, box.value) });
  grow(box);
  const leave = () => { replies.delete(mail.id); redraw(); focusOn(`reply ${mail.id}`); };
  return h("form", { class: "reply-form", onsubmit: async (event) => {
    event.preventDefault();
    if (!box.value.trim()) return toast("Write something first.", "error");
    const answer = await act({ do: "mail_reply", mail_id: mail.id, id: mail.id, text: box.value });
    if (!answer.ok) return toast(answer.error ?? "The reply could not be sent.", "error");
    leave();
    toast("The customer's reply was sent.");
  } }, box, h("div", { class: "b-actions" }, h("button", { class: "button primary" }, "Send the reply"), h("button", { type: "button", class: "button", onclick: leave }, "Cancel")));
}

async function bounce(mail) {
  if (!(await confirmed("Bounce this mail?", `Hearback will hear that ${firstTo(mail)} can't be reached, as if their mail server had sent it back.`, "Bounce it", "Cancel", true))) return;
  const answer = await act({ do: "mail_bounce", mail_id: mail.id, id: mail.id });
  if (answer.ok) toast("The mail bounced. Look at the case's thread.");
  else toast(answer.error ?? "The mail could not be bounced.", "error");
}

const focusOn = (name) => document.querySelector(`[data-fk="${CSS.escape(name)}"]`)?.focus();

const redraw = () => changed();
