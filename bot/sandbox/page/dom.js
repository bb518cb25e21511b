/** Building the page: elements made from text only, and lists that keep every node that has not changed. */

const SVG = "http://www.w3.org/2000/svg";
const BOOLEAN = new Set(["hidden", "disabled", "checked", "required", "readonly", "inert", "open", "multiple"]);

/**
 * An element. Strings among the children become text nodes, so nothing anybody wrote is ever read as HTML.
 * Properties beginning with "on" are listeners; false, null and undefined are left out.
 */
export function h(tag, properties = {}, ...children) {
  return dress(document.createElement(tag), properties, children);
}

/** The same for an element inside an SVG picture. */
export function svg(tag, properties = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), properties, children);
}

function dress(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else if (BOOLEAN.has(name)) node.setAttribute(name, "");
    else node.setAttribute(name, value === true ? "true" : value);
  }
  add(node, children);
  return node;
}

/** Append children: nodes, texts, or lists of them; null and false are skipped. */
export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Replace everything inside a node, keeping the focus on the element with the same data-fk. */
export function fill(node, ...children) {
  keepingFocus(node, () => {
    node.replaceChildren();
    add(node, children);
  });
  kept.delete(node);
  return node;
}

const kept = new WeakMap();

/**
 * Make the children of `parent` be `items`, each {key, sign, build}. A node whose key and sign are as before is left
 * alone, with its scroll, its selection and its text; the others are built anew.
 */
export function keyed(parent, items) {
  const before = kept.get(parent);
  if (!before) parent.replaceChildren();
  const after = new Map();
  keepingFocus(parent, () => {
    for (const { key, sign, build } of items) {
      const old = before?.get(key);
      after.set(key, old && old.sign === sign ? old : { sign, node: build(old?.node) });
    }
    const staying = new Set([...after.values()].map((entry) => entry.node));
    for (const node of [...parent.childNodes]) if (!staying.has(node)) node.remove();
    let at = parent.firstChild;
    for (const { node } of after.values()) {
      if (node === at) at = at.nextSibling;
      else parent.insertBefore(node, at);
    }
  });
  kept.set(parent, after);
  return parent;
}

function keepingFocus(node, change) {
  const held = node.contains(document.activeElement) ? document.activeElement : null;
  const name = held?.dataset?.fk;
  const block = held?.closest?.("[data-block]")?.dataset.block;
  const selection = held && selectionOf(held);
  change();
  if (!held || held.isConnected) return;
  const next =
    (name && node.querySelector(`[data-fk="${CSS.escape(name)}"]`)) ||
    (block && node.querySelector(`[data-block="${CSS.escape(block)}"] :is(button, input, textarea)`));
  if (!next) return;
  next.focus({ preventScroll: true });
  if (selection && next.dataset.fk === name) next.setSelectionRange(...selection);
}

function selectionOf(node) {
  try {
    return typeof node.selectionStart === "number" ? [node.selectionStart, node.selectionEnd] : null;
  } catch {
    return null; // number and e-mail fields have no selection
  }
}

const PATHS = {
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  down: "M6 9l6 6 6-6",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z",
  send: "M4 12l16-7-6 15-3-6z",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  survey: "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
  hash: "M9 4L7 20M17 4l-2 16M4 9h16M3 15h16",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7M12 17h.01",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  check: "M5 13l4 4L19 7",
  warn: "M12 4l9 16H3zM12 10v4M12 17h.01",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 20c1-4 4-6 8-6s7 2 8 6",
};

/** One of the page's own icons, drawn in the colour of the text around it. */
export function icon(name) {
  return svg(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: PATHS[name] }),
  );
}

/** A button that only shows an icon, with its name for screen readers and as a tooltip. */
export function iconButton(name, label, onclick, properties = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...properties },
    icon(name),
  );
}
