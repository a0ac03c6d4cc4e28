// The middle of the page: a channel or the direct messages with the bot, its Home tab, and the thread beside it.

import { blocks, useOf } from "/static/blocks.js";
import { Composer } from "/static/composer.js";
import { fill, h, icon } from "/static/dom.js";
import { MessageList } from "/static/messages.js";

/** The name of a conversation as it is written: "#deploys", or the bot's own name. */
export function title(client, channel) {
  return channel.kind === "im" ? client.bot.real_name : `#${channel.name}`;
}

function isRoot(message) {
  return !message.thread_ts || message.thread_ts === message.ts;
}

/** One conversation with its composer. It is kept when another one is looked at: a draft stays where it is. */
export class Conversation {
  #client;
  #id;
  #go;

  constructor(client, channel, go) {
    this.#client = client;
    this.#id = channel.id;
    this.#go = go;
    const name = title(client, channel);
    this.list = new MessageList(client, `Messages in ${name}`, (ts) => go({ channel: channel.id, thread: ts }), intro(client, channel));
    const send = (text) => client.act("send", { channel: channel.id, text });
    this.composer = new Composer(client, `Message ${name}`, send);
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Questions to begin with" });
    this.closed = h("p", { class: "closed", hidden: true, text: "This channel is archived: nobody can write here." });
    this.below = h("div", { class: "below" }, this.chips, this.closed, this.composer.node);
    this.node = h("div", { class: "conversation" }, this.list.node, this.below);
  }

  /** It is on the page again. */
  opened() {
    this.list.returned();
  }

  render() {
    const channel = this.#client.store.get(`channel/${this.#id}`);
    const messages = this.#client.messages(this.#id);
    const replies = new Map();
    for (const message of messages) {
      if (!isRoot(message)) replies.set(message.thread_ts, (replies.get(message.thread_ts) ?? 0) + 1);
    }
    const lost = this.list.show(messages.filter(isRoot), replies);
    this.closed.hidden = !channel.archived;
    this.composer.node.hidden = channel.archived;
    this.chips.hidden = channel.archived;
    if (!this.chips.children.length) fill(this.chips, ...this.#suggestions());
    if (lost) this.composer.focus();
  }

  #suggestions() {
    return this.#client.workspace.suggestions.map(({ words, typed }) =>
      h(
        "button",
        { type: "button", class: "chip", title: `Ask ${typed}`, onclick: () => this.composer.submit(typed) },
        h("span", { text: words }),
        h("code", { text: typed }),
      ),
    );
  }
}

function intro(client, channel) {
  if (channel.kind === "im") {
    return h("div", { class: "intro" }, h("h2", { text: client.bot.real_name }), h("p", { text: "This is between you and the bot. It answers here without being named." }));
  }
  const guide =
    !channel.has_bot
      ? `The bot is not a member here. Its commands work all the same; where it is named, it hears that only as a member: /invite @${client.bot.real_name}`
      : "The company is made up; the bot is the real one. Type / and a question, or press one below. Then open “Time and trouble”, break something on purpose, and ask again. Nothing here leaves this machine, unless you follow a link to GitHub or to the Block Kit Builder.";
  return h("div", { class: "intro" }, h("h2", {}, icon(channel.kind === "private" ? "lock" : "hash"), channel.name), h("p", { text: guide }));
}

/** The thread beside the conversation. */
export class Thread {
  #client;
  #channel;
  #ts;

  constructor(client, channel, ts, close) {
    this.#client = client;
    this.#channel = channel;
    this.#ts = ts;
    this.list = new MessageList(client, "Replies in the thread", null);
    const send = (text) => client.act("send", { channel: channel.id, text, thread_ts: ts });
    this.composer = new Composer(client, `Reply; @${client.bot.real_name} asks the bot`, send, true);
    this.node = h(
      "div",
      { class: "conversation" },
      h(
        "header",
        { class: "bar" },
        h("h2", { text: "Thread" }),
        h("span", { class: "where", text: title(client, channel) }),
        h("button", { type: "button", class: "square", "aria-label": "Close the thread", onclick: close }, icon("close")),
      ),
      this.list.node,
      h("div", { class: "below" }, this.composer.node),
    );
  }

  render() {
    const messages = this.#client.messages(this.#channel.id).filter(({ ts, thread_ts: thread }) => ts === this.#ts || thread === this.#ts);
    if (this.list.show(messages)) this.composer.focus();
  }
}

/** App Home. It is asked for each time it is opened, and shows what the bot has published. */
export class Home {
  #client;
  #shown = "";

  constructor(client) {
    this.#client = client;
    this.node = h("div", { class: "scroll home", tabindex: 0, role: "region", "aria-label": `Home of ${client.bot.real_name}` });
  }

  opened() {
    this.#client.act("open_home", {});
  }

  render() {
    const view = this.#client.store.get("home");
    const json = JSON.stringify(view);
    if (json === this.#shown) return;
    this.#shown = json;
    const { names } = this.#client;
    const content = view
      ? blocks(view.blocks, useOf({ names, surface: view.id, state: view.state, ...this.#client.uses(view.id) }))
      : [h("p", { class: "quiet", text: "The bot has not published its Home tab yet." })];
    fill(this.node, h("div", { class: "paper" }, ...content));
  }
}
