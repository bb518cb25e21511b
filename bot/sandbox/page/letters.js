/** One mail in a customer's mailbox: its text or HTML, and answering or bouncing it. */

import { fromNow, fullTime, time } from "./clock.js";
import { h, icon } from "./dom.js";
import { grow } from "./inputs.js";
import { confirmed, toast } from "./overlay.js";
import { act, changed } from "./store.js";

const asText = new Set();
const replies = new Map();

/** The bare address in a header such as "Ada <ada@example.com>", in lower case. */
export const address = (text) => (/<([^>]+)>/.exec(text ?? "")?.[1] ?? text ?? "").trim().toLowerCase();
/** When a mail arrived, in milliseconds since 1970. */
export const mailMs = (mail) => Date.parse(mail.at);

/** Whether the customer wrote it. */
export const isReply = (mail) => mail.direction === "reply";

/** The first address it went to. */
export const firstTo = (mail) => (isReply(mail) ? mail.to : (mail.recipients?.[0] ?? mail.to));

/** One mail as an item for `keyed`. */
export function letter(mail) {
  return {
    key: String(mail.id),
    sign: JSON.stringify([mail, asText.has(mail.id), replies.has(mail.id), fromNow(mailMs(mail))]),
    build: () =>
      h(
        "article",
        { class: `letter${isReply(mail) ? " reply" : ""}`, "aria-label": mail.subject },
        h(
          "header",
          { class: "letter-head" },
          h("h3", {}, mail.subject || "(no subject)"),
          mail.bounced && h("span", { class: "tag danger" }, "Bounced"),
          isReply(mail) && h("span", { class: "tag" }, "Written by the customer"),
          h(
            "dl",
            {},
            h("dt", {}, "From"),
            h("dd", {}, mail.from),
            h("dt", {}, "To"),
            h("dd", {}, mail.to),
            mail.reply_to && [h("dt", {}, "Reply to"), h("dd", {}, mail.reply_to)],
            h("dt", {}, "Date"),
            h("dd", {}, time(mailMs(mail), fullTime(mailMs(mail))), h("small", {}, ` ${fromNow(mailMs(mail))}`)),
          ),
        ),
        content(mail),
        !isReply(mail) && actions(mail),
      ),
  };
}

function content(mail) {
  const plainly = !mail.html || asText.has(mail.id);
  const body = plainly ? h("div", { class: "letter-text" }, mail.text ?? "") : frame(mail);
  const both = mail.html && mail.text;
  return [
    both &&
      h(
        "div",
        { class: "toggle", role: "group", "aria-label": "Show this mail as" },
        part(mail, "HTML", false),
        part(mail, "Text", true),
      ),
    body,
  ];
}

function part(mail, label, text) {
  const on = asText.has(mail.id) === text;
  return h(
    "button",
    {
      type: "button",
      "aria-pressed": on ? "true" : "false",
      "data-fk": `part ${mail.id} ${label}`,
      onclick: () => {
        text ? asText.add(mail.id) : asText.delete(mail.id);
        changed();
      },
    },
    label,
  );
}

/** HTML from a mail can't run scripts, send forms, or reach the page: the frame may only open links in a new tab. */
function frame(mail) {
  const box = h("iframe", {
    class: "letter-html",
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    title: `Mail: ${mail.subject}`,
    referrerpolicy: "no-referrer",
    srcdoc: mail.html,
  });
  const fit = () => {
    const inside = box.contentDocument?.documentElement;
    if (inside)
      box.style.height = `${Math.min(1200, Math.max(60, Math.ceil(inside.getBoundingClientRect().height) + 4))}px`;
  };
  box.addEventListener("load", () => {
    fit();
    for (const anchor of box.contentDocument?.querySelectorAll("a") ?? []) {
      anchor.target = "_blank";
      anchor.rel = "noopener noreferrer";
    }
  });
  new ResizeObserver(fit).observe(box); // a frame that was hidden has no height until it is shown
  return box;
}

function actions(mail) {
  if (replies.has(mail.id)) return replyForm(mail);
  return h(
    "div",
    { class: "b-actions" },
    h(
      "button",
      {
        type: "button",
        class: "button",
        "data-fk": `reply ${mail.id}`,
        onclick: () => {
          replies.set(mail.id, "");
          changed();
          focusOn(`reply-text ${mail.id}`);
        },
      },
      icon("reply"),
      "Reply as customer",
    ),
    !mail.bounced &&
      h(
        "button",
        { type: "button", class: "button quiet-danger", "data-fk": `bounce ${mail.id}`, onclick: () => bounce(mail) },
        "Bounce this mail",
      ),
  );
}

function replyForm(mail) {
  const box = h("textarea", {
    class: "input",
    rows: 3,
    "aria-label": "The customer's reply",
    "data-fk": `reply-text ${mail.id}`,
    placeholder: "Thanks, but it still isn’t solved…",
    value: replies.get(mail.id),
    oninput: () => replies.set(mail.id, box.value),
  });
  grow(box);
  const leave = () => {
    replies.delete(mail.id);
    changed();
    focusOn(`reply ${mail.id}`);
  };
  return h(
    "form",
    {
      class: "reply-form",
      onsubmit: async (event) => {
        event.preventDefault();
        if (!box.value.trim()) return toast("Write something first.", "error");
        const answer = await act({ do: "mail_reply", id: mail.id, text: box.value });
        if (!answer.ok) return toast(answer.error ?? "The reply could not be sent.", "error");
        leave();
        toast("The customer's reply was sent.");
      },
    },
    box,
    h(
      "div",
      { class: "b-actions" },
      h("button", { class: "button primary" }, "Send the reply"),
      h("button", { type: "button", class: "button", onclick: leave }, "Cancel"),
    ),
  );
}

async function bounce(mail) {
  if (
    !(await confirmed(
      "Bounce this mail?",
      `Hearback will hear that ${firstTo(mail)} can't be reached, as if their mail server had sent it back.`,
      "Bounce it",
      "Cancel",
      true,
    ))
  )
    return;
  const answer = await act({ do: "mail_bounce", id: mail.id });
  if (answer.ok) toast("The mail bounced. Look at the case's thread.");
  else toast(answer.error ?? "The mail could not be bounced.", "error");
}

const focusOn = (name) => document.querySelector(`[data-fk="${CSS.escape(name)}"]`)?.focus();
