/** Times as people read them, counted from the sandbox's clock, and the clock that the visitor winds. */

import { add, fill, h, icon } from "./dom.js";
import { popover, toast } from "./overlay.js";
import { act, nowMs, store } from "./store.js";

const LANGUAGE = "en-GB";
const DAY = 86_400_000;

// Everybody in the pretended team reads times in the team's zone, whoever looks at the page.
const text = (ms, options, timeZone = store.state?.timezone) =>
  new Intl.DateTimeFormat(LANGUAGE, { timeZone, ...options }).format(new Date(ms));
const dayOf = (ms) => text(ms, { year: "numeric", month: "2-digit", day: "2-digit" });

/** "14:05" in the team's zone. */
const timeOf = (ms) => text(ms, { hour: "2-digit", minute: "2-digit" });

/** Today, yesterday, tomorrow, or nothing when the day is further away. */
function nearDay(ms) {
  const days = { [dayOf(nowMs())]: "today", [dayOf(nowMs() - DAY)]: "yesterday", [dayOf(nowMs() + DAY)]: "tomorrow" };
  return days[dayOf(ms)];
}

/** A heading for the messages of one day. */
export function dayHeading(ms) {
  const near = nearDay(ms);
  if (near) return near[0].toUpperCase() + near.slice(1);
  return text(ms, { weekday: "long", day: "numeric", month: "long", ...(otherYear(ms) && { year: "numeric" }) });
}

const otherYear = (ms) => text(ms, { year: "numeric" }) !== text(nowMs(), { year: "numeric" });

/** The whole date and time, for tooltips and mails. */
export const fullTime = (ms) =>
  text(ms, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

/** "3 minutes ago", "in 2 hours", by the sandbox's clock. */
export function fromNow(ms, style = "long") {
  const seconds = (ms - nowMs()) / 1000;
  const steps = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style });
  for (const [unit, size] of steps)
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  return "just now";
}

const FORMATS = {
  date_num: (ms) => text(ms, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (ms) => text(ms, { day: "numeric", month: "long", year: "numeric" }),
  date_short: (ms) => text(ms, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (ms) => text(ms, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  date_pretty: (ms) => nearDay(ms) ?? FORMATS.date(ms),
  date_short_pretty: (ms) => nearDay(ms) ?? FORMATS.date_short(ms),
  date_long_pretty: (ms) => nearDay(ms) ?? FORMATS.date_long(ms),
  date_full: (ms) => FORMATS.date_long(ms),
  day_divider_pretty: (ms) => nearDay(ms) ?? text(ms, { weekday: "long", day: "numeric", month: "long" }),
  time: timeOf,
  time_secs: (ms) => text(ms, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago: fromNow,
};

/** What Slack makes of <!date^seconds^format^link|fallback>; the fallback when the time can't be read. */
export function slackDate(seconds, format, fallback) {
  const ms = Number(seconds) * 1000;
  if (!Number.isFinite(ms) || !format || Number.isNaN(new Date(ms).getTime())) return fallback || String(seconds);
  return format.replaceAll(/\{(\w+)\}/g, (whole, name) => FORMATS[name]?.(ms) ?? whole);
}

/** Seconds as a field for date and time holds them, "2026-12-01T14:05", in the team's zone as all that is read. */
export function wallTime(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const ms = seconds * 1000;
  const [day, month, year] = dayOf(ms).split("/");
  return `${year}-${month}-${day}T${timeOf(ms)}`;
}

/** The seconds of such a text; null for none. An hour that summer time leaves out counts as the one after it. */
export function fromWallTime(text) {
  if (!text) return null;
  const shown = Date.parse(`${text}Z`) / 1000;
  const ahead = (seconds) => Date.parse(`${wallTime(seconds)}Z`) / 1000 - seconds;
  return shown - ahead(shown - ahead(shown));
}

/** A time in the markup of the page, with the whole date as its tooltip. */
export function time(ms, shown = timeOf(ms), properties = {}) {
  return h("time", { datetime: new Date(ms).toISOString(), title: fullTime(ms), ...properties }, shown);
}

const teamZone = () => store.state?.team?.timezone ?? store.state?.timezone;

/** The team's own time, as {day, time, zone}. */
function teamTime() {
  const zone = teamZone();
  return {
    day: text(nowMs(), { weekday: "short", day: "numeric", month: "short" }, zone),
    time: text(nowMs(), { hour: "2-digit", minute: "2-digit" }, zone),
    zone: zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

const STEPS = [
  [1, "+1 h"],
  [4, "+4 h"],
  [24, "+1 day"],
  [72, "+3 days"],
];

async function wind(hours, button) {
  button.disabled = true;
  const answer = await act({ do: "wind", hours });
  button.disabled = false;
  if (answer.ok) toast(`The clock went forward ${spell(hours)}.`);
  else toast(answer.error ?? "The clock could not be wound.", "error");
}

const spell = (hours) => (hours % 24 === 0 ? plural(hours / 24, "day") : plural(hours, "hour"));
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

const stepButton = ([hours, label]) =>
  h(
    "button",
    {
      type: "button",
      class: "step",
      title: `Wind the clock forward ${spell(hours)}`,
      onclick: (event) => wind(hours, event.currentTarget),
    },
    label,
  );

function windMenu(anchor) {
  const field = h("input", {
    type: "number",
    min: "0.25",
    step: "0.25",
    value: "8",
    "aria-label": "Hours to wind forward",
    class: "input",
  });
  const form = h(
    "form",
    { class: "wind-form" },
    field,
    h("span", {}, "hours"),
    h("button", { class: "button primary" }, "Wind forward"),
  );
  const close = popover(
    anchor,
    add(h("div", { class: "wind-menu" }), [
      h(
        "p",
        { class: "menu-note" },
        `It is ${teamTime().time} for the team (${teamTime().zone}). Clocks only go forward.`,
      ),
      h("div", { class: "steps" }, STEPS.map(stepButton)),
      form,
    ]),
    { label: "Wind the clock" },
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const hours = Number(field.value);
    if (!(hours > 0)) return toast("Give a number of hours above zero.", "error");
    close();
    wind(hours, form.lastChild);
  });
}

/** The clock in the top bar: the team's time, steps forward, and a menu for any number of hours. */
export function clockBar() {
  const face = h("span", { class: "clock-face" });
  const tick = () => {
    const now = teamTime();
    const zone = now.zone.split("/").pop().replaceAll("_", " ");
    fill(
      face,
      h("span", { class: "clock-day" }, now.day),
      " ",
      h("strong", {}, now.time),
      h("span", { class: "clock-zone" }, zone),
    );
    face.title = `The team's time, ${now.zone}. Press to wind it by any number of hours.`;
  };
  tick();
  setInterval(tick, 5000);
  const more = h(
    "button",
    {
      type: "button",
      class: "clock-open",
      "aria-haspopup": "dialog",
      title: "Wind the clock by any number of hours",
      onclick: (event) => windMenu(event.currentTarget),
    },
    icon("clock"),
    face,
    h("span", { class: "sr-only" }, ", wind the clock"),
    icon("down"),
  );
  const bar = h(
    "div",
    { class: "clock", role: "group", "aria-label": "The sandbox's clock" },
    more,
    h("div", { class: "steps" }, STEPS.map(stepButton)),
  );
  return { bar, tick };
}
