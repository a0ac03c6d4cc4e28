// The modal on top of the person's screen, as the bot opened, filled and replaced it.

import { blocks, useOf } from "/static/blocks.js";
import { fill, h, icon } from "/static/dom.js";

const dialog = document.getElementById("modal");

/** Puts the caret of a field of text where it is now, into the field that has the keyboard then, if it is the same. */
function caretOf({ dataset, selectionStart, selectionEnd }) {
  if (typeof selectionStart !== "number") return null;
  return () => {
    const field = document.activeElement;
    if (field.dataset.key === dataset.key) field.setSelectionRange?.(selectionStart, selectionEnd);
  };
}

export class Modal {
  #client;
  #view = null;
  #shown = "";
  #fields = new Map();
  #opener = null;
  #own = new Map(); // id of a stack's first view → whether it opened in this very page: its person may have others

  constructor(client) {
    this.#client = client;
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // closing is for Slack to do, which may have to tell the bot
      this.#close();
    });
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  render() {
    const views = (this.#client.store.get("views") ?? []).filter(({ root }) => this.#isOwn(root));
    const view = views.at(-1) ?? null;
    const json = JSON.stringify(view);
    if (json === this.#shown) return;
    this.#shown = json;
    if (!view) {
      this.#view = null;
      dialog.close();
      this.#opener?.focus?.();
      return;
    }
    if (!dialog.open) {
      this.#opener = document.activeElement;
      dialog.showModal();
    }
    const typed = this.#view?.id === view.id ? this.#read() : {};
    this.#show(view, views.length, typed);
  }

  #isOwn(root) {
    if (!this.#own.has(root)) this.#own.set(root, this.#client.acted);
    return this.#own.get(root);
  }

  #show(view, depth, typed) {
    const isNew = this.#view?.id !== view.id;
    const hadFields = this.#fields.size > 0;
    this.#view = view;
    this.#fields = new Map();
    const { names } = this.#client;
    const use = { ...useOf({ names, surface: view.id, state: view.state, fields: this.#fields, ...this.#client.uses(view.id, () => this.#read()) }), errors: view.errors };
    const caret = caretOf(document.activeElement ?? document.body);
    const close = view.close?.text ?? (depth > 1 ? "Back" : "Close");
    fill(
      dialog,
      h(
        "form",
        { novalidate: true },
        h(
          "header",
          { class: "bar" },
          h("h2", { id: "modal-title", text: view.title.text }),
          h("button", { type: "button", class: "square", "aria-label": "Close", "data-key": "close", onclick: () => this.#close() }, icon("close")),
        ),
        h("div", { class: "content", tabindex: 0, role: "group", "aria-live": "polite", "aria-label": view.title.text, "data-key": "content" }, ...blocks(view.blocks, use)),
        view.errors?.[""] ? h("p", { class: "error", role: "alert", text: view.errors[""] }) : null,
        h(
          "div",
          { class: "buttons" },
          h("button", { type: "button", class: "button", text: close, "data-key": "dismiss", onclick: () => this.#close() }),
          view.submit ? h("button", { type: "submit", class: "button primary", text: view.submit.text, "data-key": "submit" }) : null,
        ),
      ),
    );
    this.#restore(typed);
    caret?.();
    const isFormNow = !hadFields && this.#fields.size > 0; // it was being read until now
    if (isNew || isFormNow || !dialog.contains(document.activeElement)) (dialog.querySelector(".input input, .input select, .input textarea") ?? dialog.querySelector(".content")).focus();
  }

  #read() {
    return Object.fromEntries([...this.#fields].map(([block, read]) => [block, read()]));
  }

  /** What was typed or chosen and not yet sent stays, where the field has stayed. */
  #restore(typed) {
    for (const [id, value] of Object.entries(typed)) {
      const block = this.#view.blocks.find((one) => one.block_id === id);
      const action = block?.element?.action_id;
      const field = action && [...dialog.querySelectorAll("[data-action]")].find((node) => node.dataset.action === action);
      if (field && typeof value === "string" && (field.matches("input, textarea") || !block.dispatch_action)) field.value = value;
    }
  }

  async #submit() {
    const button = dialog.querySelector("[type=submit]");
    if (!button || button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const done = await this.#client.act("submit", { view: this.#view.id, values: this.#read() });
    if (!done) button.removeAttribute("aria-busy");
  }

  #close() {
    if (this.#view) this.#client.act("close", { view: this.#view.id });
  }
}
