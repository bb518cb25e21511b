/** The survey, as a customer sees it: who answers, how happy, in which words; and what Hearback made of it. */

import { paneFor } from "./channels.js";
import { add, fill, h, icon, keyed } from "./dom.js";
import { appName, answerSurvey, changed, store, titleOf } from "./store.js";
import { picker } from "./picker.js";
import { visible } from "./unread.js";

const METRICS = {
  nps: { name: "NPS", low: 0, high: 10, ask: "How likely are you to recommend us to a friend or colleague?", ends: ["Not at all likely", "Extremely likely"], bands: [6, 8] },
  csat: { name: "CSAT", low: 1, high: 5, ask: "How satisfied are you with us?", ends: ["Very dissatisfied", "Very satisfied"], bands: [2, 3] },
  ces: { name: "CES", low: 1, high: 7, ask: "We made it easy for you to get this solved.", ends: ["Strongly disagree", "Strongly agree"], bands: [3, 4] },
};
const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", es: "Español", it: "Italiano", nl: "Nederlands", pt: "Português", pl: "Polski", sv: "Svenska", ja: "日本語", ar: "العربية" };
const TOUCHPOINTS = ["Support ticket", "Delivery", "Onboarding", "Invoice", "Renewal", "Website", "Store visit", "Product in use"];
const EXAMPLES = [
  ["nps", 2, "I was charged twice this month and nobody answers my e-mails. Please refund the second invoice.", "Invoice"],
  ["csat", 1, "The parcel arrived a week late and the box was crushed.", "Delivery"],
  ["ces", 2, "I had to explain my problem four times, to four people.", "Support ticket"],
  ["nps", 9, "Setting it up took ten minutes. Lovely.", "Onboarding"],
];

const form = { who: "known", customer: null, name: "", email: "", account: "", metric: "nps", score: null, comment: "", language: "", touchpoint: "", busy: false, error: "", answer: null };

/** Draw the survey form, or what came of it. */
export function drawSurvey(main) {
  const pane = paneFor(main, "survey", () => [
    h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, h("h1", {}, icon("survey"), "Answer a survey"), h("span", { class: "topic" }, "As a customer would, after a survey tool asked them."))),
    h("div", { class: "scroll" }, h("div", { class: "survey" }))]);
  const box = pane.querySelector(".survey");
  form.customer ??= store.state.customers?.[0] ?? null;
  if (!store.state.customers?.length && form.who === "known") form.who = "new";
  keyed(box, [
    { key: "result", sign: resultSign(), build: result },
    { key: "form", sign: JSON.stringify([form.who, form.customer?.email, form.metric, form.score, form.busy, form.error, form.round, form.language]), build: sheet },
  ]);
}

function set(change) {
  Object.assign(form, change);
  changed();
}

function sheet() {
  const metric = METRICS[form.metric];
  return h("form", { class: "sheet", novalidate: true, onsubmit: (event) => { event.preventDefault(); send(); } },
    examples(),
    h("fieldset", {}, h("legend", {}, "Who answers?"), tabs("Who answers", [["known", "Customer"], ["new", "Somebody new"], ["anonymous", "Anonymous"]], form.who, (who) => set({ who })), who()),
    h("fieldset", {}, h("legend", {}, "Which question?"), tabs("Which question", Object.entries(METRICS).map(([key, one]) => [key, one.name]), form.metric, (key) => set({ metric: key, score: null }))),
    h("div", { class: "question" }, h("p", { id: "question" }, metric.ask), scores(metric), h("div", { class: "ends" }, h("span", {}, metric.ends[0]), h("span", {}, metric.ends[1]))),
    h("label", { class: "field" }, h("span", {}, "What is the main reason for your score?"), h("textarea", { class: "input", rows: 3, dir: "auto", "data-fk": "survey-comment", value: form.comment, oninput: (event) => { form.comment = event.target.value; } })),
    h("div", { class: "pair" },
      h("label", { class: "field" }, h("span", {}, "What is it about?"), h("input", { class: "input", list: "touchpoints", value: form.touchpoint, placeholder: "Delivery, invoice…", "data-fk": "survey-touchpoint", oninput: (event) => { form.touchpoint = event.target.value; } }), h("datalist", { id: "touchpoints" }, (store.state.touchpoints ?? TOUCHPOINTS).map((one) => h("option", { value: one })))),
      h("label", { class: "field" }, h("span", {}, "Language"), languageMenu())),
    form.error && h("div", { class: "b-alert error", role: "alert" }, icon("warn"), h("span", {}, form.error)),
    h("div", { class: "b-actions" }, h("button", { class: `button primary large${form.busy ? " busy" : ""}`, disabled: form.busy, "data-fk": "survey-send" }, "Send the answer")));
}

function examples() {
  const pick = ([metric, score, comment, touchpoint]) => set({ metric, score, comment, touchpoint, round: (form.round ?? 0) + 1 });
  return h("div", { class: "examples" }, h("span", {}, "Fill in:"), EXAMPLES.map((one) => h("button", { type: "button", class: "pill", onclick: () => pick(one) }, `${METRICS[one[0]].name} ${one[1]} · ${one[3]}`)));
}

function tabs(label, entries, current, pick) {
  return h("div", { class: "toggle", role: "group", "aria-label": label }, entries.map(([key, name]) => h("button", { type: "button", "aria-pressed": key === current ? "true" : "false", "data-fk": `tab ${key}`, onclick: () => pick(key) }, name)));
}

const about = (one) => [one.account ?? one.account_name, one.segment, one.account_value && `${new Intl.NumberFormat("en-GB").format(one.account_value)} a year`, LANGUAGES[one.language] ?? one.language].filter(Boolean).join(" · ");

function who() {
  if (form.who === "anonymous") return h("p", { class: "b-hint" }, "No name and no address: the team can act on it, but nobody can be told.");
  if (form.who === "new") return h("div", { class: "pair" }, text("name", "Name", "Ada Example"), text("email", "E-mail", "ada@example.com"), text("account", "Company", "optional"));
  const choice = (one) => ({ key: one.email ?? one.name, label: one.name, note: about(one), value: one });
  return [picker({ fk: "survey-customer", label: "Customer", placeholder: "Choose a customer", chosen: form.customer ? [choice(form.customer)] : [], choices: () => store.state.customers.map(choice), onchange: ([one]) => set({ customer: one.value }) }),
    form.customer && h("p", { class: "b-hint" }, [about(form.customer), form.customer.email].filter(Boolean).join(" · "))];
}

const text = (key, label, hint) => h("label", { class: "field" }, h("span", {}, label), h("input", { class: "input", type: key === "email" ? "email" : "text", placeholder: hint, "data-fk": `survey-${key}`, value: form[key], autocomplete: "off", oninput: (event) => { form[key] = event.target.value; } }));

function languageMenu() {
  const codes = [...new Set([...(store.state.languages ?? []), ...Object.keys(LANGUAGES)])];
  return h("select", { class: "input", "data-fk": "survey-language", onchange: (event) => { form.language = event.target.value; } },
    h("option", { value: "" }, form.who === "known" && form.customer?.language ? `As the customer: ${LANGUAGES[form.customer.language] ?? form.customer.language}` : "Not given"),
    codes.map((code) => { const one = h("option", { value: code }, LANGUAGES[code] ?? code); one.selected = form.language === code; return one; }));
}

function scores(metric) {
  const band = (score) => (score <= metric.bands[0] ? "low" : score <= metric.bands[1] ? "neutral" : "high");
  const all = Array.from({ length: metric.high - metric.low + 1 }, (_, index) => metric.low + index);
  const box = h("div", { class: "scores", role: "radiogroup", "aria-labelledby": "question" });
  return add(box, all.map((score) => h("button", {
    type: "button", class: `score ${band(score)}`, role: "radio", "aria-checked": form.score === score ? "true" : "false", "data-fk": `score ${score}`,
    tabindex: score === (form.score ?? metric.low) ? "0" : "-1", onclick: () => set({ score, error: "" }), onkeydown: (event) => step(event, metric),
  }, String(score))));
}

function step(event, metric) {
  const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const score = Math.min(metric.high, Math.max(metric.low, (form.score ?? metric.low - by) + by));
  set({ score, error: "" });
  document.querySelector(`[data-fk="score ${score}"]`)?.focus();
}

function payload() {
  const person = { known: form.customer ?? {}, new: { name: form.name.trim() || null, email: form.email.trim() || null, account: form.account.trim() || null }, anonymous: { anonymous: true } }[form.who];
  const { language, ...details } = person;
  return { ...details, metric: form.metric, score: form.score, comment: form.comment.trim(), language: form.language || language || null, touchpoint: form.touchpoint.trim() || null };
}

async function send() {
  if (form.score === null) return set({ error: "Choose a score first." });
  if (form.who === "new" && !form.email.trim()) return set({ error: "Give an e-mail address, or answer as “Anonymous”." });
  const before = new Map(store.state.channels.map((one) => [one.id, visible(one.id).at(-1)?.ts ?? ""]));
  const sent = `${METRICS[form.metric].name} ${form.score}`;
  const who = { known: form.customer?.name, new: form.name || form.email, anonymous: "somebody anonymous" }[form.who];
  set({ busy: true, error: "" });
  const answer = await answerSurvey(payload());
  const refused = !answer.ok && (answer.error || !answer.status);
  form.busy = false;
  if (refused) return set({ error: answer.error ?? "Hearback didn't take this answer." });
  set({ answer: { ...answer, sent, who, before }, score: null, comment: "", round: (form.round ?? 0) + 1 });
  document.querySelector(".survey")?.closest(".scroll")?.scrollTo({ top: 0 });
}

function touched() {
  const { before } = form.answer;
  return store.state.channels.map((one) => ({ one, fresh: visible(one.id).filter((message) => message.ts > (before.get(one.id) ?? "")) })).filter(({ fresh }) => fresh.length > 0);
}

const resultSign = () => (form.answer ? JSON.stringify([form.answer.sent, form.round, touched().map(({ one, fresh }) => [one.id, fresh.length])]) : "");

function result() {
  if (!form.answer) return h("div", { hidden: true });
  const { status, body, ok, sent, who } = form.answer;
  const good = ok !== false && (!status || status < 300);
  const places = touched();
  const box = h("section", { class: `result ${good ? "good" : "bad"}`, role: "status" },
    h("h2", {}, icon(good ? "check" : "warn"), good ? `${appName()} took ${sent} from ${who}` : `${appName()} refused ${sent} from ${who}`),
    h("p", { class: "b-hint" }, "It answered ", h("code", {}, [status, wordsOf(body ?? form.answer)].filter(Boolean).join(" ")), "."));
  const links = h("div", { class: "b-actions" });
  fill(links, places.map(({ one, fresh }) => h("a", { class: "button", href: hrefTo(one, fresh) }, one.is_im ? `Direct message from ${titleOf(one)}` : `#${titleOf(one)}`, h("span", { class: "badge loud" }, String(fresh.length)))));
  return add(box, places.length ? [h("p", {}, "Something happened here:"), links] : h("p", { class: "b-hint" }, good ? "Only unhappy answers open a case. If this one does, its channel shows up here." : "Nothing was kept. Correct the answer and send it again."));
}

/** The channel, or the thread when everything new stands in one. */
function hrefTo(one, fresh) {
  const threads = new Set(fresh.map((message) => (message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : "")));
  const [only] = threads;
  return threads.size === 1 && only ? `#thread/${one.id}/${only}` : `#channel/${one.id}`;
}

function wordsOf(body) {
  if (typeof body === "string") return body;
  const { before, sent, who, status, ok, ...rest } = body;
  return Object.keys(rest).length ? JSON.stringify(rest) : "";
}
