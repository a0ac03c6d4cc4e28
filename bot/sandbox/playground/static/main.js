// The page, put together: what is looked at, and what is told anew when something changes.

import { Client } from "/static/client.js";
import { Conversation, Home, Thread, title } from "/static/conversation.js";
import { refreshDates, setAhead } from "/static/dates.js";
import { fill, h, icon } from "/static/dom.js";
import { Modal } from "/static/modal.js";
import { Panel } from "/static/panel.js";
import { renderSidebar } from "/static/sidebar.js";
import { Store } from "/static/store.js";

const FIRST_VIEWER = "jane.doe";
const PHONE = matchMedia("(max-width: 760px)");
const WIDE = matchMedia("(min-width: 1180px)");
const THEMES = ["light dark", "light", "dark"];
const THEME_NAMES = { "light dark": "as the system", light: "light", dark: "dark" };

const [app, sidebar, main, threadPane, panelPane] = ["app", "sidebar", "main", "thread", "panel"].map((id) => document.getElementById(id));
const store = new Store(changed, connection);
const client = new Client(store);
const modal = new Modal(client);
const panel = new Panel(client, panelPane, () => showPanel(false));
const conversations = new Map();
const threads = new Map();
const read = new Map(); // channel → ts of the last message that was looked at

let home = null;
let thread = null;
let route = { channel: null, home: false, thread: null };
let offline = false;

function changed(keys, fresh) {
  if (fresh) forget();
  setAhead(store.get("clock") ?? 0);
  route = there(route);
  render();
  if (fresh && matchMedia("(hover: hover)").matches && document.activeElement === document.body) here().composer.focus();
}

/** Another person looks, or the server has started anew: nothing of before is true. */
function forget() {
  conversations.clear();
  threads.clear();
  home = thread = null;
  for (const channel of store.all("channel/")) read.set(channel.id, client.messages(channel.id).at(-1)?.ts ?? "0");
}

function connection(isThere) {
  if (offline !== isThere) return;
  offline = !isThere;
  document.body.classList.toggle("offline", offline);
  if (store.get("workspace")) render();
}

/** Where the address says that we are: #channel, #channel/home or #channel/ts-of-a-thread. */
function routeOf(hash) {
  const [channel, rest] = hash.slice(1).split("/");
  return { channel, home: rest === "home", thread: rest && rest !== "home" ? rest : null };
}

/** That place, or the first one where there is none such: an address may say anything, or nothing. */
function there(wanted) {
  return store.get(`channel/${wanted.channel}`) ? wanted : { channel: client.channels("public")[0].id, home: false, thread: null };
}

function go({ channel, home: isHome = false, thread: ts = null }) {
  showMenu(false);
  const rest = isHome ? "/home" : ts ? `/${ts}` : "";
  if (location.hash === `#${channel}${rest}`) arrive();
  else location.hash = `#${channel}${rest}`;
}

function arrive() {
  const before = route;
  route = routeOf(location.hash);
  if (!store.get("workspace")) return;
  route = there(route);
  const moved = route.channel !== before.channel || route.home !== before.home;
  render();
  if (route.thread) thread?.composer.focus();
  else if (route.home) home.node.focus();
  else if (moved || !document.activeElement || document.activeElement === document.body) here().composer.focus();
}

function here() {
  const channel = store.get(`channel/${route.channel}`);
  if (!conversations.has(channel.id)) conversations.set(channel.id, new Conversation(client, channel, go));
  return conversations.get(channel.id);
}

function unread(id) {
  const last = client.messages(id).findLast((message) => message.user !== client.me)?.ts ?? "0";
  return Number(last) > Number(read.get(id) ?? 0);
}

function render() {
  const channel = store.get(`channel/${route.channel}`);
  if (!route.home) read.set(channel.id, client.messages(channel.id).at(-1)?.ts ?? "0");
  document.title = `${title(client, channel)} · What Shipped playground`;
  renderSidebar(sidebar, client, { route, unread, go, look, close: () => showMenu(false) });
  renderMain(channel);
  renderThread(channel);
  panel.render();
  modal.render();
}

let shownPlace = null;
let shownBar = "";

function renderMain(channel) {
  const place = route.home ? (home ??= new Home(client)) : here();
  if (place !== shownPlace) {
    shownPlace = place;
    fill(main, h("header", { class: "bar" }), place.node);
    shownBar = "";
    place.opened();
  }
  const bar = JSON.stringify([channel, route.home, offline]);
  if (bar !== shownBar) fill(main.firstElementChild, ...barOf(channel));
  shownBar = bar;
  place.render();
}

function barOf(channel) {
  const direct = channel.kind === "im";
  const tab = (label, isHome) =>
    h("button", {
      type: "button",
      class: "tab",
      "aria-current": route.home === isHome ? "page" : null,
      "data-key": `tab/${label}`,
      text: label,
      onclick: () => go({ channel: channel.id, home: isHome }),
    });
  const people = `${channel.members} members${channel.has_bot ? "" : ", without the bot"}`;
  return [
    h("button", { type: "button", class: "square menu-button", "aria-label": "Conversations", onclick: () => showMenu(true) }, icon("menu")),
    h("h1", {}, direct ? null : icon(channel.kind === "private" ? "lock" : "hash"), direct ? client.bot.real_name : channel.name),
    direct ? h("div", { class: "tabs", role: "group", "aria-label": "Tabs" }, tab("Home", true), tab("Messages", false)) : h("span", { class: "where", text: people }),
    offline ? h("span", { class: "gone", role: "status", text: "The playground has stopped." }) : null,
    h("button", { type: "button", class: "square theme", "aria-label": `Colours: ${THEME_NAMES[theme()]}`, title: `Colours: ${THEME_NAMES[theme()]}`, "data-key": "theme", onclick: nextTheme }, icon("theme")),
    h(
      "button",
      { type: "button", class: "square trouble", "aria-expanded": String(!panelPane.hidden), "aria-controls": "panel", "data-key": "trouble", onclick: () => showPanel(panelPane.hidden) },
      icon("bolt"),
      h("span", { text: "Time and trouble" }),
    ),
  ];
}

function renderThread(channel) {
  if (!route.thread || !client.messages(channel.id).some((message) => message.ts === route.thread)) {
    const had = threadPane.contains(document.activeElement);
    threadPane.hidden = true;
    fill(threadPane);
    thread = null;
    if (had) here().composer.focus();
    return;
  }
  const key = `${channel.id}/${route.thread}`;
  if (!threads.has(key)) threads.set(key, new Thread(client, channel, route.thread, () => go({ channel: channel.id })));
  if (thread !== threads.get(key)) {
    thread = threads.get(key);
    fill(threadPane, thread.node);
  }
  threadPane.hidden = false;
  thread.render();
}

/** On a phone, the conversations stand in front of the rest, which cannot be used meanwhile. */
function showMenu(isOpen) {
  const was = main.inert;
  document.body.classList.toggle("menu", isOpen);
  for (const node of [main, threadPane, panelPane]) node.inert = isOpen;
  if (isOpen) sidebar.querySelector("[aria-current]").focus();
  else if (was && PHONE.matches) main.querySelector(".menu-button").focus();
}

function showPanel(isOpen) {
  const had = panelPane.contains(document.activeElement);
  panelPane.hidden = !isOpen;
  document.querySelector(".trouble")?.setAttribute("aria-expanded", String(isOpen));
  if (isOpen && !WIDE.matches) panelPane.querySelector("button").focus();
  else if (had) document.querySelector(".trouble")?.focus();
}

function look(user) {
  route = { ...route, thread: null };
  store.open(user);
}

function theme() {
  const kept = localStorage.getItem("theme");
  return THEMES.includes(kept) ? kept : THEMES[0];
}

function nextTheme() {
  localStorage.setItem("theme", THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  applyTheme();
  shownBar = "";
  render();
}

function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

addEventListener("hashchange", arrive);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which conversation it is
  main.focus();
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (main.inert) showMenu(false);
  else if (!panelPane.hidden && !WIDE.matches) showPanel(false);
  else if (route.thread) go({ channel: route.channel });
});
app.addEventListener("click", (event) => {
  if (event.target === app) showMenu(false); // beside the conversations, where everything is inert
});
PHONE.addEventListener("change", () => showMenu(false));
WIDE.addEventListener("change", () => showPanel(WIDE.matches));
setInterval(refreshDates, 30_000);
applyTheme();
showPanel(WIDE.matches);
route = routeOf(location.hash);
store.open(FIRST_VIEWER);
