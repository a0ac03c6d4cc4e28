// rich_text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block. Nothing in it is parsed: text is text.

import { dateNode } from "/static/dates.js";
import { h, link } from "/static/dom.js";
import { emoji } from "/static/emoji.js";
import { mention } from "/static/mrkdwn.js";

/** The block as nodes. */
export function richText(block, names) {
  const nodes = [];
  let lists = []; // the open lists by their indent, so that a deeper one goes into the last item above it
  for (const element of block.elements ?? []) {
    if (element.type !== "rich_text_list") {
      lists = [];
      nodes.push(part(element, names));
      continue;
    }
    const depth = element.indent ?? 0;
    const parent = lists.slice(0, depth).findLast((list) => list)?.lastElementChild;
    const ordered = element.style === "ordered";
    let list = lists[depth];
    if (!list || (list.tagName === "OL") !== ordered) {
      list = h(ordered ? "ol" : "ul", { class: `depth-${depth % 3}`, start: ordered ? (element.offset ?? 0) + 1 : null });
      (parent ?? { append: (node) => nodes.push(node) }).append(list);
    }
    lists = [...lists.slice(0, depth), list];
    for (const item of element.elements ?? []) list.append(h("li", {}, ...inline(item.elements, names)));
  }
  return h("div", { class: "rich-text" }, ...nodes);
}

function part(element, names) {
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "line" }, ...inline(element.elements, names));
    case "rich_text_quote":
      return h("blockquote", {}, ...inline(element.elements, names));
    case "rich_text_preformatted":
      return h("pre", {}, h("code", {}, ...inline(element.elements, names)));
    default:
      return unknown(element);
  }
}

/** What we cannot show, shown as such. */
export function unknown(element) {
  return h("span", { class: "unknown", title: JSON.stringify(element), text: `unknown: ${element?.type ?? "no type"}` });
}

function inline(elements, names) {
  return (elements ?? []).flatMap((element) => styled(element.style ?? {}, piece(element, names)));
}

function piece(element, names) {
  switch (element.type) {
    case "text":
      return element.text.split("\n").flatMap((line, place) => (place ? [h("br"), line] : [line]));
    case "link":
      return [link(element.url, element.text ?? element.url)];
    case "date":
      return [dateNode(element.timestamp, element.format, element.fallback ?? "")];
    case "emoji":
      return [emoji(element.name) ?? `:${element.name}:`];
    case "user":
      return [mention(`@${names.user(element.user_id) ?? element.user_id}`)];
    case "usergroup":
      return [mention("@group")];
    case "channel":
      return [mention(`#${names.channel(element.channel_id) ?? element.channel_id}`)];
    case "broadcast":
      return [mention(`@${element.range}`)];
    default:
      return [unknown(element)];
  }
}

function styled(style, nodes) {
  const tags = { code: "code", bold: "strong", italic: "em", strike: "s", underline: "u" };
  return Object.entries(tags).reduce((inner, [name, tag]) => (style[name] ? [h(tag, {}, ...inner)] : inner), nodes);
}
