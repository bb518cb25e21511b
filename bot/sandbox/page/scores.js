/** The row of big score buttons, from the low to the high end of a question's scale. */

import { add, h } from "./dom.js";

/** The score buttons of a question, as one radio group. `pick` is called with a score. */
export function scores(metric, chosen, pick) {
  const band = (score) => (score <= metric.bands[0] ? "low" : score <= metric.bands[1] ? "neutral" : "high");
  const all = Array.from({ length: metric.high - metric.low + 1 }, (_, index) => metric.low + index);
  const box = h("div", { class: "scores", role: "radiogroup", "aria-labelledby": "question" });
  return add(
    box,
    all.map((score) =>
      h(
        "button",
        {
          type: "button",
          class: `score ${band(score)}`,
          role: "radio",
          "aria-checked": chosen === score ? "true" : "false",
          "data-fk": `score ${score}`,
          tabindex: score === (chosen ?? metric.low) ? "0" : "-1",
          onclick: () => pick(score),
          onkeydown: (event) => step(event, metric, chosen, pick),
        },
        String(score),
      ),
    ),
  );
}

function step(event, metric, chosen, pick) {
  const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const score = Math.min(metric.high, Math.max(metric.low, (chosen ?? metric.low - by) + by));
  pick(score);
  document.querySelector(`[data-fk="score ${score}"]`)?.focus();
}
