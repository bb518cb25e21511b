/** The list on the left: channels, direct messages, the App Home, and the two doors outside Slack. */

import { h, icon, iconButton, keyed } from "./dom.js";
import { otherIn } from "./channels.js";
import { appAvatar, avatar, status } from "./faces.js";
import { toggleGuide } from "./guide.js";
import { newMails } from "./mailbox.js";
import { appName, member, store, titleOf } from "./store.js";
import { unread } from "./unread.js";

/** Draw the sidebar for the place `at`. */
export function drawSidebar(side, at, sign) {
  const { channels } = store.state;
  const rows = channels.filter((one) => !one.is_im && (mine(one) || !one.is_private) && !one.is_archived);
  const direct = channels.filter((one) => one.is_im && mine(one));
  const entry = (one) => ({
    href: `#channel/${one.id}`,
    current: at.channel === one.id,
    label: titleOf(one),
    badge: unread(one),
    faint: !mine(one),
    lead: lead(one),
    after: one.is_im && otherIn(one) !== "app" ? status(otherIn(one)) : null,
    key: one.id,
    loud: one.is_im,
  });
  const groups = [
    [appName(), [{ key: "home", href: "#home", current: at.door === "home", label: "Home", lead: () => icon("home") }]],
    ["Channels", [...rows.filter(mine), ...rows.filter((one) => !mine(one))].map(entry)],
    ["Direct messages", direct.map(entry)],
    [
      "Outside Slack",
      [
        {
          key: "mail",
          href: "#mail",
          current: at.door === "mail",
          label: "Customers’ mailbox",
          badge: newMails(),
          lead: () => icon("mail"),
        },
        {
          key: "survey",
          href: "#survey",
          current: at.door === "survey",
          label: "Answer a survey",
          lead: () => icon("survey"),
        },
      ],
    ],
  ];
  keyed(side, [
    ...groups
      .filter(([, entries]) => entries.length)
      .map(([title, entries]) => ({
        key: title,
        sign:
          sign +
          JSON.stringify(entries.map(({ key, current, label, badge, faint }) => [key, current, label, badge, faint])),
        build: () =>
          h(
            "section",
            { class: "side-group" },
            h("h2", {}, title),
            h(
              "ul",
              {},
              entries.map((one) => h("li", {}, row(one))),
            ),
          ),
      })),
    {
      key: "foot",
      sign: "",
      build: () =>
        h(
          "div",
          { class: "side-foot" },
          h(
            "button",
            { type: "button", class: "side-row", onclick: toggleGuide },
            icon("help"),
            h("span", { class: "side-label" }, "What can I try?"),
          ),
        ),
    },
  ]);
}

const mine = (one) => !one.member_ids || one.member_ids.includes(store.as);

const lead = (one) => () => {
  if (!one.is_im) return h("span", { class: "hash" }, "#");
  return otherIn(one) === "app" ? appAvatar("tiny") : avatar(otherIn(one), "tiny");
};

function row(one) {
  const count = one.badge > 99 ? "99+" : one.badge;
  return h(
    "a",
    {
      class: `side-row${one.badge ? " unread" : ""}${one.faint ? " faint" : ""}`,
      href: one.href,
      "aria-current": one.current ? "page" : null,
      "data-fk": `side ${one.key}`,
      title: one.faint ? "You are not a member of this channel" : null,
    },
    one.lead(),
    h("span", { class: "side-label" }, one.label),
    one.after,
    one.badge > 0 &&
      h("span", { class: `badge${one.loud ? " loud" : ""}`, "aria-label": `${one.badge} unread` }, count),
  );
}

/** The button that opens the sidebar on a phone, with a dot when something is unread. */
export function drawer(side, scrim) {
  const set = (open) => {
    side.classList.toggle("open", open);
    scrim.hidden = !open;
    button.setAttribute("aria-expanded", open ? "true" : "false");
    if (open) side.querySelector("a")?.focus({ preventScroll: true });
  };
  const button = iconButton("menu", "Channels", () => set(!side.classList.contains("open")), {
    class: "icon-button drawer",
    "aria-expanded": "false",
  });
  scrim.addEventListener("click", () => set(false));
  side.addEventListener("click", (event) => {
    if (event.target.closest("a, button")) set(false);
  });
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      set(false);
      button.focus();
    }
  });
  const draw = () =>
    button.classList.toggle(
      "dot",
      store.state.channels.some((one) => mine(one) && member(store.as) && unread(one) > 0),
    );
  return { button, draw };
}
