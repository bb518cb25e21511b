/** The stack of modals of the acting member: the one on top, with its fields, errors and buttons. */

import { blockItems } from "./blocks.js";
import { h, icon, iconButton, keyed } from "./dom.js";
import { appAvatar } from "./faces.js";
import { plain, words } from "./mrkdwn.js";
import { closePopover, trapFocus } from "./overlay.js";
import { viewPlace } from "./press.js";
import { act, store } from "./store.js";
import { forget, missing, stateOf } from "./values.js";

const open = new Map();
let before = null;
let lastSign = "";

/** Draw the modal on top, or take the last one away. */
export function drawModals(root, sign) {
  const stack = store.state?.modals?.[store.as] ?? [];
  const top = stack.at(-1);
  lastSign = sign;
  forgetClosed(new Set(stack.map((view) => view.id)));
  if (!top) {
    if (root.hasChildNodes()) {
      keyed(root, []);
      document.getElementById("app").inert = false;
      closePopover();
      restoreFocus();
    }
    return;
  }
  if (!root.hasChildNodes()) before = document.activeElement;
  document.getElementById("app").inert = true;
  const isNew = !open.has(top.id);
  if (isNew) open.set(top.id, { as: store.as, errors: {}, problem: "", busy: false, hash: top.hash });
  keyed(root, [{ key: top.id, sign: "", build: () => shell(top.id) }]);
  drawTop(root.firstChild, top, stack.length, sign);
  if (isNew) firstFocus(root.firstChild, top);
}

/** Forget what was typed in this member's views that have closed; other members' views wait for them. */
function forgetClosed(ids) {
  for (const [id, { as }] of open) {
    if (as !== store.as || ids.has(id)) continue;
    open.delete(id);
    forget(`view:${id}`);
  }
}

function restoreFocus() {
  if (before?.isConnected) before.focus({ preventScroll: true });
  else if (before?.dataset?.fk)
    document.querySelector(`[data-fk="${CSS.escape(before.dataset.fk)}"]`)?.focus({ preventScroll: true });
  before = null;
}

function shell(id) {
  const leave = () => close(id);
  const shade = h(
    "div",
    { class: "shade", "data-view": id },
    h(
      "div",
      { class: "dialog", role: "dialog", "aria-modal": "true" },
      h("header", { class: "dialog-head" }),
      h("div", { class: "dialog-body", tabindex: "-1" }),
      h("footer", { class: "dialog-foot" }),
    ),
  );
  shade.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      leave();
    }
    if (event.key === "Tab") trapFocus(event, shade);
    if (
      event.key === "Enter" &&
      event.target.tagName === "INPUT" &&
      event.target.type !== "checkbox" &&
      event.target.type !== "radio" &&
      !event.defaultPrevented
    ) {
      event.preventDefault();
      submit(id);
    }
  });
  return shade;
}

function drawTop(shade, view, depth, sign) {
  const now = open.get(view.id);
  if (now.hash !== view.hash) Object.assign(now, { errors: {}, problem: "", hash: view.hash });
  const box = shade.firstChild;
  const [head, body, foot] = box.children;
  box.setAttribute("aria-label", words(view.title));
  box.setAttribute("aria-busy", now.busy ? "true" : "false");
  const look = JSON.stringify([view.title, view.submit, view.close, view.submit_disabled, depth, now.busy]);
  keyed(head, [
    {
      key: "head",
      sign: look,
      build: () =>
        h(
          "div",
          { class: "dialog-bar" },
          depth > 1 ? iconButton("back", "Back", () => back(view.id)) : appAvatar("small"),
          h("h2", { class: "dialog-title" }, plain(view.title)),
          iconButton("close", "Close", () => close(view.id)),
        ),
    },
  ]);
  const problem = {
    key: "problem",
    sign: now.problem,
    build: () => h("div", { class: "b-alert error", role: "alert" }, icon("warn"), h("span", {}, now.problem)),
  };
  const items = blockItems(view.blocks, viewPlace(view), { errors: now.errors, sign });
  keyed(body, now.problem ? [problem, ...items] : items);
  keyed(foot, [
    {
      key: "foot",
      sign: look,
      build: () =>
        h(
          "div",
          { class: "dialog-buttons" },
          h(
            "button",
            {
              type: "button",
              class: "button",
              "data-fk": "modal-close",
              disabled: now.busy,
              onclick: () => (depth > 1 ? back(view.id) : close(view.id)),
            },
            view.close ? plain(view.close) : depth > 1 ? "Back" : view.submit ? "Cancel" : "Close",
          ),
          view.submit &&
            h(
              "button",
              {
                type: "button",
                onclick: () => submit(view.id),
                class: `button primary${now.busy ? " busy" : ""}`,
                "data-fk": "modal-submit",
                disabled: now.busy || view.submit_disabled,
              },
              plain(view.submit),
            ),
        ),
    },
  ]);
}

function firstFocus(shade, view) {
  const wanted = view.blocks
    .flatMap((block) => [block.element, block.accessory, ...(block.elements ?? [])])
    .find((one) => one?.focus_on_load);
  const target =
    (wanted && shade.querySelector(`[data-action="${CSS.escape(wanted.action_id)}"]`)) ||
    shade.querySelector(".dialog-body .input, .dialog-body .picker-open") ||
    shade.querySelector(".dialog-foot .button:last-child");
  target?.focus({ preventScroll: true });
}

function redraw() {
  drawModals(document.getElementById("modals"), lastSign);
}

async function submit(id) {
  const now = open.get(id);
  const view = (store.state.modals?.[store.as] ?? []).at(-1);
  if (!now || now.busy || view?.id !== id || !view.submit || view.submit_disabled) return;
  Object.assign(now, { errors: missing(`view:${id}`), problem: "" });
  if (Object.keys(now.errors).length) return showErrors(id);
  now.busy = true;
  redraw();
  const answer = await act({ do: "submit", view_id: id, state: stateOf(`view:${id}`) });
  now.busy = false;
  now.errors = answer.errors ?? {};
  if (!answer.ok && !Object.keys(now.errors).length)
    now.problem = answer.error ?? "Hearback didn't take this. Try again.";
  if (open.has(id)) showErrors(id);
}

function showErrors(id) {
  redraw();
  const shade = document.querySelector(`.shade[data-view="${CSS.escape(id)}"]`);
  const wrong = shade?.querySelector(".b-input.wrong .input, .b-input.wrong .picker-open, .b-input.wrong input");
  wrong?.focus();
  (wrong?.closest(".block") ?? shade?.querySelector(".dialog-body > .b-alert.error"))?.scrollIntoView({
    block: "nearest",
  });
}

async function leave(id, how) {
  const now = open.get(id);
  if (!now || now.busy) return;
  now.busy = true;
  redraw();
  const answer = await act({ do: how, view_id: id });
  now.busy = false;
  if (answer.ok) return;
  now.problem = answer.error ?? "The modal could not be closed.";
  if (open.has(id)) redraw();
}

const close = (id) => leave(id, "close");
const back = (id) => leave(id, "back");

/** Clear a field's complaint once somebody types in it again. */
export function clearErrorsOnInput(root) {
  root.addEventListener("input", (event) => {
    const block = event.target.closest?.(".block");
    const now = open.get(event.target.closest?.(".shade")?.dataset.view);
    if (!block || !now?.errors[block.dataset.block]) return;
    delete now.errors[block.dataset.block];
    redraw();
  });
}
