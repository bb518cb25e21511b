/** What floats above the page: menus, questions before a risky press, and short notices. */

import { add, h } from "./dom.js";

const layer = () => document.getElementById("layer");
let closeOpen = null;

/** Close the menu that is open, if any. */
export function closePopover() {
  closeOpen?.();
}

/**
 * Show `content` beside `anchor` until Escape, a click elsewhere, or the returned function. Only one is open at a time.
 * On a phone it is a sheet at the bottom.
 */
export function popover(anchor, content, { label, onclose, match = false, role = "dialog", focus = true } = {}) {
  closePopover();
  const box = h("div", { class: "popover", role, "aria-label": label, tabindex: "-1" }, content);
  const shade = h("div", { class: "popover-shade" });
  add(layer(), [shade, box]);
  if (match) box.style.minWidth = `${Math.max(220, anchor.getBoundingClientRect().width)}px`;
  place(box, anchor);
  anchor.setAttribute("aria-expanded", "true");
  const close = (refocus = true) => {
    if (closeOpen !== close) return;
    closeOpen = null;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    window.removeEventListener("resize", gone);
    anchor.setAttribute("aria-expanded", "false");
    box.remove();
    shade.remove();
    if (refocus && anchor.isConnected) anchor.focus({ preventScroll: true });
    onclose?.();
  };
  const outside = (event) => {
    if (box.contains(event.target) || anchor.contains(event.target)) return;
    event.target === shade ? close() : close(false);
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  const gone = () => (anchor.isConnected ? place(box, anchor) : close(false));
  closeOpen = close;
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  window.addEventListener("resize", gone);
  if (focus) (box.querySelector("input, button, [tabindex='0']") ?? box).focus({ preventScroll: true });
  return close;
}

function place(box, anchor) {
  const from = anchor.getBoundingClientRect();
  const below = window.innerHeight - from.bottom - 12;
  const above = from.top - 12;
  const up = below < Math.min(box.scrollHeight, 260) && above > below;
  box.style.maxHeight = `${Math.max(140, Math.min(420, up ? above : below))}px`;
  const size = box.getBoundingClientRect();
  box.style.top = `${up ? Math.max(8, from.top - size.height - 4) : from.bottom + 4}px`;
  box.style.left = `${Math.max(8, Math.min(from.left, window.innerWidth - size.width - 8))}px`;
}

/** A menu of plain actions, each {label, act, danger?, href?}. Arrow keys walk through it. */
export function menu(anchor, entries, label) {
  let close = () => {};
  const list = h(
    "div",
    { class: "menu" },
    entries.map((entry) => (entry.href ? linkEntry(entry, () => close(false)) : buttonEntry(entry, () => close()))),
  );
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  close = popover(anchor, list, { label, role: "menu" });
  list.firstChild?.focus();
}

const buttonEntry = (entry, close) =>
  h(
    "button",
    {
      type: "button",
      role: "menuitem",
      class: `menu-item${entry.danger ? " danger" : ""}`,
      onclick: () => {
        close();
        entry.act();
      },
    },
    entry.label,
    entry.note && h("small", {}, entry.note),
  );

const linkEntry = (entry, close) =>
  h(
    "a",
    {
      role: "menuitem",
      class: "menu-item",
      href: entry.href,
      target: "_blank",
      rel: "noopener noreferrer",
      onclick: () => {
        close();
        entry.act?.();
      },
    },
    entry.label,
  );

/** Ask before a press, in the words of a Slack confirm object. Resolves to whether the person went ahead. */
export function confirmed(title, body, yes, no, danger = false) {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const done = (answer) => {
      document.removeEventListener("keydown", escape, true);
      shade.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(answer);
    };
    const escape = (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        done(false);
      }
      if (event.key === "Tab") trapFocus(event, shade);
    };
    const shade = h(
      "div",
      { class: "shade confirm" },
      h(
        "div",
        { class: "dialog small", role: "alertdialog", "aria-modal": "true", "aria-label": title.textContent },
        h("h2", { class: "dialog-title" }, title),
        h("div", { class: "dialog-body" }, body),
        h(
          "div",
          { class: "dialog-foot" },
          h("button", { type: "button", class: "button", onclick: () => done(false) }, no),
          h(
            "button",
            { type: "button", class: `button ${danger ? "danger" : "primary"}`, onclick: () => done(true) },
            yes,
          ),
        ),
      ),
    );
    add(layer(), shade);
    document.addEventListener("keydown", escape, true);
    shade.querySelector(".dialog-foot .button:last-child").focus();
  });
}

/** Keep Tab inside a box that lies over everything else. */
export function trapFocus(event, box) {
  const stops = [...box.querySelectorAll("button, [href], input, select, textarea, iframe, [tabindex='0']")].filter(
    (one) => !one.disabled && one.offsetParent !== null,
  );
  if (!stops.length) return;
  const last = stops[stops.length - 1];
  if (event.shiftKey && (document.activeElement === stops[0] || !box.contains(document.activeElement))) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (document.activeElement === last || !box.contains(document.activeElement))) {
    event.preventDefault();
    stops[0].focus();
  }
}

/** Say something for a few seconds; errors stay longer. `action` is {label, act}. */
export function toast(sentence, kind = "note", action = null) {
  const remove = () => box.remove();
  const box = h(
    "div",
    { class: `toast ${kind}` },
    h("span", {}, sentence),
    action &&
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            remove();
            action.act();
          },
        },
        action.label,
      ),
    h("button", { type: "button", "aria-label": "Dismiss", onclick: remove }, "✕"),
  );
  add(document.getElementById("toasts"), box);
  setTimeout(remove, kind === "error" || action ? 9000 : 4000);
}
