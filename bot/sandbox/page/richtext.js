/** Rich text and Markdown blocks as nodes. */

import { slackDate } from "./clock.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcast, channelLink, link, mention } from "./mrkdwn.js";

/** A rich_text block's elements. `unknown` draws what the page doesn't know. */
export const richText = (elements, unknown) => (elements ?? []).map((element) => richElement(element, unknown));

function richElement(element, unknown) {
  const inner = () => (element.elements ?? []).map((one) => richInline(one, unknown));
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "rich-section" }, inner());
    case "rich_text_quote":
      return h("blockquote", {}, inner());
    case "rich_text_preformatted":
      return h("pre", {}, inner());
    case "rich_text_list":
      return richList(element, unknown);
    default:
      return unknown(element);
  }
}

function richList(list, unknown) {
  const items = (list.elements ?? []).map((one) => h("li", {}, richElement(one, unknown)));
  const place = { class: "rich-list", style: `--depth:${Math.min(8, list.indent ?? 0)}` };
  return list.style === "ordered" ? h("ol", { ...place, start: (list.offset ?? 0) + 1 }, items) : h("ul", place, items);
}

function richInline(one, unknown) {
  return withStyle(bare(one, unknown), one.style);
}

function bare(one, unknown) {
  switch (one.type) {
    case "text":
      return one.text ?? "";
    case "link":
      return link(one.url ?? "", one.text || one.url || "");
    case "emoji":
      return emoji(one.name ?? "") ?? `:${one.name}:`;
    case "user":
      return mention(one.user_id);
    case "channel":
      return channelLink(one.channel_id);
    case "usergroup":
      return h("span", { class: "mention" }, `@${one.usergroup_id}`);
    case "broadcast":
      return broadcast(one.range);
    case "date":
      return h("time", { class: "date", title: one.fallback }, slackDate(one.timestamp, one.format, one.fallback));
    case "color":
      return h("code", {}, one.value);
    default:
      return unknown(one);
  }
}

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

function withStyle(node, style = {}) {
  return Object.entries(STYLES).reduce((inside, [name, tag]) => (style?.[name] ? h(tag, {}, inside) : inside), node);
}

/** A markdown block: headings, lists, quotes, code, tables and the usual inline marks. */
export function markdown(text) {
  const out = [];
  const rows = text.split("\n");
  while (rows.length) {
    const row = rows.shift();
    const heading = /^(#{1,6})\s+(.*)/.exec(row);
    if (row.startsWith("```"))
      out.push(h("pre", {}, takeWhile(rows, (one) => !one.startsWith("```"), true).join("\n")));
    else if (heading)
      out.push(
        h(
          "div",
          { class: `md-heading level-${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 1 },
          marks(heading[2]),
        ),
      );
    else if (/^(-{3,}|\*{3,})$/.test(row.trim())) out.push(h("hr"));
    else if (/^>/.test(row))
      out.push(
        h(
          "blockquote",
          {},
          markdown([row, ...takeWhile(rows, (one) => /^>/.test(one))].map((one) => one.replace(/^> ?/, "")).join("\n")),
        ),
      );
    else if (/^\s*[-*+]\s+/.test(row))
      out.push(list("ul", [row, ...takeWhile(rows, (one) => /^\s*[-*+]\s+/.test(one))], /^\s*[-*+]\s+/));
    else if (/^\s*\d+[.)]\s+/.test(row))
      out.push(list("ol", [row, ...takeWhile(rows, (one) => /^\s*\d+[.)]\s+/.test(one))], /^\s*\d+[.)]\s+/));
    else if (row.includes("|") && /^[\s|:-]+$/.test(rows[0] ?? "x"))
      out.push(pipes(row, (rows.shift(), takeWhile(rows, (one) => one.includes("|")))));
    else if (row.trim())
      out.push(
        h(
          "p",
          {},
          marks(
            [row, ...takeWhile(rows, (one) => one.trim() && !/^(#|>|```|\s*[-*+]\s|\s*\d+[.)]\s)/.test(one))].join(
              "\n",
            ),
          ),
        ),
      );
  }
  return out;
}

function takeWhile(rows, wanted, swallow = false) {
  const taken = [];
  while (rows.length && wanted(rows[0])) taken.push(rows.shift());
  if (swallow) rows.shift();
  return taken;
}

const list = (tag, rows, mark) =>
  h(
    tag,
    { class: "rich-list", style: "--depth:0" },
    rows.map((row) => h("li", {}, marks(row.replace(mark, "")))),
  );

function pipes(head, body) {
  const cells = (row) =>
    row
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim());
  return h(
    "div",
    { class: "table-box" },
    h(
      "table",
      { class: "block-table" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          cells(head).map((cell) => h("th", {}, marks(cell))),
        ),
      ),
      h(
        "tbody",
        {},
        body.map((row) =>
          h(
            "tr",
            {},
            cells(row).map((cell) => h("td", {}, marks(cell))),
          ),
        ),
      ),
    ),
  );
}

const MARKS =
  /(`[^`]+`)|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|(?<!\w)_([^_\s][^_]*)_(?!\w)|~~([^~]+)~~|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>)]+)|:([a-z0-9_+-]+):/g;

function marks(text) {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(MARKS)) {
    out.push(text.slice(at, found.index), mark(found));
    at = found.index + found[0].length;
  }
  return [...out, text.slice(at)];
}

function mark([whole, code, bold, bold2, italic, italic2, strike, label, target, address, name]) {
  if (code) return h("code", {}, code.slice(1, -1));
  if (bold ?? bold2) return h("strong", {}, marks(bold ?? bold2));
  if (italic ?? italic2) return h("em", {}, marks(italic ?? italic2));
  if (strike) return h("s", {}, marks(strike));
  if (label) return link(target, label);
  if (address) return link(address, address);
  return emoji(name ?? "") ?? whole;
}
