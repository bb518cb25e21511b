/** Puts the page together: draws what the server says, where the address points. */

import { drawChannel, drawThread, firstChannel, nothing } from "./channels.js";
import { clockBar } from "./clock.js";
import { add, fill, h, icon } from "./dom.js";
import { memberMenu } from "./elements.js";
import { avatar, logo } from "./faces.js";
import { drawGuide } from "./guide.js";
import { drawHome, leaveHome } from "./home.js";
import { drawMailbox } from "./mailbox.js";
import { clearErrorsOnInput, drawModals } from "./modals.js";
import { closePopover } from "./overlay.js";
import { applyTheme, go, route } from "./route.js";
import { drawSidebar, drawer } from "./sidebar.js";
import { actAs, appName, channel, follow, member, nameOf, nowMs, onChange, store, titleOf } from "./store.js";
import { drawSurvey } from "./survey.js";

const KEY = "hearback-sandbox-as";
const part = (id) => document.getElementById(id);
const guide = h("div", { class: "guide-place", hidden: true });
const pane = h("div", { class: "pane-place" });
let top = null;

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing begins with the first member
  }
}

function become(id) {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    /* as above */
  }
  closePopover();
  actAs(id);
}

/** Whom the visitor acts as: the address wins, then the last visit, then the server's suggestion. */
function chooseMember(at) {
  const people = store.state.members.filter((one) => !one.is_bot && !one.deleted);
  const wanted = [at.as, store.as, remembered(), store.state.as, people[0]?.id].find((id) =>
    people.some((one) => one.id === id),
  );
  if (wanted && wanted !== store.as) become(wanted);
  return Boolean(wanted);
}

function buildTop() {
  const { bar, tick } = clockBar();
  const { button, draw } = drawer(part("sidebar"), part("scrim"));
  const me = h("button", {
    type: "button",
    class: "whoami",
    "aria-haspopup": "dialog",
    "data-fk": "me",
    onclick: (event) =>
      memberMenu(event.currentTarget, (id) => {
        if (route().as) go(location.hash.slice(1).replace(/[?&]as=[^&]*/, ""));
        become(id);
      }),
  });
  fill(
    part("topbar"),
    button,
    h(
      "a",
      { class: "brand", href: "#" },
      h("span", { class: "brand-sign" }, logo()),
      h("span", { class: "brand-name" }, appName(), h("small", {}, " sandbox")),
    ),
    bar,
    me,
  );
  return { me, tick, drawButton: draw };
}

function drawTop() {
  top ??= buildTop();
  const one = member(store.as);
  const sign = JSON.stringify(one);
  if (top.sign !== sign) {
    top.sign = sign;
    const title = one.title && h("small", { class: "me-title" }, one.title);
    const words = [h("small", {}, "Acting as"), " ", h("strong", {}, nameOf(store.as)), " ", title];
    fill(
      top.me,
      h("span", { class: "me-text" }, words),
      h("span", { class: "sr-only" }, ", change"),
      avatar(store.as, "small"),
      icon("down"),
    );
  }
  top.tick();
  top.drawButton();
}

/** What every message's look depends on besides itself: who looks, who is who, and which day it is. */
const surroundings = () =>
  JSON.stringify([
    store.as,
    new Date(nowMs()).toDateString(),
    store.state.members.map((one) => [one.id, one.real_name, one.name, one.title, one.status_emoji]),
    store.state.channels.map((one) => [one.id, one.name]),
  ]);

function draw() {
  part("app").classList.toggle("offline", store.offline);
  if (!store.state) return;
  const at = place();
  if (!chooseMember(at)) return void fill(part("main"), h("p", { class: "empty" }, "This sandbox has no members yet."));
  const sign = surroundings();
  drawTop();
  drawSidebar(part("sidebar"), at, sign);
  if (!pane.isConnected) fill(part("main"), guide, pane);
  drawGuide(guide, at.guide);
  drawPane(at, sign);
  drawModals(part("modals"), sign);
  document.title = `${titleFor(at)} · ${appName()} sandbox`;
}

/** The address's place, or the first channel worth looking at. */
function place() {
  const at = route();
  if (at.door && (!at.channel || channel(at.channel))) return at;
  const byName = at.channel && store.state.channels.find((one) => one.name === at.channel.replace(/^#/, ""));
  const first = byName || firstChannel();
  if (!first) return { ...at, door: "nothing", channel: null };
  history.replaceState(null, "", `#channel/${first.id}${at.as ? `?as=${at.as}` : ""}`);
  return { ...at, door: "channel", channel: first.id };
}

function drawPane(at, sign) {
  const thread = part("thread");
  const hasThread = at.door === "thread" && at.thread;
  part("app").classList.toggle("with-thread", Boolean(hasThread));
  thread.hidden = !hasThread;
  if (at.door !== "home") leaveHome();
  if (at.door === "home") drawHome(pane, sign);
  else if (at.door === "mail") drawMailbox(pane, at.customer);
  else if (at.door === "survey") drawSurvey(pane);
  else if (at.door === "nothing") nothing(pane);
  else drawChannel(pane, channel(at.channel), sign);
  if (hasThread) drawThread(thread, channel(at.channel), at.thread, sign);
}

const titleFor = (at) =>
  ({ home: "Home", mail: "Customers’ mailbox", survey: "Answer a survey" })[at.door] ??
  (at.channel ? titleOf(channel(at.channel)) : "");

function offlineNote() {
  return h(
    "div",
    { class: "offline-note", role: "alert" },
    "The sandbox can't be reached. Is it still running in its terminal? Trying again…",
  );
}

function start() {
  applyTheme();
  add(part("app"), offlineNote());
  store.as = route().as ?? remembered();
  onChange(draw);
  clearErrorsOnInput(part("modals"));
  window.addEventListener("hashchange", () => {
    closePopover();
    draw();
  });
  document.addEventListener("visibilitychange", draw);
  setInterval(draw, 60_000);
  follow();
}

start();
