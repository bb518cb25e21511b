/** Buttons and menus inside blocks. Typing and ticking is in inputs.js. */

import { add, h, icon } from "./dom.js";
import { avatar } from "./faces.js";
import { field } from "./inputs.js";
import { plain, words } from "./mrkdwn.js";
import { menu, popover } from "./overlay.js";
import { picker } from "./picker.js";
import { choose, press } from "./press.js";
import { ask, channel, member, nameOf, store, titleOf } from "./store.js";
import { fieldOf, holdsValue, valueOf } from "./values.js";

/** The name under which the focus finds an element again after it was drawn anew. */
const focusName = (place, block, element) => `${place.key}|${block.block_id}|${element.action_id}`;

/** Any interactive element, or null for a type that the page doesn't know. */
export function interactive(element, block, place, label) {
  const name = label || words(element.placeholder) || "Choose";
  if (element.type === "button" || element.type === "workflow_button") return button(element, block, place);
  if (element.type === "overflow") return overflow(element, block, place);
  if (element.type in MENUS) return select(element, block, place, name);
  return holdsValue(element.type) ? field(element, block, place, name, focusName(place, block, element)) : null;
}

function button(element, block, place) {
  const style = { primary: " primary", danger: " danger" }[element.style] ?? "";
  const properties = {
    class: `button${style}`,
    "data-fk": focusName(place, block, element),
    "data-action": element.action_id,
    "aria-label": element.accessibility_label,
    onclick: (event) => press(place, block, element, { value: element.value }, event.currentTarget),
  };
  if (element.url && /^https?:/i.test(element.url))
    return h(
      "a",
      { ...properties, href: element.url, target: "_blank", rel: "noopener noreferrer" },
      plain(element.text),
    );
  return h("button", { type: "button", ...properties }, plain(element.text));
}

function overflow(element, block, place) {
  const open = (event) => {
    const shown = event.currentTarget;
    menu(
      shown,
      (element.options ?? []).map((option) => ({
        label: plain(option.text),
        note: option.description && words(option.description),
        href: /^https?:/i.test(option.url ?? "") ? option.url : null,
        act: () => press(place, block, element, { selected_option: option }, shown),
      })),
      "More actions",
    );
  };
  return h(
    "button",
    {
      type: "button",
      class: "button square",
      "aria-label": "More actions",
      title: "More actions",
      "aria-haspopup": "menu",
      "data-fk": focusName(place, block, element),
      "data-action": element.action_id,
      onclick: open,
    },
    icon("dots"),
  );
}

const optionChoice = (option, group) => ({
  key: option.value,
  label: words(option.text),
  note: option.description && words(option.description),
  group,
  value: option,
});

function optionChoices(source) {
  if (source.option_groups)
    return source.option_groups.flatMap((group) =>
      (group.options ?? []).map((option) => optionChoice(option, words(group.label))),
    );
  return (source.options ?? []).map((option) => optionChoice(option));
}

function userChoice(id) {
  const one = member(id);
  return { key: id, label: one ? nameOf(id) : id, note: one?.title, lead: () => avatar(id, "tiny"), value: id };
}

function channelChoice(id) {
  const one = channel(id);
  return { key: id, label: one ? `${one.is_im ? "" : "#"}${titleOf(one)}` : id, value: id };
}

const everybody = () => (store.state.members ?? []).filter((one) => !one.is_bot).map((one) => userChoice(one.id));
const publicChannels = () => store.state.channels.filter((one) => !one.is_im).map((one) => channelChoice(one.id));

function conversations(element) {
  const wanted = element.filter?.include;
  return store.state.channels
    .filter((one) => !wanted || wanted.some((kind) => (kind === "im" || kind === "mpim" ? one.is_im : !one.is_im)))
    .map((one) => channelChoice(one.id));
}

const MENUS = {
  static_select: { one: optionChoice, all: optionChoices },
  multi_static_select: { one: optionChoice, all: optionChoices, multiple: true },
  external_select: { one: optionChoice, asks: true },
  multi_external_select: { one: optionChoice, asks: true, multiple: true },
  users_select: { one: userChoice, all: everybody },
  multi_users_select: { one: userChoice, all: everybody, multiple: true },
  channels_select: { one: channelChoice, all: publicChannels },
  multi_channels_select: { one: channelChoice, all: publicChannels, multiple: true },
  conversations_select: { one: channelChoice, all: conversations },
  multi_conversations_select: { one: channelChoice, all: conversations, multiple: true },
};

function select(element, block, place, label) {
  const kind = MENUS[element.type];
  const value = valueOf(place.key, block, element)[fieldOf(element.type)];
  const suggest = async (query) => {
    const answer = await ask({
      do: "suggest",
      container: place.container,
      block_id: block.block_id,
      action_id: element.action_id,
      value: query,
    });
    return optionChoices(answer);
  };
  const box = picker({
    fk: focusName(place, block, element),
    label,
    placeholder: words(element.placeholder) || (kind.multiple ? "Choose one or more" : "Choose one"),
    chosen: [value]
      .flat()
      .filter(Boolean)
      .map((one) => kind.one(one)),
    choices: kind.asks ? suggest : () => kind.all(element),
    asks: kind.asks,
    least: kind.asks ? (element.min_query_length ?? 3) : 0,
    multiple: kind.multiple,
    most: element.max_selected_items ?? Infinity,
    clearable: block.type === "input" && block.optional,
    onchange: (chosen) =>
      choose(place, block, element, kind.multiple ? chosen.map((one) => one.value) : (chosen[0]?.value ?? null), box),
  });
  box.dataset.action = element.action_id;
  return box;
}

/** Open the list of members from which the visitor picks whom to act as. */
export function memberMenu(anchor, pick) {
  const rows = store.state.members
    .filter((one) => !one.deleted && !one.is_bot)
    .map((one) =>
      h(
        "button",
        {
          type: "button",
          class: `person${one.id === store.as ? " chosen" : ""}`,
          "aria-pressed": one.id === store.as ? "true" : "false",
          onclick: () => {
            close();
            pick(one.id);
          },
        },
        avatar(one.id),
        h("span", { class: "person-text" }, h("strong", {}, nameOf(one.id)), h("small", {}, one.title || one.email)),
        one.id === store.as && icon("check"),
      ),
    );
  const list = add(h("div", { class: "people" }), rows);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
  });
  const close = popover(anchor, [h("p", { class: "menu-note" }, "See and press as somebody else on the team."), list], {
    label: "Act as",
  });
  (list.querySelector(".chosen") ?? rows[0])?.focus();
}
