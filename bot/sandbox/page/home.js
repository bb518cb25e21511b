/** The App Home: Hearback's own page for each member. */

import { blockItems } from "./blocks.js";
import { paneFor } from "./channels.js";
import { h, keyed } from "./dom.js";
import { appAvatar } from "./faces.js";
import { viewPlace } from "./press.js";
import { act, appName, nameOf, store } from "./store.js";

let opened = null;

/** Draw the acting member's App Home, and tell Hearback when it is opened. */
export function drawHome(main, sign) {
  const pane = paneFor(main, `home ${store.as}`, () => [
    h(
      "header",
      { class: "pane-head" },
      h(
        "div",
        { class: "pane-title" },
        h("h1", {}, appAvatar("small"), appName()),
        h("span", { class: "topic" }, `Home of ${nameOf(store.as)}`),
      ),
    ),
    h("div", { class: "scroll", tabindex: "-1" }, h("div", { class: "home" })),
  ]);
  const view = store.state.home?.[store.as];
  const body = pane.querySelector(".home");
  if (view) keyed(body, blockItems(view.blocks, viewPlace(view), { sign }));
  else
    keyed(body, [
      { key: "empty", sign: "", build: () => h("p", { class: "empty" }, `${appName()} is preparing this page…`) },
    ]);
  if (opened === store.as) return;
  opened = store.as;
  act({ do: "open_home" });
}

/** Another page is shown: opening the Home again counts as a new visit. */
export function leaveHome() {
  opened = null;
}
