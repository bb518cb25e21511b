/** What the server said last, kept fresh by long polling, and the ways to ask it to do something. */

const BASE = new URL(".", document.baseURI);
const listeners = new Set();

export const store = { state: null, as: null, offline: false };

let version = null;
let receivedAt = 0;
let sandboxAt = 0;
let waiting = new AbortController();

/** Call `listener` after every change of the state. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Tell everybody who listens to draw again. */
export function changed() {
  for (const listener of listeners) listener();
}

/** The sandbox's clock, in milliseconds since 1970. */
export function nowMs() {
  return sandboxAt ? sandboxAt + (performance.now() - receivedAt) : Date.now();
}

/** Look through another member's eyes from now on. */
export function actAs(member) {
  if (store.as === member) return;
  store.as = member;
  refresh();
}

/** Ask for the whole state at once instead of waiting for the next change. */
function refresh() {
  version = null;
  waiting.abort();
}

/** Follow the server for as long as the page is open. */
export async function follow() {
  for (;;) {
    waiting = new AbortController();
    const as = store.as;
    try {
      take(await get(as, waiting.signal), as);
    } catch (problem) {
      if (problem.name === "AbortError") continue;
      if (!store.offline) {
        store.offline = true;
        changed();
      }
      version = null;
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
}

async function get(as, signal) {
  const address = new URL("state", BASE);
  if (version !== null) address.searchParams.set("since", version);
  if (as) address.searchParams.set("as", as);
  const answer = await fetch(address, { signal, cache: "no-store" });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

function take(state, as) {
  if (as !== store.as) return; // somebody else is looking by now
  const same = state.version === version && store.state && !store.offline;
  version = state.version;
  receivedAt = performance.now();
  sandboxAt = typeof state.now === "number" ? state.now * 1000 : Date.parse(state.now);
  store.offline = false;
  if (same) return;
  store.state = state;
  changed();
}

const FAILURES = {
  operation_timeout: "didn't answer within three seconds. Try again.",
  dispatch_failed: "could not be reached, or answered with an error. Its terminal says why.",
};

/** Do something as the acting member. Always resolves to {ok, error?, errors?, ...}; never throws. */
export async function act(what) {
  const answer = await send("act", { as: store.as, ...what });
  refresh();
  return FAILURES[answer.error] ? { ...answer, error: `${appName()} ${FAILURES[answer.error]}` } : answer;
}

/** Ask for something that changes nothing, such as the options of a menu. */
export function ask(what) {
  return send("act", { as: store.as, ...what });
}

/** Answer a survey as a customer. Resolves to {ok, status, ...} as the server says. */
export async function answerSurvey(answer) {
  const result = await send("survey", answer);
  refresh();
  return result;
}

async function send(path, body) {
  try {
    const answer = await fetch(new URL(path, BASE), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    try {
      return { ok: answer.ok, ...JSON.parse(text) };
    } catch {
      return { ok: false, error: `The sandbox answered ${answer.status}. Its terminal says why.` };
    }
  } catch {
    return { ok: false, error: "The sandbox can't be reached. Is it still running in its terminal?" };
  }
}

/** A member by id; null for somebody unknown. */
export function member(id) {
  return store.state?.members?.find((one) => one.id === id) ?? null;
}

/** A channel by id; null for one that doesn't exist. */
export function channel(id) {
  return store.state?.channels?.find((one) => one.id === id) ?? null;
}

/** The name people see for a member. */
export function nameOf(id) {
  const one = member(id);
  return one ? one.real_name || one.name : id;
}

/** How a channel is called: "#name", or for a direct message the names of the others. */
export function titleOf(one) {
  if (!one) return "unknown channel";
  if (!one.is_im) return one.name;
  const others = (one.member_ids ?? []).filter((id) => id !== store.as && member(id));
  return others.length ? others.map(nameOf).join(", ") : appName();
}

/** The app's name as it signs its messages. */
export function appName() {
  return store.state?.app?.name ?? "Hearback";
}
