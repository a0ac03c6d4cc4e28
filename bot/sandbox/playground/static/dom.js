// Elements from names, attributes and children. Strings become text nodes: nothing in this page is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

// Strokes in a box of 16 × 16.
const ICONS = {
  hash: "M6.5 2 5 14M11 2 9.5 14M2.5 5.5h11M2 10.5h11",
  lock: "M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  menu: "M2 4h12M2 8h12M2 12h12",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  send: "M2 13.5 14 8 2 2.5 4 8zM4 8h5",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z",
  thread: "M2.5 3h11v7.5H8L4.5 13.5v-3h-2zM5 5.8h6M5 8h4",
  code: "M5.5 4 1.5 8l4 4M10.5 4l4 4-4 4",
  open: "M6 3H3v10h10v-3M9 2.5h4.5V7M13 3 7.5 8.5",
  bolt: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
};

/** An element. Attributes by name; `on…` are listeners, `class` and `text` what they say; null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

/** The children that are there, flattened. */
export function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** A drawing beside words; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A link that opens elsewhere, or its bare label where the address is none that people should be led to. */
export function link(url, ...label) {
  let address = null;
  try {
    address = new URL(url);
  } catch {
    return h("span", {}, ...label);
  }
  if (!["http:", "https:", "mailto:"].includes(address.protocol)) return h("span", { title: url }, ...label);
  return h("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** Replace what is in a node, and keep the keyboard where it was: on the element with the same `data-key`. */
export function fill(node, ...children) {
  const active = node.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset.key;
  node.replaceChildren(...present(children));
  if (key) [...node.querySelectorAll("[data-key]")].find((other) => other.dataset.key === key)?.focus();
  return Boolean(active) && node.contains(document.activeElement);
}
