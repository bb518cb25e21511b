/** The survey, as a customer sees it: who answers, how happy, in which words; and what Hearback made of it. */

import { paneFor } from "./channels.js";
import { h, icon, keyed } from "./dom.js";
import { answerSurvey, store } from "./store.js";
import { scores } from "./scores.js";
import { EXAMPLES, METRICS, TOUCHPOINTS } from "./survey_questions.js";
import { form, languageMenu, payload, set, tabs, tool, whichTool, whoAnswers } from "./survey_form.js";
import { result, resultSign } from "./survey_result.js";
import { visible } from "./unread.js";

/** Draw the survey form, or what came of it. */
export function drawSurvey(main) {
  const pane = paneFor(main, "survey", () => [
    h(
      "header",
      { class: "pane-head" },
      h(
        "div",
        { class: "pane-title" },
        h("h1", {}, icon("survey"), "Answer a survey"),
        h("span", { class: "topic" }, "As a customer would, after a survey tool asked them."),
      ),
    ),
    h("div", { class: "scroll" }, h("div", { class: "survey" })),
  ]);
  const box = pane.querySelector(".survey");
  form.customer ??= store.state.customers?.[0] ?? null;
  if (!store.state.customers?.length && form.who === "known") form.who = "new";
  keyed(box, [
    { key: "result", sign: resultSign(form.answer), build: () => result(form.answer) },
    {
      key: "form",
      sign: JSON.stringify([
        form.who,
        form.customer?.email,
        form.metric,
        form.score,
        form.busy,
        form.error,
        form.round,
        form.language,
        form.tool,
        form.lost,
      ]),
      build: sheet,
    },
  ]);
}

function sheet() {
  const metric = METRICS[form.metric];
  return h(
    "form",
    {
      class: "sheet",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        send();
      },
    },
    examples(),
    whichTool(),
    whoAnswers(),
    h(
      "fieldset",
      {},
      h("legend", {}, "Which question?"),
      tabs(
        "Which question",
        Object.entries(METRICS)
          .filter(([key]) => tool()?.metrics.includes(key) ?? true)
          .map(([key, one]) => [key, one.name]),
        form.metric,
        (key) => set({ metric: key, score: null }),
      ),
    ),
    h(
      "div",
      { class: "question" },
      h("p", { id: "question" }, metric.ask),
      scores(metric, form.score, (score) => set({ score, error: "" })),
      h("div", { class: "ends" }, h("span", {}, metric.ends[0]), h("span", {}, metric.ends[1])),
    ),
    h(
      "label",
      { class: "field" },
      h("span", {}, "What is the main reason for your score?"),
      h("textarea", {
        class: "input",
        rows: 3,
        dir: "auto",
        "data-fk": "survey-comment",
        value: form.comment,
        oninput: (event) => {
          form.comment = event.target.value;
        },
      }),
    ),
    h(
      "div",
      { class: "pair" },
      h(
        "label",
        { class: "field" },
        h("span", {}, "What is it about?"),
        h("input", {
          class: "input",
          list: "touchpoints",
          value: form.touchpoint,
          placeholder: "Where they met us",
          "data-fk": "survey-touchpoint",
          oninput: (event) => {
            form.touchpoint = event.target.value;
          },
        }),
        h(
          "datalist",
          { id: "touchpoints" },
          (store.state.touchpoints ?? TOUCHPOINTS).map((one) => h("option", { value: one })),
        ),
      ),
      h("label", { class: "field" }, h("span", {}, "Language"), languageMenu()),
    ),
    form.error && h("div", { class: "b-alert error", role: "alert" }, icon("warn"), h("span", {}, form.error)),
    h(
      "div",
      { class: "b-actions" },
      h(
        "button",
        { class: `button primary large${form.busy ? " busy" : ""}`, disabled: form.busy, "data-fk": "survey-send" },
        "Send the answer",
      ),
    ),
  );
}

function examples() {
  const pick = ({ metric, score, comment, touchpoint }) =>
    set({
      metric,
      score,
      comment,
      touchpoint,
      error: "",
      round: (form.round ?? 0) + 1,
      ...(tool()?.metrics.includes(metric) ? {} : { tool: "generic", lost: false }),
    });
  return h(
    "div",
    { class: "examples" },
    h("span", {}, "Fill in:"),
    EXAMPLES.map((one) => h("button", { type: "button", class: "pill", onclick: () => pick(one) }, one.label)),
  );
}

async function send() {
  if (form.score === null) return set({ error: "Choose a score first." });
  if (form.who === "new" && !form.email.trim())
    return set({ error: "Give an e-mail address, or answer as “Anonymous”." });
  const before = new Map(store.state.channels.map((one) => [one.id, visible(one.id).at(-1)?.ts ?? ""]));
  const sent = `${METRICS[form.metric].name} ${form.score}`;
  const who = { known: form.customer?.name, new: form.name || form.email, anonymous: "somebody anonymous" }[form.who];
  set({ busy: true, error: "" });
  const answer = await answerSurvey(payload());
  const refused = !answer.ok && (answer.error || !answer.status);
  form.busy = false;
  if (refused) return set({ error: answer.error ?? "Hearback didn't take this answer." });
  set({
    answer: { ...answer, sent, who, before, round: form.round ?? 0 },
    score: null,
    comment: "",
    round: (form.round ?? 0) + 1,
  });
  document.querySelector(".survey")?.closest(".scroll")?.scrollTo({ top: 0 });
}
