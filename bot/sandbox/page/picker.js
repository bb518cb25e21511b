/** One menu for every kind of select: searchable, for one or several choices, worked by mouse or keyboard. */

import { add, fill, h, icon } from "./dom.js";
import { popover } from "./overlay.js";

let count = 0;

/**
 * A field that opens a list. A choice is {key, label, note?, group?, lead?}; `choices(query)` returns them, now or later.
 * Calls `onchange(chosen)` with the whole list of chosen ones.
 */
export function picker({
  fk,
  label,
  placeholder,
  chosen,
  choices,
  onchange,
  multiple = false,
  most = Infinity,
  clearable = false,
  asks = false,
  least = 0,
}) {
  const field = h("div", { class: `picker${multiple ? " multiple" : ""}` });
  const redraw = () => {
    const open = h(
      "button",
      {
        type: "button",
        class: "picker-open",
        "data-fk": fk,
        "aria-haspopup": "listbox",
        "aria-expanded": "false",
        "aria-label": `${label}: ${[...chosen.map((one) => one.label), multiple && chosen.length ? "Add…" : ""].filter(Boolean).join(", ") || placeholder}`,
        onclick: (event) => show(event.currentTarget),
        onkeydown: (event) => {
          if (event.key === "ArrowDown") {
            event.preventDefault();
            show(event.currentTarget);
          }
        },
      },
      caption(),
      icon("down"),
    );
    const clear =
      clearable &&
      !multiple &&
      chosen.length > 0 &&
      h(
        "button",
        { type: "button", class: "picker-clear", "aria-label": `Clear ${label}`, onclick: () => set([]) },
        "✕",
      );
    fill(field, multiple && chosen.map(chip), open, clear);
  };
  const caption = () => {
    if (multiple || !chosen.length)
      return h("span", { class: "picker-hint" }, multiple && chosen.length ? "Add…" : placeholder);
    return h("span", { class: "picker-value" }, chosen[0].lead?.(), chosen[0].label);
  };
  const chip = (one) =>
    h(
      "span",
      { class: "chip" },
      one.lead?.(),
      one.label,
      h(
        "button",
        {
          type: "button",
          "aria-label": `Remove ${one.label}`,
          onclick: () => set(chosen.filter((other) => other.key !== one.key)),
        },
        "✕",
      ),
    );
  const set = (next) => {
    chosen = next;
    redraw();
    onchange(chosen);
  };
  const show = (anchor) => {
    const close = popover(
      anchor,
      listbox({
        label,
        choices,
        asks,
        least,
        chosen: () => chosen,
        multiple,
        pick: (one) => {
          if (!multiple) {
            close();
            set([one]);
            field.querySelector(".picker-open")?.focus({ preventScroll: true });
            return;
          }
          const had = chosen.some((other) => other.key === one.key);
          if (!had && chosen.length >= most) return;
          set(had ? chosen.filter((other) => other.key !== one.key) : [...chosen, one]);
        },
      }),
      { label, match: true },
    );
  };
  redraw();
  return field;
}

function listbox({ label, choices, asks, least, chosen, multiple, pick }) {
  const id = `list-${(count += 1)}`;
  let shown = [];
  let active = -1;
  let turn = 0;
  const list = h("div", {
    class: "listbox",
    role: "listbox",
    id,
    "aria-label": label,
    "aria-multiselectable": multiple,
  });
  const search = h("input", {
    type: "text",
    class: "input search",
    placeholder: asks ? "Type to search…" : "Find…",
    "aria-label": `Find in ${label}`,
    autocomplete: "off",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": id,
    "aria-autocomplete": "list",
  });
  const draw = () => {
    const rows = [];
    shown.forEach((one, index) => {
      if (one.group && one.group !== shown[index - 1]?.group)
        rows.push(h("div", { class: "listbox-group", role: "presentation" }, one.group));
      rows.push(option(one, index));
    });
    fill(
      list,
      rows.length
        ? rows
        : h(
            "div",
            { class: "listbox-none" },
            asks && search.value.length < least ? `Type at least ${least} characters.` : "Nothing found.",
          ),
    );
    search.setAttribute("aria-activedescendant", active >= 0 ? `${id}-${active}` : "");
    list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  };
  const option = (one, index) => {
    const on = chosen().some((other) => other.key === one.key);
    return h(
      "div",
      {
        class: `option${index === active ? " active" : ""}${on ? " chosen" : ""}`,
        role: "option",
        id: `${id}-${index}`,
        "aria-selected": on ? "true" : "false",
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => {
          active = index;
          pick(one);
          draw();
        },
      },
      one.lead?.(),
      h("span", { class: "option-text" }, h("span", {}, one.label), one.note && h("small", {}, one.note)),
      on && icon("check"),
    );
  };
  const find = async () => {
    const mine = (turn += 1);
    const found = asks && search.value.length < least ? [] : await choices(search.value);
    if (mine !== turn) return;
    const query = fold(search.value);
    shown = asks
      ? found
      : found.filter((one) => fold(`${one.label} ${one.note ?? ""} ${one.group ?? ""}`).includes(query));
    const first = shown.findIndex((one) => chosen().some((other) => other.key === one.key));
    active = first >= 0 && !query ? first : shown.length ? 0 : -1;
    draw();
  };
  let pause = 0;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(find, asks ? 250 : 0);
  });
  search.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      active = (active + step + shown.length) % shown.length;
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (shown[active]) {
        pick(shown[active]);
        draw();
      }
    }
  });
  find();
  return add(h("div", { class: "listbox-box" }), [search, list]);
}

const fold = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
