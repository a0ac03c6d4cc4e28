// Questions and papers in front of the page: "are you sure", and a message's JSON.

import { fill, h } from "/static/dom.js";
import { toast } from "/static/toast.js";

const dialog = document.getElementById("asking");

function show(title, content, buttons) {
  const close = () => dialog.close();
  fill(
    dialog,
    h("h2", { id: "asking-title", text: title }),
    h("div", { class: "content" }, ...content),
    h("div", { class: "buttons" }, ...buttons.map((make) => make(close))),
  );
  dialog.showModal();
}

/** Block Kit's confirm object as a question; resolves to whether the person agreed. */
export function confirmed(confirm) {
  return new Promise((resolve) => {
    let answer = false;
    const answering = (label, value, look) => (close) =>
      h("button", {
        type: "button",
        class: `button ${look}`,
        text: label,
        onclick: () => {
          answer = value;
          close();
        },
      });
    show(
      confirm.title?.text ?? "Are you sure?",
      [h("p", { text: confirm.text?.text ?? "" })],
      [
        answering(confirm.deny?.text ?? "Cancel", false, ""),
        answering(confirm.confirm?.text ?? "Yes", true, confirm.style === "danger" ? "danger" : "primary"),
      ],
    );
    dialog.addEventListener("close", () => resolve(answer), { once: true });
  });
}

/** What the bot sent, as JSON to read and to copy. */
export function showJson(title, value) {
  const text = JSON.stringify(value, null, 2);
  const code = h("code", { text });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied.");
    } catch {
      getSelection().selectAllChildren(code);
      toast("Selected: press Ctrl-C or ⌘C to copy it.");
    }
  };
  show(
    title,
    [h("pre", { class: "json", tabindex: 0, "aria-label": "JSON" }, code)],
    [
      () => h("button", { type: "button", class: "button primary", text: "Copy", onclick: copy }),
      (close) => h("button", { type: "button", class: "button", text: "Close", onclick: close }),
    ],
  );
}
