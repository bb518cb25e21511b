/** A few lines that say what to try, shown at the first visit and whenever asked for. */

import { h, iconButton, keyed } from "./dom.js";
import { changed, store } from "./store.js";

const KEY = "hearback-sandbox-guide";
let open = null;

function wasDismissed() {
  try {
    return localStorage.getItem(KEY) === "dismissed";
  } catch {
    return false; // a browser that keeps nothing shows the guide each time
  }
}

/** Show or hide the guide from now on. */
function setGuide(wanted) {
  open = wanted;
  try {
    wanted ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, "dismissed");
  } catch {
    /* as above */
  }
  changed();
}

/** Show the guide, or put it away if it is there. */
export const toggleGuide = () => setGuide(!open);

/** Draw the guide into its place above the pane. */
export function drawGuide(place, wanted) {
  open ??= wanted ? wanted !== "off" : !wasDismissed();
  const lines = store.state.guide ?? [];
  place.hidden = !open || !lines.length;
  keyed(
    place,
    place.hidden
      ? []
      : [
          {
            key: "guide",
            sign: JSON.stringify(lines),
            build: () =>
              h(
                "section",
                { class: "guide", "aria-label": "What to try" },
                h(
                  "div",
                  { class: "guide-head" },
                  h("h2", {}, "What to try"),
                  iconButton("close", "Put the guide away", () => setGuide(false)),
                ),
                h(
                  "ol",
                  {},
                  lines.map((line) => h("li", {}, h("span", {}, typeof line === "string" ? line : line.text))),
                ),
              ),
          },
        ],
  );
}
