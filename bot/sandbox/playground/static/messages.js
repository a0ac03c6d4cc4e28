// A list of messages that stays as it is where nothing changed, so that neither scroll position nor focus is lost.

import { blocks, useOf } from "/static/blocks.js";
import { clock, day } from "/static/dates.js";
import { showJson } from "/static/dialogs.js";
import { fill, h, icon } from "/static/dom.js";
import { mrkdwn } from "/static/mrkdwn.js";

const BUILDER = "https://app.slack.com/block-kit-builder/#";
const END_PX = 40;

/** The square beside a name. */
export function avatar(user, bot) {
  if (user?.id === bot) return h("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  const name = user?.real_name ?? "Slackbot";
  const initials = name.split(" ").map((word) => word[0]).join("").slice(0, 2);
  const hue = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true", text: initials });
}

/** The messages for one place. `openThread` is null inside a thread. */
export class MessageList {
  #client;
  #openThread;
  #shown = new Map(); // ts → {json, node}
  #days = new Map();
  #revealed = null; // ts of the message that the person was last taken to
  #unseen = null; // ts of the first message below that they were not taken to
  #scrolledTo = null;

  constructor(client, label, openThread, intro = null) {
    this.#client = client;
    this.#openThread = openThread;
    this.list = h("div", { class: "list", role: "log", "aria-label": label, "aria-relevant": "additions" });
    this.news = h("button", { type: "button", class: "button news", hidden: true, text: "New messages ↓", onclick: () => this.#reveal(this.#unseen) });
    this.node = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Conversation" }, intro, this.list, this.news);
    this.node.addEventListener("scroll", () => {
      this.#scrolledTo = this.node.scrollTop;
      if (this.#atEnd()) this.#see();
    });
  }

  /** Back on the page after it was taken off, which forgets how far it was scrolled. */
  returned() {
    if (this.#scrolledTo !== null) this.node.scrollTop = this.#scrolledTo;
  }

  /** Show these messages, oldest first. Returns whether the keyboard's place was lost with what went away. */
  show(messages, replies = new Map()) {
    const first = this.#shown.size === 0;
    const follows = this.#atEnd();
    const lost = this.#removeOthers(messages);
    const news = this.#put(messages, replies);
    this.#divide(messages);
    if (first) this.node.scrollTop = this.node.scrollHeight;
    else this.#lead(news, follows);
    return lost;
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < END_PX;
  }

  /** Take the person to what came of their own doing, and to the rest where they are at the end; else tell of it. */
  #lead(news, follows) {
    const wanted = news.findLast((message) => follows || this.#isForMe(message));
    if (wanted) this.#reveal(wanted.ts);
    else if (news.length && !this.#atEnd()) {
      this.#unseen ??= news[0].ts;
      this.news.hidden = false;
    }
  }

  #isForMe({ user, only_for: onlyFor }) {
    const { me, awaits, workspace } = this.#client;
    return user === me || onlyFor || (awaits && user === workspace.bot);
  }

  #reveal(ts) {
    const node = this.#shown.get(ts)?.node ?? this.list;
    this.#revealed = ts;
    this.#see();
    node.scrollIntoView({ block: node.offsetHeight > this.node.clientHeight - 40 ? "start" : "end" });
  }

  #see() {
    this.#unseen = null;
    this.news.hidden = true;
  }

  #removeOthers(messages) {
    let lost = false;
    const wanted = new Set(messages.map((message) => message.ts));
    for (const [ts, { node }] of this.#shown) {
      if (wanted.has(ts)) continue;
      lost ||= node.contains(document.activeElement);
      node.remove();
      this.#shown.delete(ts);
    }
    return lost;
  }

  /** Add and refresh; returns the messages to look at: new ones, and one that grew under the eyes of who waits for it. */
  #put(messages, replies) {
    const news = [];
    let previous = null;
    for (const message of messages) {
      const json = JSON.stringify([message, replies.get(message.ts)]);
      const there = this.#shown.get(message.ts);
      if (!there) {
        this.#add(message, json, replies.get(message.ts), previous);
        news.push(message);
      } else if (there.json !== json) {
        there.json = json;
        const had = this.#refresh(there.node, this.#content(message, replies.get(message.ts)));
        if (!had && message.ts === this.#revealed && this.#client.awaits) news.push(message);
      }
      previous = this.#shown.get(message.ts).node;
    }
    return news;
  }

  /** Fill it anew; returns whether it has the keyboard, which stays in it and in view. */
  #refresh(node, content) {
    const had = node.contains(document.activeElement);
    if (!fill(node, ...content) && had) node.focus();
    if (had) document.activeElement.scrollIntoView({ block: "nearest" });
    return had;
  }

  #add(message, json, replies, previous) {
    const label = `${this.#client.names.user(message.user) ?? "Slackbot"}, ${clock(new Date(message.ts * 1000))}`;
    const node = h("article", { class: "message", tabindex: -1, "data-ts": message.ts, "aria-label": label });
    node.classList.toggle("private", Boolean(message.only_for));
    fill(node, ...this.#content(message, replies));
    if (previous) previous.after(node);
    else this.list.prepend(node);
    this.#shown.set(message.ts, { json, node });
  }

  /** A line between the days. */
  #divide(messages) {
    for (const line of this.#days.values()) line.remove();
    this.#days.clear();
    for (const message of messages) {
      const words = day(new Date(message.ts * 1000));
      if (this.#days.has(words)) continue;
      const line = h("div", { class: "day" }, h("span", { text: words }));
      this.#days.set(words, line);
      this.#shown.get(message.ts).node.before(line);
    }
  }

  #content(message, replies) {
    const client = this.#client;
    const user = client.user(message.user);
    const head = h(
      "div",
      { class: "head" },
      h("span", { class: "name", text: user?.real_name ?? "Slackbot" }),
      user?.is_bot ? h("span", { class: "badge", text: "APP" }) : null,
      h("time", { datetime: new Date(message.ts * 1000).toISOString(), text: clock(new Date(message.ts * 1000)) }),
    );
    return [
      message.only_for ? h("div", { class: "only" }, icon("eye"), "Only visible to you") : null,
      h(
        "div",
        { class: "row" },
        avatar(user, client.workspace.bot),
        h("div", { class: "body" }, head, ...this.#words(message), this.#below(message, replies)),
      ),
      this.#tools(message),
    ];
  }

  #words(message) {
    const { names } = this.#client;
    if (!message.blocks?.length) return [h("div", { class: "block line" }, ...mrkdwn(message.text, names))];
    return blocks(message.blocks, useOf({ names, surface: message.ts, state: message.state, ...this.#client.uses(message.ts) }));
  }

  #below(message, replies) {
    if (message.only_for) {
      const dismiss = () => this.#client.act("dismiss", { message: message.ts });
      return h("button", { type: "button", class: "plain", text: "Dismiss message", onclick: dismiss });
    }
    if (!replies || !this.#openThread) return null;
    const words = replies === 1 ? "1 reply" : `${replies} replies`;
    return h(
      "button",
      { type: "button", class: "replies", "data-key": `${message.ts}/replies`, onclick: () => this.#openThread(message.ts) },
      icon("thread"),
      words,
    );
  }

  #tools(message) {
    const tool = (name, label, onclick) =>
      h("button", { type: "button", class: "tool", "data-key": `${message.ts}/${label}`, onclick }, icon(name), label);
    const { state, only_for: onlyFor, ...sent } = message;
    const own = message.user === this.#client.workspace.bot;
    // The address holds the whole message, so it is written when somebody is about to follow it.
    const address = (event) => (event.currentTarget.href = BUILDER + encodeURIComponent(JSON.stringify({ blocks: message.blocks })));
    const builder = { class: "tool", href: BUILDER, target: "_blank", rel: "noopener noreferrer", onpointerenter: address, onfocus: address };
    return h(
      "div",
      { class: "tools", role: "group", "aria-label": "Message actions" },
      !onlyFor && this.#openThread ? tool("thread", "Reply in thread", () => this.#openThread(message.thread_ts ?? message.ts)) : null,
      own ? tool("code", "JSON", () => showJson("What the bot sent", sent)) : null,
      own && message.blocks?.length
        ? h("a", builder, icon("open"), "Open in Block Kit Builder")
        : null,
    );
  }
}
