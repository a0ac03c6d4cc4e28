// A sentence at the edge of the page that goes away by itself, and is read aloud.

import { h } from "/static/dom.js";

const SECONDS_A_WORD = 0.35;
const LEAST_SECONDS = 5;
const MOST = 2;

const toasts = document.getElementById("toasts");
// What is open in front of the page hides the rest of it, also from screen readers.
document.addEventListener("close", () => document.body.append(toasts), true);

/** Tell something; `wrong` things look like it. */
export function toast(words, wrong = false) {
  const front = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (toasts.parentNode !== front) front.append(toasts);
  const sentence = words[0].toUpperCase() + words.slice(1);
  const node = h("div", { class: wrong ? "toast wrong" : "toast", text: sentence });
  toasts.append(node);
  while (toasts.children.length > MOST) toasts.firstElementChild.remove();
  setTimeout(() => node.remove(), 1000 * Math.max(LEAST_SECONDS, words.split(" ").length * SECONDS_A_WORD));
}
