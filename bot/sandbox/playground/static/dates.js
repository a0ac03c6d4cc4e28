// Slack's dates: an instant and a format with tokens, shown in the reader's own zone and words.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting

import { h } from "/static/dom.js";

const DAY_MS = 86_400_000;
const SIX_MONTHS_MS = 182 * DAY_MS;

let ahead = 0; // ms

/** The workspace's clock is so many seconds ahead of this machine's: "today" is its today. */
export function setAhead(seconds) {
  if (ahead === seconds * 1000) return;
  ahead = seconds * 1000;
  refreshDates();
}

function now() {
  return new Date(Date.now() + ahead);
}

function format(date, options) {
  return new Intl.DateTimeFormat(undefined, options).format(date);
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function withYear(date, options) {
  return Math.abs(now().getTime() - date.getTime()) > SIX_MONTHS_MS ? { ...options, year: "numeric" } : options;
}

const LONG = { weekday: "long", month: "long", day: "numeric" };
const PLAIN = { month: "long", day: "numeric" };
const SHORT = { month: "short", day: "numeric" };

function pretty(date, options) {
  const days = Math.round((midnight(date) - midnight(now())) / DAY_MS);
  const word = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  return word ?? format(date, withYear(date, options));
}

function ago(date) {
  const seconds = (date.getTime() - now().getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, length] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "just now";
}

const TOKENS = {
  date_num: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date_slash: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (date) => format(date, withYear(date, PLAIN)),
  date_short: (date) => format(date, withYear(date, SHORT)),
  date_long: (date) => format(date, withYear(date, LONG)),
  date_long_full: (date) => format(date, { ...LONG, year: "numeric" }),
  date_pretty: (date) => pretty(date, PLAIN),
  date_short_pretty: (date) => pretty(date, SHORT),
  date_long_pretty: (date) => pretty(date, LONG),
  day_divider_pretty: (date) => pretty(date, LONG),
  time: (date) => clock(date),
  time_secs: (date) => format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (date) => ago(date),
};

/** The time of day, as the reader's own language tells it. */
export function clock(date) {
  return format(date, { hour: "numeric", minute: "2-digit" });
}

/** The day, such as "Today" or "Monday, 23 November". */
export function day(date) {
  const words = pretty(date, LONG);
  return words[0].toUpperCase() + words.slice(1);
}

function told(unix, tokens) {
  const date = new Date(unix * 1000);
  return tokens.replace(/\{(\w+)\}/g, (whole, name) => TOKENS[name]?.(date) ?? whole);
}

/** A date as an element; `fallback` where the instant is none. */
export function dateNode(unix, tokens, fallback) {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return h("span", { text: fallback });
  const title = `${format(date, { dateStyle: "full", timeStyle: "long" })} (sent as: ${fallback})`;
  const node = h("time", { datetime: date.toISOString(), title, "data-unix": unix, "data-tokens": tokens });
  node.textContent = told(unix, tokens);
  return node;
}

/** Tell all dates anew, so that "a minute ago" stays true. */
export function refreshDates() {
  for (const node of document.querySelectorAll("time[data-tokens]")) {
    const words = told(Number(node.dataset.unix), node.dataset.tokens);
    if (node.textContent !== words) node.textContent = words;
  }
}
