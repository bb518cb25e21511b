/** The field to write a message, a reply or a slash command in. */

import { h, icon, iconButton } from "./dom.js";
import { grow } from "./inputs.js";
import { shortcuts } from "./messages.js";
import { menu, toast } from "./overlay.js";
import { cameFrom } from "./press.js";
import { act, store } from "./store.js";

const drafts = new Map();

/** A composer for a channel or a thread. What is typed is kept while the visitor looks elsewhere. */
export function composer(channelId, threadTs, title) {
  const key = `${channelId} ${threadTs ?? ""}`;
  const box = h("textarea", {
    rows: 1,
    "aria-label": title,
    placeholder: title,
    "data-fk": `compose ${key}`,
    value: drafts.get(key) ?? "",
  });
  const send = iconButton("send", "Send", () => submit(), { class: "icon-button send", disabled: true });
  const hint = h("div", { class: "composer-hint" });
  const show = () => {
    const text = box.value.trim();
    drafts.set(key, box.value);
    send.disabled = text === "";
    const isCommand = text.startsWith("/");
    hint.classList.toggle("command", isCommand);
    hint.textContent =
      isCommand && threadTs
        ? "Slash commands don't work in threads; write it in the channel."
        : isCommand
          ? "This goes to Hearback as a command. Only you will see the answer."
          : "";
    hint.hidden = hint.textContent === "";
  };
  const submit = async () => {
    const text = box.value.trim();
    if (!text || box.readOnly) return;
    box.readOnly = true;
    send.classList.add("busy");
    cameFrom(channelId);
    const answer = await act(
      text.startsWith("/") && !threadTs
        ? { do: "command", channel: channelId, text }
        : { do: "post", channel: channelId, text, ...(threadTs && { thread_ts: threadTs }) },
    );
    box.readOnly = false;
    send.classList.remove("busy");
    if (!answer.ok) return toast(answer.error ?? "This could not be sent.", "error");
    box.value = "";
    box.dispatchEvent(new Event("input"));
    box.focus();
  };
  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  grow(box, 200);
  show();
  const write = (text) => {
    box.value = text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  };
  const more = (event) =>
    menu(
      event.currentTarget,
      [
        ...commands().map((one) => ({ label: one.text, note: one.note, act: () => write(one.text) })),
        ...shortcuts("global").map((one) => ({
          label: one.name,
          note: "Shortcut",
          act: () => act({ do: "shortcut", callback_id: one.callback_id }),
        })),
      ],
      "Commands and shortcuts",
    );
  return h(
    "form",
    {
      class: "composer",
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    h(
      "div",
      { class: "composer-box" },
      !threadTs &&
        h(
          "button",
          {
            type: "button",
            class: "icon-button slash",
            "aria-label": "Commands and shortcuts",
            title: "Commands and shortcuts",
            "aria-haspopup": "menu",
            onclick: more,
          },
          "/",
        ),
      box,
      send,
    ),
    hint,
  );
}

const COMMANDS = [
  { text: "/loop help", note: "What can be typed" },
  { text: "/loop status", note: "Are the loops being closed?" },
  { text: "/loop mine", note: "My cases and tasks" },
  { text: "/loop case ", note: "Show one case by its number" },
  { text: "/loop report", note: "Figures and lists in the browser" },
  { text: "/loop digests", note: "What is posted when" },
  { text: "/loop add", note: "Log feedback that somebody told you" },
];

const commands = () => {
  const known = (store.state.commands ?? []).map((one) => one.text ?? one.command ?? one);
  return COMMANDS.filter((one) => !known.length || known.some((name) => one.text.startsWith(name)));
};

/** A line in place of the composer where the member can't write. */
export const closedComposer = (sentence) => h("p", { class: "composer-closed" }, icon("eye"), sentence);
