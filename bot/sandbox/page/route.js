/** Where the visitor is, read from the address: #channel/C1, #thread/C1/ts, #home, #mail, #survey, each with ?as=U1. */

const DOORS = ["channel", "thread", "home", "mail", "survey"];

/** The place in the address, as {door, channel?, thread?, customer?, as?, guide?}. */
export function route() {
  const [path, ...options] = decode(location.hash.slice(1)).split(/[?&]/);
  const [first, ...rest] = path.split("/");
  const given = new URLSearchParams(options.join("&"));
  const [name, value] = first.split("=");
  const door = DOORS.includes(first) ? first : null;
  return {
    door,
    as: given.get("as") ?? (name === "as" ? value : null),
    guide: given.get("guide"),
    channel: door === "channel" || door === "thread" ? rest[0] : null,
    thread: door === "thread" ? rest[1] : null,
    customer: door === "mail" ? rest.join("/") || null : null,
  };
}

const decode = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody typed a lone per cent sign
  }
};

/** Go to a place by its address without the #. */
export function go(place) {
  location.hash = place;
}

/** Let `?theme=dark` or `?theme=light` in the address win over the system's choice. */
export function applyTheme() {
  const wanted = new URLSearchParams(location.search).get("theme");
  if (wanted === "dark" || wanted === "light") document.documentElement.dataset.theme = wanted;
}
