// Slack's mrkdwn as elements. https://docs.slack.dev/messaging/formatting-message-text
//
// What strangers wrote arrives with its &, < and > escaped, so a bare "<" is always Slack's own mark-up.

import { dateNode } from "/static/dates.js";
import { h, link } from "/static/dom.js";
import { emoji } from "/static/emoji.js";

const WORD = "\\p{L}\\p{N}";

function span(mark) {
  return `(?<![${WORD}${mark}])[${mark}](?=\\S)([^${mark}\\n]*[^\\s${mark}])[${mark}](?![${WORD}${mark}])`;
}

// In the order of precedence: code, Slack's own <…>, bold, italic, strike-through, :emoji:, bare addresses.
const INLINE = new RegExp(
  ["`([^`\\n]+)`", "<([^<>\\n]+)>", span("*"), span("_"), span("~"), ":([a-z0-9_+'-]+):", "(https?://[^\\s<>|]+)"].join("|"),
  "gu",
);

/** The three characters that Slack escapes, as they were. */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A mention as Slack shows it. */
export function mention(label) {
  return h("span", { class: "mention", text: label });
}

/** mrkdwn as nodes. `names` looks up people and channels; with `verbatim`, bare addresses stay text. */
export function mrkdwn(text, names, verbatim = false) {
  const nodes = [];
  const fences = text.split(/```\n?([\s\S]*?)\n?```/g);
  fences.forEach((part, place) => {
    if (place % 2) nodes.push(h("pre", {}, h("code", { text: unescaped(part) })));
    else if (part) nodes.push(...quotes(part, names, verbatim));
  });
  return nodes;
}

function quotes(text, names, verbatim) {
  const nodes = [];
  let quoted = [];
  let plain = [];
  const flush = () => {
    if (quoted.length) nodes.push(h("blockquote", {}, ...lines(quoted, names, verbatim)));
    if (plain.length) nodes.push(...lines(plain, names, verbatim));
    quoted = [];
    plain = [];
  };
  for (const line of text.split("\n")) {
    const isQuote = /^&gt; ?/.test(line);
    if (isQuote ? plain.length : quoted.length) flush();
    if (isQuote) quoted.push(line.replace(/^&gt; ?/, ""));
    else plain.push(line);
  }
  flush();
  return nodes;
}

function lines(all, names, verbatim) {
  return all.flatMap((line, place) => [...(place ? [h("br")] : []), ...inline(line, names, verbatim)]);
}

function inline(text, names, verbatim) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const node = marked(found, names, verbatim);
    if (node === null) continue;
    if (found.index > end) nodes.push(unescaped(text.slice(end, found.index)));
    nodes.push(node);
    end = found.index + found[0].length;
  }
  if (end < text.length) nodes.push(unescaped(text.slice(end)));
  return nodes;
}

function marked([, code, own, bold, italic, strike, shortName, address], names, verbatim) {
  if (code !== undefined) return h("code", { text: unescaped(code) });
  if (own !== undefined) return special(own, names);
  if (bold !== undefined) return h("strong", {}, ...inline(bold, names, verbatim));
  if (italic !== undefined) return h("em", {}, ...inline(italic, names, verbatim));
  if (strike !== undefined) return h("s", {}, ...inline(strike, names, verbatim));
  if (shortName !== undefined) return emoji(shortName);
  return verbatim ? null : link(unescaped(address), unescaped(address));
}

function special(own, names) {
  const bar = own.indexOf("|");
  const target = bar < 0 ? own : own.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(own.slice(bar + 1));
  if (target.startsWith("@")) return mention(`@${names.user(target.slice(1)) ?? (label || "somebody")}`);
  if (target.startsWith("#")) return mention(`#${names.channel(target.slice(1)) ?? (label || "private channel")}`);
  if (target.startsWith("!date^")) {
    const [, unix, tokens, url] = target.split("^");
    const node = dateNode(Number(unix), tokens ?? "", label);
    return url ? link(unescaped(url), node) : node;
  }
  if (target.startsWith("!subteam^")) return mention(label || "@group");
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return link(unescaped(target), label || unescaped(target));
}
