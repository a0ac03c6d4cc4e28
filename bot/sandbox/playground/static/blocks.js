// Block Kit's blocks. https://docs.slack.dev/reference/block-kit/blocks

import { h, link } from "/static/dom.js";
import { interactive } from "/static/elements.js";
import { mrkdwn } from "/static/mrkdwn.js";
import { richText, unknown } from "/static/rich_text.js";

const KINDS = { header, section, context, divider, actions, rich_text: rich, table, image, input };

/** The blocks of a message or a view. `use` is what their elements need to know, see elements.js. */
export function blocks(list, use) {
  return (list ?? []).map((block) => {
    const kind = Object.hasOwn(KINDS, block.type) ? KINDS[block.type] : other;
    const node = kind(block, use);
    node.dataset.block = block.type;
    return node;
  });
}

/** What an element needs to know of where it stands; equal action ids are told apart by their order. */
export function useOf({ names, surface, state, fields, press, choose }) {
  const counts = new Map();
  const key = (id) => {
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return `${surface}/${id}/${count}`;
  };
  return { names, surface, state, fields, press, choose, key };
}

function text(object, use) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, use.names, object.verbatim === true);
  return object.text.split("\n").flatMap((line, place) => (place ? [h("br"), line] : [line]));
}

function header(block) {
  const level = Math.min(6, 2 + (block.level ?? 1));
  return h("div", { class: "block header", role: "heading", "aria-level": level, text: block.text?.text ?? "" });
}

function section(block, use) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, ...text(field, use)));
  return h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "words" },
      block.text ? h("div", { class: "line" }, ...text(block.text, use)) : null,
      fields.length ? h("div", { class: "fields" }, ...fields) : null,
    ),
    block.accessory ? h("div", { class: "accessory" }, element(block, block.accessory, use)) : null,
  );
}

function context(block, use) {
  const parts = (block.elements ?? []).map((part) =>
    part.type === "image" ? picture(part, "small") : h("span", { class: "line" }, ...text(part, use)),
  );
  return h("div", { class: "block context" }, ...parts);
}

function divider() {
  return h("hr", { class: "block divider" });
}

function actions(block, use) {
  return h("div", { class: "block actions" }, ...(block.elements ?? []).map((part) => element(block, part, use)));
}

function element(block, part, use) {
  return part.type === "image" ? picture(part, "thumb") : interactive(block, part, use);
}

function rich(block, use) {
  const node = richText(block, use.names);
  node.classList.add("block");
  return node;
}

function table(block, use) {
  const [head, ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const cell = (tag, content, column) =>
    h(tag, { class: settings[column]?.align ?? "left", scope: tag === "th" ? "col" : null }, ...cellNodes(content, use));
  const row = (tag, cells) => h("tr", {}, ...(cells ?? []).map((content, column) => cell(tag, content, column)));
  return h(
    "div",
    { class: "block table", tabindex: 0, role: "group", "aria-label": "Table" },
    h("table", {}, h("thead", {}, row("th", head)), h("tbody", {}, ...rows.map((cells) => row("td", cells)))),
  );
}

function cellNodes(content, use) {
  if (content.type === "rich_text") return [richText(content, use.names)];
  if (content.type === "raw_text" || content.type === "raw_number") return [String(content.text ?? content.value ?? "")];
  return [unknown(content)];
}

/** Pictures live on other machines, and nothing here asks another machine for anything: their words stand for them. */
function picture(part, size) {
  const words = part.alt_text || "picture";
  const node = h("span", { class: `picture ${size}`, role: "img", "aria-label": words, title: words });
  if (size !== "small") node.append(part.image_url ? link(part.image_url, words) : words);
  return node;
}

function image(block, use) {
  const title = block.title ? h("figcaption", {}, ...text(block.title, use)) : null;
  return h("figure", { class: "block image" }, title, picture(block, "large"));
}

function input(block, use) {
  const label = block.label?.text ?? "";
  const error = use.errors?.[block.block_id];
  const node = interactive(block, block.element, use, label);
  return h(
    "div",
    { class: error ? "block input wrong" : "block input" },
    h("div", { class: "label", "aria-hidden": "true" }, label, block.optional ? h("span", { text: " (optional)" }) : null),
    node,
    block.hint ? h("div", { class: "hint" }, ...text(block.hint, use)) : null,
    error ? h("div", { class: "error", role: "alert", text: error }) : null,
  );
}

function other(block) {
  const source = h("pre", {}, h("code", { text: JSON.stringify(block, null, 2) }));
  const words = h("summary", { text: `This page does not know blocks of the type “${block.type}”.` });
  return h("details", { class: "block unknown" }, words, source);
}
