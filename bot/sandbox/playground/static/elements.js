// Block Kit's interactive elements. https://docs.slack.dev/reference/block-kit/block-elements
//
// `use` says where they stand: `press(block, element)` and `choose(block, element, value)` tell Slack, `state` holds what
// was chosen, `fields` collects how a form reads itself (what is typed is told with the next thing that is), `key(action_id)` names an element so that it keeps the focus.

import { confirmed } from "/static/dialogs.js";
import { h, icon } from "/static/dom.js";
import { unknown } from "/static/rich_text.js";

const SELECTS = {
  users_select: "selected_user",
  conversations_select: "selected_conversation",
  channels_select: "selected_channel",
};
const MULTI_SELECTS = {
  multi_users_select: "selected_users",
  multi_conversations_select: "selected_conversations",
  multi_channels_select: "selected_channels",
};
const INPUTS = {
  datepicker: ["date", "selected_date", "initial_date"],
  timepicker: ["time", "selected_time", "initial_time"],
  number_input: ["number", "value", "initial_value"],
  email_text_input: ["email", "value", "initial_value"],
  url_text_input: ["url", "value", "initial_value"],
};

/** An element of an actions block, an accessory, or what an input asks for; `label` names it where it has no words. */
export function interactive(block, element, use, label = "") {
  const { type } = element;
  if (type === "button") return button(block, element, use);
  if (type === "overflow") return overflow(block, element, use);
  if (type === "static_select" || type in SELECTS) return select(block, element, use, label);
  if (type === "radio_buttons") return options(block, element, use, label, "radio");
  if (type === "checkboxes" || type === "multi_static_select" || type in MULTI_SELECTS) {
    return options(block, element, use, label, "checkbox");
  }
  if (type === "plain_text_input" || type in INPUTS) return field(block, element, use, label);
  return unknown(element);
}

async function agreed(element) {
  return !element.confirm || confirmed(element.confirm);
}

/** Do it once at a time, and show that it is under way. */
async function busy(node, what) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  try {
    await what();
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function button(block, element, use) {
  const node = h("button", {
    type: "button",
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    title: element.accessibility_label,
    "data-key": use.key(element.action_id),
    "data-action": element.action_id,
    text: element.text?.text ?? "",
  });
  node.addEventListener("click", async () => {
    if (!(await agreed(element))) return;
    if (/^https?:/.test(element.url ?? "")) window.open(element.url, "_blank", "noopener,noreferrer");
    await busy(node, () => use.press(block, element));
  });
  return node;
}

function overflow(block, element, use) {
  const details = h("details", { class: "overflow" });
  const items = (element.options ?? []).map((option) =>
    h("button", {
      type: "button",
      text: option.text.text,
      onclick: async () => {
        details.open = false;
        if (await agreed(element)) await busy(details, () => use.choose(block, element, option.value));
      },
    }),
  );
  details.append(
    h("summary", { class: "button", "aria-label": "More actions", "data-key": use.key(element.action_id) }, icon("more")),
    h("div", { class: "menu" }, ...items),
  );
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.stopPropagation();
    details.open = false;
    details.firstElementChild.focus();
  });
  return details;
}

function chosen(block, element, use) {
  return use.state?.[block.block_id]?.[element.action_id];
}

/** Groups of {value, text}: the element's own options, or the people and conversations that there are. */
function groups(element, names) {
  if (element.type.includes("users")) return [{ options: names.users() }];
  if (element.type in SELECTS || element.type in MULTI_SELECTS) return [{ options: names.conversations(kinds(element)) }];
  const own = element.option_groups ?? [{ options: element.options ?? [] }];
  return own.map((group) => ({
    label: group.label?.text,
    options: group.options.map((option) => ({
      value: option.value,
      text: option.text.text,
      description: option.description?.text,
    })),
  }));
}

/** The kinds of conversation that a menu of them offers. */
function kinds({ type, filter }) {
  if (type.includes("channels")) return ["public"];
  const wanted = filter?.include ?? ["public", "private", "im"];
  return filter?.exclude_bot_users ? wanted.filter((kind) => kind !== "im") : wanted; // the bot's is the only one here
}

function select(block, element, use, label) {
  const filled = chosen(block, element, use);
  const value = element.type in SELECTS ? filled?.[SELECTS[element.type]] : filled?.selected_option?.value;
  const name = label || element.placeholder?.text || "Choose";
  const list = groups(element, use.names).map((group) => {
    const made = group.options.map((o) => h("option", { value: o.value, selected: o.value === value, text: o.text }));
    return group.label ? h("optgroup", { label: group.label }, ...made) : made;
  });
  const node = h(
    "select",
    { "aria-label": name, title: name, "data-key": use.key(element.action_id), "data-action": element.action_id },
    h("option", { value: "", disabled: true, selected: !value, hidden: true, text: element.placeholder?.text ?? "Choose …" }),
    ...list.flat(),
  );
  // A closed menu would ask a question with each press of an arrow key: open it first.
  node.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.altKey) return;
    event.preventDefault();
    node.showPicker?.();
  });
  node.addEventListener("change", async () => {
    if (block.type === "input" && !block.dispatch_action) return; // told with the form
    const picked = node.value;
    if (!(await agreed(element))) node.value = value ?? "";
    else await busy(node, () => use.choose(block, element, picked));
    if (element.type === "static_select" && !element.initial_option && !use.fields) node.value = "";
  });
  use.fields?.set(block.block_id, () => node.value || null);
  return h("span", { class: "select" }, node);
}

function options(block, element, use, label, kind) {
  const filled = chosen(block, element, use);
  const some = filled?.[MULTI_SELECTS[element.type]] ?? filled?.selected_options?.map((option) => option.value) ?? [];
  const value = kind === "radio" ? [filled?.selected_option?.value] : some;
  const name = `${use.surface}/${block.block_id}/${element.action_id}`;
  const boxes = [];
  const read = () => {
    const on = boxes.filter((box) => box.checked).map((box) => box.value);
    return kind === "radio" ? (on[0] ?? null) : on;
  };
  const rows = groups(element, use.names).flatMap((group) => [
    group.label ? h("div", { class: "group", text: group.label }) : null,
    ...group.options.map((option) => {
      const box = h("input", {
        type: kind,
        name,
        value: option.value,
        checked: value.includes(option.value),
        "data-key": use.key(`${element.action_id}/${option.value}`),
        onchange: () => use.choose(block, element, read()),
      });
      boxes.push(box);
      const description = option.description ? h("small", { text: option.description }) : null;
      return h("label", { class: "option" }, box, h("span", {}, option.text, description));
    }),
  ]);
  use.fields?.set(block.block_id, read);
  return h("fieldset", { class: rows.length > 6 ? "options long" : "options", "aria-label": label || null }, ...rows);
}

function field(block, element, use, label) {
  const [type, selected, initial] = INPUTS[element.type] ?? ["text", "value", "initial_value"];
  const filled = chosen(block, element, use);
  const attributes = {
    "aria-label": label || element.placeholder?.text,
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    minlength: element.min_length,
    "data-key": use.key(element.action_id),
    "data-action": element.action_id,
  };
  const node = element.multiline ? h("textarea", { ...attributes, rows: 4 }) : h("input", { ...attributes, type });
  node.value = (filled ? filled[selected] : element[initial]) ?? "";
  const told = () => use.choose(block, element, node.value || null);
  if (type !== "text") node.addEventListener("change", told);
  else if (block.dispatch_action && !element.multiline) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // Slack tells the bot of the words, and does not submit
      told();
    });
  }
  use.fields?.set(block.block_id, () => node.value || null);
  return node;
}
