/** What visitors have typed and chosen, kept apart from the elements on the screen, in the shape of Slack's state.values. */

const FIELDS = {
  plain_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  rich_text_input: ["rich_text_value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  users_select: ["selected_user", "initial_user"],
  multi_users_select: ["selected_users", "initial_users"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  file_input: ["files", "initial_files"],
};

const LISTS = new Set(["selected_options", "selected_users", "selected_conversations", "selected_channels", "files"]);

const remembered = new Map();
const current = new Map();

/** Whether an element of this type holds a value that is submitted. */
export const holdsValue = (type) => type in FIELDS;

/** The name of the property that holds the value of an element of this type. */
export const fieldOf = (type) => FIELDS[type][0];

/**
 * Say which blocks a message or view (known by `key`) now has. What was typed stays for every input whose block and
 * action are still there, as in Slack; the rest is forgotten. Initial values count from the first time they are shown.
 */
export function present(key, blocks, place = {}) {
  const before = remembered.get(key) ?? new Map();
  const after = new Map();
  for (const { block, element } of stateful(blocks)) {
    const name = nameOf(block.block_id, element.action_id);
    after.set(name, before.get(name)?.type === element.type ? before.get(name) : initial(element, place));
  }
  remembered.set(key, after);
  current.set(key, blocks);
}

/** The value of one element, as Slack would submit it now. */
export function valueOf(key, block, element) {
  return remembered.get(key)?.get(nameOf(block.block_id, element.action_id)) ?? initial(element, {});
}

/** Remember a new value of an element. */
export function remember(key, block, element, value) {
  const whole = { type: element.type, [fieldOf(element.type)]: value };
  if (!remembered.has(key)) remembered.set(key, new Map());
  remembered.get(key).set(nameOf(block.block_id, element.action_id), whole);
  return whole;
}

/** state.values of a message or view: {block_id: {action_id: {type, ...}}}. */
export function stateOf(key) {
  const values = {};
  for (const { block, element } of stateful(current.get(key) ?? [])) {
    values[block.block_id] ??= {};
    values[block.block_id][element.action_id] = valueOf(key, block, element);
  }
  return values;
}

/** The required inputs that are empty or can't be right, as {block_id: sentence}. Slack's clients check the same. */
export function missing(key) {
  const errors = {};
  for (const { block, element } of stateful(current.get(key) ?? [])) {
    if (block.type !== "input") continue;
    const value = valueOf(key, block, element)[fieldOf(element.type)];
    const problem = isEmpty(value) ? !block.optional && "Please complete this required field." : wrong(element, value);
    if (problem) errors[block.block_id] = problem;
  }
  return errors;
}

/** Forget what was typed in a view that has closed. */
export function forget(key) {
  remembered.delete(key);
  current.delete(key);
}

const nameOf = (block, action) => `${block} ${action}`;

const isEmpty = (value) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

function wrong(element, value) {
  const length = typeof value === "string" ? value.length : null;
  if (element.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(value)) return "Enter a valid e-mail address.";
  if (element.type === "url_text_input" && !/^https?:\/\/\S+$/i.test(value))
    return "Enter a valid link, beginning with http:// or https://.";
  if (element.type === "number_input") return wrongNumber(element, value);
  if (length !== null && element.min_length && length < element.min_length)
    return `Write at least ${element.min_length} characters.`;
  if (length !== null && element.max_length && length > element.max_length)
    return `Write at most ${element.max_length} characters.`;
  return null;
}

function wrongNumber(element, value) {
  const number = Number(value);
  if (!Number.isFinite(number)) return "Enter a number.";
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return "Enter a whole number.";
  if (element.min_value !== undefined && number < Number(element.min_value))
    return `Enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && number > Number(element.max_value))
    return `Enter ${element.max_value} or less.`;
  return null;
}

function* stateful(blocks) {
  for (const block of blocks ?? []) {
    for (const element of [
      block.element,
      block.accessory,
      ...(block.type === "actions" ? (block.elements ?? []) : []),
    ]) {
      if (element && holdsValue(element.type)) yield { block, element };
    }
  }
}

function initial(element, place) {
  const [field, from] = FIELDS[element.type];
  const here = element.default_to_current_conversation ? place.channel : undefined;
  const value = element[from] ?? (here === undefined ? undefined : LISTS.has(field) ? [here] : here);
  return { type: element.type, [field]: value ?? (LISTS.has(field) ? [] : null) };
}
