/** What has been filled into the survey, and the part that says who answers. */

import { h } from "./dom.js";
import { picker } from "./picker.js";
import { changed, store } from "./store.js";
import { LANGUAGES } from "./survey_questions.js";

/** The form as it is filled in; it outlives every drawing of it. */
export const form = {
  who: "known",
  customer: null,
  name: "",
  email: "",
  account: "",
  metric: "nps",
  score: null,
  comment: "",
  language: "",
  touchpoint: "",
  tool: "generic",
  lost: false,
  busy: false,
  error: "",
  answer: null,
};

/** Change the form and draw it again. */
export function set(change) {
  Object.assign(form, change);
  changed();
}

/** A row of alternatives, each [key, name]. */
export function tabs(label, entries, current, pick) {
  return h(
    "div",
    { class: "toggle", role: "group", "aria-label": label },
    entries.map(([key, name]) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": key === current ? "true" : "false",
          "data-fk": `tab ${key}`,
          onclick: () => pick(key),
        },
        name,
      ),
    ),
  );
}

/** Who answers: a known customer, somebody new, or nobody that can be named. */
export function whoAnswers() {
  return h(
    "fieldset",
    {},
    h("legend", {}, "Who answers?"),
    tabs(
      "Who answers",
      [
        ["known", "Customer"],
        ["new", "Somebody new"],
        ["anonymous", "Anonymous"],
      ],
      form.who,
      (who) => set({ who }),
    ),
    who(),
  );
}

const about = (one) =>
  [
    one.account ?? one.account_name,
    one.segment,
    one.account_value && `${new Intl.NumberFormat("en-GB").format(one.account_value)} a year`,
    LANGUAGES[one.language] ?? one.language,
  ]
    .filter(Boolean)
    .join(" · ");

function who() {
  if (form.who === "anonymous")
    return h("p", { class: "b-hint" }, "No name and no address: the team can act on it, but nobody can be told.");
  if (form.who === "new")
    return h(
      "div",
      { class: "pair" },
      text("name", "Name", "Ada Example"),
      text("email", "E-mail", "ada@example.com"),
      text("account", "Company", "optional"),
    );
  const choice = (one) => ({ key: one.email ?? one.name, label: one.name, note: about(one), value: one });
  return [
    picker({
      fk: "survey-customer",
      label: "Customer",
      placeholder: "Choose a customer",
      chosen: form.customer ? [choice(form.customer)] : [],
      choices: () => store.state.customers.map(choice),
      onchange: ([one]) => set({ customer: one.value }),
    }),
    form.customer &&
      h("p", { class: "b-hint" }, [about(form.customer), form.customer.email].filter(Boolean).join(" · ")),
  ];
}

const text = (key, label, hint) =>
  h(
    "label",
    { class: "field" },
    h("span", {}, label),
    h("input", {
      class: "input",
      type: key === "email" ? "email" : "text",
      placeholder: hint,
      "data-fk": `survey-${key}`,
      value: form[key],
      autocomplete: "off",
      oninput: (event) => {
        form[key] = event.target.value;
      },
    }),
  );

/** The languages that an answer can be in. */
export function languageMenu() {
  const codes = [...new Set([...(store.state.languages ?? []), ...Object.keys(LANGUAGES)])];
  return h(
    "select",
    {
      class: "input",
      "data-fk": "survey-language",
      onchange: (event) => {
        form.language = event.target.value;
      },
    },
    h(
      "option",
      { value: "" },
      form.who === "known" && form.customer?.language
        ? `As the customer: ${LANGUAGES[form.customer.language] ?? form.customer.language}`
        : "Not given",
    ),
    codes.map((code) => {
      const one = h("option", { value: code }, LANGUAGES[code] ?? code);
      one.selected = form.language === code;
      return one;
    }),
  );
}

/** The survey tool by which the answer comes; null: Hearback's own format. */
export const tool = () => (store.state.tools ?? []).find((one) => one.name === form.tool) ?? null;

/** Which survey tool sends the answer, signed as that tool signs, and whether its webhook gets lost on the way. */
export function whichTool() {
  const tools = store.state.tools ?? [];
  if (!tools.length) return null;
  const pick = (name) => {
    const { metrics } = tools.find((one) => one.name === name) ?? { metrics: [form.metric] };
    set({ tool: name, lost: false, ...(metrics.includes(form.metric) ? {} : { metric: metrics[0], score: null }) });
  };
  const option = (name, title) => {
    const one = h("option", { value: name }, title);
    one.selected = form.tool === name;
    return one;
  };
  return h(
    "fieldset",
    {},
    h("legend", {}, "Sent by which survey tool?"),
    h(
      "select",
      { class: "input", "aria-label": "Survey tool", "data-fk": "survey-tool", onchange: (event) => pick(event.target.value) },
      option("generic", "Any tool, in Hearback’s own format"),
      tools.map((one) => option(one.name, one.title)),
    ),
    tool()?.is_polled &&
      h(
        "label",
        { class: "b-hint" },
        h("input", {
          type: "checkbox",
          "data-fk": "survey-lost",
          checked: form.lost,
          onchange: (event) => set({ lost: event.target.checked }),
        }),
        " Its webhook gets lost: Hearback finds the answer when it next asks the tool, within the hour (wind the clock).",
      ),
  );
}

/** The answer as the server takes it. */
export function payload() {
  const person = {
    known: form.customer ?? {},
    new: { name: form.name.trim() || null, email: form.email.trim() || null, account: form.account.trim() || null },
    anonymous: { anonymous: true },
  }[form.who];
  const { language, ...details } = person;
  return {
    ...details,
    tool: form.tool,
    is_lost: form.lost,
    metric: form.metric,
    score: form.score,
    comment: form.comment.trim(),
    language: form.language || language || null,
    touchpoint: form.touchpoint.trim() || null,
  };
}
