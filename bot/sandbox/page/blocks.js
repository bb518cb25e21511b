/** Every block of Slack's Block Kit as nodes. What the page doesn't know is shown as it came, in a grey box. */

import { chart } from "./charts.js";
import { h, icon } from "./dom.js";
import { interactive } from "./elements.js";
import { link, plain, textNodes, words } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";
import { present } from "./values.js";

/**
 * Blocks as items for `keyed`: a block that didn't change keeps its node. `errors` maps block ids to sentences, `sign`
 * is whatever else the look depends on.
 */
export function blockItems(blocks, place, { errors = {}, sign = "" } = {}) {
  const list = (blocks ?? []).map((block, index) =>
    block.block_id ? block : { ...block, block_id: `block-${index}` },
  );
  present(place.key, list, place);
  return list.map((block) => ({
    key: block.block_id,
    sign: `${JSON.stringify(block)}${errors[block.block_id] ?? ""}${sign}`,
    build: () => drawn(block, place, errors[block.block_id]),
  }));
}

/** Something of a kind that the page doesn't know: never dropped, always visible. */
function unknown(thing) {
  return h(
    "div",
    { class: "unknown" },
    h("strong", {}, `The sandbox can't draw “${thing?.type ?? "this"}” yet`),
    h("pre", {}, JSON.stringify(thing, null, 2)),
  );
}

const DRAW = {
  section,
  context,
  actions,
  table,
  input,
  alert,
  header: (block) => h("div", { class: "b-header", role: "heading", "aria-level": "2" }, plain(block.text)),
  divider: () => h("hr", { class: "b-divider" }),
  image: (block) => picture(block),
  rich_text: (block) => h("div", { class: "b-rich" }, richText(block.elements, unknown)),
  markdown: (block) => h("div", { class: "b-markdown" }, markdown(block.text ?? "")),
  video: (block) =>
    h(
      "div",
      { class: "b-section" },
      link(block.title_url ?? block.video_url ?? "", words(block.title) || "Video"),
      block.description && h("div", {}, textNodes(block.description)),
    ),
  data_visualization: (block) => chart(block) ?? unknown(block),
};

function drawn(block, place, error) {
  const draw = DRAW[block.type];
  return h(
    "div",
    { class: `block block-${draw ? block.type : "unknown"}`, "data-block": block.block_id },
    draw ? attempt(() => draw(block, place, error), block) : unknown(block),
  );
}

/** A block of a broken shape must not take the rest of the page with it. */
function attempt(draw, block) {
  try {
    return draw();
  } catch (problem) {
    console.error(problem, block);
    return unknown(block);
  }
}

function section(block, place) {
  const text = block.text && h("div", { class: "b-text" }, textNodes(block.text));
  const fields =
    block.fields &&
    h(
      "div",
      { class: "b-fields" },
      block.fields.map((field) => h("div", { class: "b-text" }, textNodes(field))),
    );
  const beside =
    block.accessory && h("div", { class: "b-accessory" }, element(block.accessory, block, place, words(block.text)));
  return h("div", { class: "b-section" }, h("div", { class: "b-section-text" }, text, fields), beside);
}

function element(one, block, place, label) {
  if (one.type === "image") return h("img", { class: "b-thumb", src: one.image_url, alt: one.alt_text ?? "" });
  return interactive(one, block, place, label) ?? unknown(one);
}

function context(block) {
  return h(
    "div",
    { class: "b-context" },
    (block.elements ?? []).map((one) => {
      if (one.type === "image") return h("img", { class: "b-mini", src: one.image_url, alt: one.alt_text ?? "" });
      return one.type === "mrkdwn" || one.type === "plain_text"
        ? h("span", { class: "b-text" }, textNodes(one))
        : unknown(one);
    }),
  );
}

function actions(block, place) {
  return h(
    "div",
    { class: "b-actions" },
    (block.elements ?? []).map((one) => element(one, block, place)),
  );
}

function input(block, place, error) {
  const label = words(block.label);
  const hint = block.hint && h("div", { class: "b-hint" }, plain(block.hint));
  const problem = error && h("div", { class: "b-error", role: "alert" }, icon("warn"), error);
  return h(
    "div",
    { class: `b-input${error ? " wrong" : ""}` },
    h(
      "div",
      { class: "b-label" },
      plain(block.label),
      block.optional && h("span", { class: "b-optional" }, " (optional)"),
    ),
    block.element ? element(block.element, block, place, label) : unknown(block),
    problem,
    hint,
  );
}

function alert(block) {
  const level = ["info", "warning", "error", "success"].includes(block.level) ? block.level : "default";
  const sign = { success: "check", info: "help", default: "help" }[level] ?? "warn";
  return h(
    "div",
    { class: `b-alert ${level}`, role: "note" },
    icon(sign),
    h("div", { class: "b-text" }, textNodes(block.text ?? "")),
  );
}

function picture(block) {
  const address = block.image_url ?? block.slack_file?.url ?? "";
  const image = h("img", { class: "b-image", src: address, alt: block.alt_text ?? "", loading: "lazy" });
  const figure = h("figure", { class: "b-figure" }, block.title && h("figcaption", {}, plain(block.title)), image);
  image.addEventListener("error", () =>
    image.replaceWith(h("div", { class: "b-image-gone" }, block.alt_text || "An image that can't be loaded here")),
  );
  return figure;
}

function table(block) {
  const [head, ...rows] = block.rows ?? [];
  const settings = (index) => block.column_settings?.[index] ?? {};
  const cell = (tag) => (one, index) =>
    h(
      tag,
      {
        scope: tag === "th" ? "col" : null,
        class: `align-${settings(index)?.align ?? "left"}${settings(index)?.is_wrapped ? " wrapped" : ""}`,
      },
      cellText(one),
    );
  return h(
    "div",
    { class: "table-box", tabindex: "0", role: "region", "aria-label": "Table" },
    h(
      "table",
      { class: "block-table" },
      head && h("thead", {}, h("tr", {}, head.map(cell("th")))),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, row.map(cell("td")))),
      ),
    ),
  );
}

function cellText(one) {
  if (one?.type === "rich_text") return richText(one.elements, unknown);
  if (one?.type === "raw_text" || one?.type === "raw_number") return String(one.text ?? one.value ?? "");
  return one?.type === "mrkdwn" || one?.type === "plain_text" ? textNodes(one) : unknown(one);
}
