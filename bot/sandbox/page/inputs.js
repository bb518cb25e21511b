/** Fields to type in, pick a time in, and tick. */

import { fromWallTime, wallTime } from "./clock.js";
import { add, h } from "./dom.js";
import { textNodes, words } from "./mrkdwn.js";
import { choose } from "./press.js";
import { fieldOf, remember, valueOf } from "./values.js";

let count = 0;

/** The field for an input element. `fk` is the name that brings the focus back. */
export function field(element, block, place, label, fk) {
  const value = valueOf(place.key, block, element)[fieldOf(element.type)];
  const all = { element, block, place, label, fk, value };
  switch (element.type) {
    case "radio_buttons":
      return ticks(all, "radio");
    case "checkboxes":
      return ticks(all, "checkbox");
    case "datepicker":
      return moment(all, "date", (text) => text || null, value);
    case "timepicker":
      return moment(all, "time", (text) => text || null, value);
    case "datetimepicker":
      return moment(all, "datetime-local", fromWallTime, wallTime(value));
    case "plain_text_input":
      return typed(all, element.multiline ? "area" : "text");
    case "number_input":
      return typed(all, "number");
    case "email_text_input":
      return typed(all, "email");
    case "url_text_input":
      return typed(all, "url");
    case "rich_text_input":
      return rich(all);
    default:
      return null;
  }
}

function common({ element, label, fk, block }) {
  return {
    class: "input",
    "data-fk": fk,
    "data-action": element.action_id,
    "aria-label": label,
    placeholder: words(element.placeholder) || null,
    "aria-required": block.type === "input" && !block.optional ? "true" : null,
  };
}

function typed(all, kind) {
  const { element, block, place, value } = all;
  const properties = { ...common(all), maxlength: element.max_length, value: value ?? "" };
  const box =
    kind === "area"
      ? h("textarea", { ...properties, rows: 4 })
      : h("input", {
          ...properties,
          type: kind === "number" ? "text" : kind,
          inputmode: { number: "decimal", email: "email", url: "url" }[kind] ?? null,
          autocomplete: "off",
        });
  const keep = () => remember(place.key, block, element, box.value === "" ? null : box.value);
  const triggers = block.dispatch_action
    ? (element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"])
    : [];
  let pause = 0;
  box.addEventListener("input", () => {
    keep();
    clearTimeout(pause);
    if (triggers.includes("on_character_entered"))
      pause = setTimeout(() => choose(place, block, element, box.value || null, box), 400);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || (kind === "area" && !event.metaKey && !event.ctrlKey)) return;
    if (!triggers.includes("on_enter_pressed")) return;
    event.preventDefault();
    event.stopPropagation();
    choose(place, block, element, box.value || null, box);
  });
  if (kind === "area") grow(box);
  return element.max_length ? counted(box, element.max_length) : box;
}

function counted(box, most) {
  const left = h("span", { class: "counter", "aria-hidden": "true" });
  const show = () => {
    const rest = most - box.value.length;
    left.textContent = String(rest);
    left.classList.toggle("near", rest < most * 0.1);
    left.hidden = most > 500 && rest > most * 0.2;
  };
  box.addEventListener("input", show);
  show();
  return h("div", { class: "counted" }, box, left);
}

/** Let a text area be as high as its text, within reason. */
export function grow(box, most = 320) {
  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(most, box.scrollHeight + 2)}px`;
  };
  box.addEventListener("input", fit);
  requestAnimationFrame(fit);
}

function rich(all) {
  const { element, block, place, value } = all;
  const box = h("textarea", { ...common(all), rows: 4, value: richWords(value) });
  box.addEventListener("input", () => remember(place.key, block, element, box.value === "" ? null : richOf(box.value)));
  grow(box);
  return box;
}

const richOf = (text) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }],
});

function richWords(value) {
  if (!value) return "";
  if (value.text !== undefined) return value.text;
  const inside = (value.elements ?? []).map(richWords);
  return inside.join(value.type === "rich_text" || value.type === "rich_text_list" ? "\n" : "");
}

function moment(all, type, read, shown) {
  const { element, block, place } = all;
  const box = h("input", { ...common(all), type, value: shown ?? "" });
  let last = box.value;
  const send = () => {
    if (box.value === last) return;
    last = box.value;
    choose(place, block, element, read(box.value), box);
  };
  box.addEventListener(
    "change",
    block.type === "input" && !block.dispatch_action
      ? () => remember(place.key, block, element, read(box.value))
      : send,
  );
  return box;
}

function ticks(all, type) {
  const { element, block, place, label, fk, value } = all;
  const many = type === "checkbox";
  let chosen = new Set(
    [value]
      .flat()
      .filter(Boolean)
      .map((option) => option.value),
  );
  const group = `tick-${(count += 1)}`;
  const options = element.options ?? [];
  const box = h("div", {
    class: "ticks",
    role: many ? "group" : "radiogroup",
    "aria-label": label,
    "data-action": element.action_id,
  });
  const change = async (option, on) => {
    const before = new Set(chosen);
    if (!many) chosen = new Set([option.value]);
    else if (on) chosen.add(option.value);
    else chosen.delete(option.value);
    const picked = options.filter((one) => chosen.has(one.value));
    if (await choose(place, block, element, many ? picked : (picked[0] ?? null), box)) return;
    chosen = before;
    for (const input of box.querySelectorAll("input")) input.checked = chosen.has(input.value);
  };
  return add(
    box,
    options.map((option, index) =>
      h(
        "label",
        { class: "tick" },
        h("input", {
          type,
          name: group,
          value: option.value,
          checked: chosen.has(option.value),
          "data-fk": `${fk}|${index}`,
          onchange: (event) => change(option, event.target.checked),
        }),
        h("span", {}, textNodes(option.text), option.description && h("small", {}, textNodes(option.description))),
      ),
    ),
  );
}
