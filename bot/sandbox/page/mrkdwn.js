/** Slack's own markup as nodes: bold, lists, quotes, links, mentions and dates. Text stays text. */

import { slackDate } from "./clock.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channel, member, nameOf, store, titleOf } from "./store.js";

/** Slack escapes exactly these three. */
const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A text object (mrkdwn or plain_text) or a string of mrkdwn, as nodes. */
export function textNodes(object) {
  if (object === null || object === undefined) return [];
  if (typeof object === "string") return mrkdwn(object);
  return object.type === "plain_text" ? plain(object) : mrkdwn(object.text ?? "", { links: !object.verbatim });
}

/** plain_text, with emoji names unless the object says otherwise. */
export function plain(object) {
  const text = unescape(typeof object === "string" ? object : (object?.text ?? ""));
  return object?.emoji === false ? [text] : withEmoji(text);
}

/** The words of a text object, for labels and tooltips. */
export const words = (object) =>
  textNodes(object)
    .map((node) => (node instanceof Node ? node.textContent : node))
    .join("");

function withEmoji(text) {
  return text
    .split(/(:[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/g)
    .map((part) => {
      const found = part.length > 2 && part.startsWith(":") && part.endsWith(":") && emoji(part.slice(1, -1));
      return found
        ? h(
            "span",
            { class: "emoji", title: part, role: "img", "aria-label": part.slice(1, -1).replaceAll("_", " ") },
            found,
          )
        : part;
    })
    .filter((part) => part !== "");
}

/** A whole mrkdwn text: code blocks first, then quotes, then lines. */
export function mrkdwn(text, options = { links: true }) {
  return text.split(/```\n?([\s\S]*?)```\n?/g).flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, unescape(part).replace(/\n$/, ""))];
    return part === "" ? [] : lines(part, options);
  });
}

const QUOTE = /^(?:>|&gt;) ?/;
const REST_QUOTE = /^(?:>>>|&gt;&gt;&gt;) ?/;
const BULLET = /^(\s*)([•◦▪‣-]|\d+[.)])\s+(?=\S)/;

function lines(text, options) {
  const all = text.split("\n");
  const out = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) out.push(h("blockquote", {}, joined(quoted.map((line) => inline(line, options)))));
    quoted = [];
  };
  for (const [index, line] of all.entries()) {
    if (REST_QUOTE.test(line)) {
      flush();
      const rest = [line.replace(REST_QUOTE, ""), ...all.slice(index + 1)];
      return [...out, h("blockquote", {}, joined(rest.map((one) => inline(one, options))))];
    }
    if (QUOTE.test(line)) {
      quoted.push(line.replace(QUOTE, ""));
      continue;
    }
    const afterQuote = quoted.length > 0;
    flush();
    const bullet = BULLET.exec(line);
    if (bullet) out.push(listLine(bullet, line, options));
    else {
      const last = out[out.length - 1];
      const block = last instanceof HTMLElement && ["BLOCKQUOTE", "DIV"].includes(last.tagName);
      if (index > 0 && !afterQuote && !block) out.push(h("br"));
      out.push(...inline(line, options));
    }
  }
  flush();
  return out;
}

function listLine(bullet, line, options) {
  const depth = Math.min(4, Math.floor(bullet[1].length / 2));
  return h(
    "div",
    { class: "line-item", style: `--depth:${depth}` },
    h("span", { class: "line-mark" }, bullet[2]),
    h("span", {}, inline(line.slice(bullet[0].length), options)),
  );
}

const joined = (parts) => parts.flatMap((part, index) => (index ? [h("br"), ...part] : part));

const LONGEST_STYLED = 4000; // matching marks in a longer line would take the browser seconds
const TAGS = { "*": "strong", _: "em", "~": "s" };
const TOKEN = /`[^`\n]+`|<[^<>\n]+>|https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)'"\]]/g;

/** One line: code and <...> first, styles around them. */
function inline(line, options) {
  const pieces = [];
  let at = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match[0].startsWith("http") && !options.links) continue;
    if (match.index > at) pieces.push(line.slice(at, match.index));
    pieces.push(token(match[0]));
    at = match.index + match[0].length;
  }
  if (at < line.length) pieces.push(line.slice(at));
  return line.length > LONGEST_STYLED ? plainly(pieces) : styled(pieces);
}

function token(text) {
  if (text.startsWith("`")) return h("code", {}, unescape(text.slice(1, -1)));
  if (text.startsWith("http")) return link(unescape(text), unescape(text));
  return angled(text.slice(1, -1));
}

const plainly = (pieces) =>
  pieces.flatMap((piece) => (typeof piece === "string" ? withEmoji(unescape(piece)) : [piece]));

/** Apply *, _ and ~ across a list of strings and ready nodes. */
function styled(pieces) {
  const open = findPair(pieces);
  if (!open) return plainly(pieces);
  const { mark, from, to } = open;
  return [
    ...styled(cut(pieces, null, from)),
    h(TAGS[mark], {}, styled(cut(pieces, from, to))),
    ...styled(cut(pieces, to, null)),
  ];
}

/** The pieces strictly between two marked places {piece, index}; null stands for an end. */
function cut(pieces, from, to) {
  const out = [];
  pieces.forEach((piece, number) => {
    if (from && number < from.piece) return;
    if (to && number > to.piece) return;
    if (typeof piece !== "string") return out.push(piece);
    const part = piece.slice(
      from && number === from.piece ? from.index + 1 : 0,
      to && number === to.piece ? to.index : undefined,
    );
    if (part) out.push(part);
  });
  return out;
}

const isWord = (sign) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);

function findPair(pieces) {
  for (const [number, piece] of pieces.entries()) {
    if (typeof piece !== "string") continue;
    for (let index = 0; index < piece.length; index += 1) {
      const mark = piece[index];
      if (!TAGS[mark] || isWord(piece[index - 1])) continue;
      const next = piece[index + 1] ?? (number + 1 < pieces.length ? "x" : " ");
      if (/\s/.test(next) || next === mark) continue;
      const to = closing(pieces, mark, { piece: number, index });
      if (to) return { mark, from: { piece: number, index }, to };
    }
  }
  return null;
}

function closing(pieces, mark, from) {
  for (let number = from.piece; number < pieces.length; number += 1) {
    const piece = pieces[number];
    if (typeof piece !== "string") continue;
    for (let index = number === from.piece ? from.index + 2 : 0; index < piece.length; index += 1) {
      if (piece[index] !== mark || isWord(piece[index + 1])) continue;
      if (/\s/.test(piece[index - 1] ?? "x")) continue;
      return { piece: number, index };
    }
  }
  return null;
}

/** A link that can only lead to the web, a mail or a phone. Anything else stays text. */
export function link(address, shown) {
  if (!/^(https?:|mailto:|tel:)/i.test(address)) return h("span", {}, shown);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, shown);
}

function angled(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return channelLink(target.slice(1), label);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label || "@group");
  if (target.startsWith("!")) return broadcast(target.slice(1).split("^")[0], label);
  return link(unescape(target), label || unescape(target).replace(/^mailto:/, ""));
}

/** @Name; somebody unknown is shown by their id. */
export function mention(id, label = "") {
  const known = member(id);
  const me = id === store.as ? " me" : "";
  return h("span", { class: `mention${me}`, title: known?.title }, `@${known ? nameOf(id) : label || id}`);
}

/** @channel, @here or @everyone: loud, because it pages people. */
export const broadcast = (range, label = "") =>
  h("span", { class: "mention loud", title: "This notifies everybody" }, label || `@${range}`);

/** #name, which opens that channel. */
export function channelLink(id, label = "") {
  const known = channel(id);
  return known
    ? h("a", { class: "mention", href: `#channel/${id}` }, `#${titleOf(known)}`)
    : h("span", { class: "mention" }, `#${label || id}`);
}

function date(target, fallback) {
  const [, seconds, format, address] = target.split("^");
  const shown = slackDate(seconds, format, fallback);
  if (address) return link(unescape(address), shown);
  return h("time", { title: fallback || undefined, class: "date" }, shown);
}
