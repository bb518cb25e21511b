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
    metric: form.metric,
    score: form.score,
    comment: form.comment.trim(),
    language: form.language || language || null,
    touchpoint: form.touchpoint.trim() || null,
  };
}
