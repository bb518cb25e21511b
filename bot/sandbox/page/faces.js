/** Faces: members' initials on their colour, and Hearback's own sign. */

import { h, svg } from "./dom.js";
import { emoji } from "./emoji.js";
import { member, nameOf } from "./store.js";

const COLOURS = ["#b4540a", "#1d6fa5", "#7a4fb5", "#2f7d4f", "#b03a5b", "#4a5f8f", "#8a6d1b", "#0f766e"];

/** A member's face. `size` is "", "small" or "tiny". */
export function avatar(id, size = "") {
  const one = member(id);
  return face(one ? nameOf(id) : "?", size, one?.avatar_color && hex(one.avatar_color));
}

/** The face of anybody with a name, such as a customer. */
export function face(name, size = "", given = null) {
  const colour = given ?? COLOURS[[...name].reduce((sum, sign) => sum + sign.charCodeAt(0), 0) % COLOURS.length];
  const initials = name
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => [...part][0])
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return h(
    "span",
    { class: `avatar ${size}`, style: `background:${colour};color:${inkOn(colour)}`, "aria-hidden": "true" },
    initials,
  );
}

/** Hearback's face: an arrow that comes back. */
export function appAvatar(size = "") {
  return h("span", { class: `avatar app ${size}`, "aria-hidden": "true" }, logo());
}

/** The sign alone. */
export function logo() {
  return svg(
    "svg",
    { viewBox: "0 0 32 32" },
    svg("path", { d: "M9.5 12.5H19a5.2 5.2 0 0 1 0 10.4h-7" }),
    svg("path", { d: "m13.5 8-4.5 4.5 4.5 4.5" }),
  );
}

/** A member's status as they set it, such as a palm tree for a holiday. */
export function status(id) {
  const one = member(id);
  if (!one?.status_emoji && !one?.status_text) return null;
  const name = (one.status_emoji ?? "").replaceAll(":", "");
  return h(
    "span",
    { class: "status", title: one.status_text || name, role: "img", "aria-label": one.status_text || name },
    emoji(name) || "💬",
  );
}

const hex = (colour) => (/^[0-9a-f]{6}$/i.test(colour) ? `#${colour}` : colour);

/** Black or white, whichever can be read on a #rrggbb colour. */
function inkOn(colour) {
  const parts = /^#(..)(..)(..)$/.exec(colour);
  if (!parts) return "#fff";
  const [red, green, blue] = parts.slice(1).map((part) => {
    const share = parseInt(part, 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000" : "#fff";
}
