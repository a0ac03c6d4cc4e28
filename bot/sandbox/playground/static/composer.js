// Where one types: Enter sends, a slash or an @ offers what can follow, an arrow up brings back what was sent.

import { fill, h, icon } from "/static/dom.js";

const MOST_OFFERS = 8;
const MOST_KEPT = 50;
let numbers = 0;
const sent = [];

/** A composer; `send(text)` resolves to whether it was sent. `inThread`: no commands there, as in Slack. */
export class Composer {
  #client;
  #send;
  #inThread;
  #offers = [];
  #picked = -1;
  #recalled = 0;

  constructor(client, label, send, inThread = false) {
    this.#client = client;
    this.#send = send;
    this.#inThread = inThread;
    const id = `composer-${(numbers += 1)}`;
    this.list = h("ul", { id: `${id}-offers`, class: "offers", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.hint = h("div", { id: `${id}-hint`, class: "usage", hidden: true });
    this.text = h("textarea", {
      rows: 1,
      placeholder: label,
      "aria-label": label,
      "aria-autocomplete": "list",
      "aria-controls": `${id}-offers`,
      "aria-describedby": `${id}-hint`,
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#pressed(event),
      onblur: () => this.#offer([]),
    });
    const button = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.node = h("form", { class: "composer", onsubmit: submit }, this.list, this.hint, h("div", { class: "box" }, this.text, button));
  }

  focus() {
    this.text.focus();
  }

  /** Send what is in the box; it stays there where that did not work. */
  async submit(text = this.text.value) {
    if (!text.trim()) return;
    this.#put("");
    sent.push(text);
    sent.splice(0, sent.length - MOST_KEPT);
    this.#recalled = sent.length;
    if (!(await this.#send(text)) && !this.text.value) this.#put(text);
  }

  #put(text) {
    this.text.value = text;
    this.#typed();
  }

  #typed() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 180)}px`;
    const before = this.text.value.slice(0, this.text.selectionStart);
    this.#offer(this.#inThread ? this.#people(before) : [...this.#commands(before), ...this.#people(before)]);
    this.#explain();
  }

  #commands(before) {
    const [, word] = /^(\/\S*)$/.exec(before) ?? [];
    if (word === undefined) return [];
    const { commands } = this.#client.workspace;
    return commands
      .filter((command) => command.name.startsWith(word.toLowerCase()))
      .map((command) => ({ from: 0, text: `${command.name} `, name: command.name, hint: command.usage_hint, about: command.description }));
  }

  #people(before) {
    const [whole, typed] = /(?:^|\s)@([\w. ]*)$/.exec(before) ?? [];
    if (whole === undefined) return [];
    const { users, bot } = this.#client.workspace;
    return Object.values(users)
      .filter(({ name, real_name: real }) => [name, real].some((n) => n.toLowerCase().startsWith(typed.toLowerCase())))
      .sort((a, b) => (b.id === bot) - (a.id === bot))
      .map(({ name, real_name: real }) => ({ from: before.length - typed.length - 1, text: `@${real} `, name: `@${real}`, hint: "", about: name }));
  }

  /** Above the box: how the command that is being typed goes on. */
  #explain() {
    const [, name] = /^(\/\S+)\s/.exec(this.text.value) ?? [];
    const command = this.#client.workspace.commands.find((one) => one.name === name?.toLowerCase());
    let words = command ? [h("code", { text: command.name }), " ", command.usage_hint] : [];
    if (this.#inThread && this.text.value.startsWith("/")) {
      words = [`Slash commands do not work in threads. Write @${this.#client.bot.real_name} ${this.text.value.slice(1)}`];
    }
    this.hint.hidden = words.length === 0;
    fill(this.hint, ...words);
  }

  #offer(offers) {
    this.#offers = offers.slice(0, MOST_OFFERS);
    this.#picked = this.#offers.length ? 0 : -1;
    this.list.hidden = this.#offers.length === 0;
    fill(
      this.list,
      ...this.#offers.map((offer, place) =>
        h(
          "li",
          { id: `${this.list.id}-${place}`, role: "option", onmousedown: (event) => this.#clicked(event, place) },
          h("code", { text: offer.name }),
          offer.hint ? h("span", { class: "how", text: offer.hint }) : null,
          h("span", { class: "about", text: offer.about }),
        ),
      ),
    );
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((node, place) => node.setAttribute("aria-selected", String(place === this.#picked)));
    if (this.#picked < 0) this.text.removeAttribute("aria-activedescendant");
    else this.text.setAttribute("aria-activedescendant", `${this.list.id}-${this.#picked}`);
  }

  #clicked(event, place) {
    event.preventDefault(); // the focus stays in the box
    this.#picked = place;
    this.#take();
  }

  #take() {
    const { from, text } = this.#offers[this.#picked];
    const after = this.text.value.slice(this.text.selectionStart);
    this.#put(this.text.value.slice(0, from) + text + after);
    const end = from + text.length;
    this.text.setSelectionRange(end, end);
  }

  #pressed(event) {
    const { key } = event;
    if (event.isComposing) return;
    const offering = !this.list.hidden;
    if (offering && (key === "ArrowDown" || key === "ArrowUp")) {
      event.preventDefault();
      const count = this.#offers.length;
      this.#picked = (this.#picked + (key === "ArrowDown" ? 1 : count - 1)) % count;
      this.#mark();
    } else if (offering && (key === "Tab" || (key === "Enter" && !this.#complete()))) {
      event.preventDefault();
      this.#take();
    } else if (offering && key === "Escape") {
      event.stopPropagation();
      this.#offer([]);
    } else if (key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (key === "ArrowUp" && (!this.text.value || this.text.value === sent[this.#recalled])) {
      event.preventDefault();
      this.#recall(-1);
    } else if (key === "ArrowDown" && this.text.value && this.text.value === sent[this.#recalled]) {
      event.preventDefault();
      this.#recall(1);
    }
  }

  /** Whether what is offered has been typed in full, so that Enter means "send". */
  #complete() {
    const { from, text } = this.#offers[this.#picked];
    return text.trim() === this.text.value.slice(from).trim();
  }

  #recall(step) {
    if (!this.text.value) this.#recalled = sent.length;
    this.#recalled = Math.min(Math.max(this.#recalled + step, 0), sent.length);
    this.#put(sent[this.#recalled] ?? "");
    this.#offer([]);
  }
}
