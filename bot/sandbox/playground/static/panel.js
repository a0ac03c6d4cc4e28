// The right of the page: things to happen and to go wrong, and what went over the wire because of it.

import { fill, h, icon } from "/static/dom.js";

const WAYS = {
  "slack to bot": ["Slack → bot", "in"],
  "bot to slack": ["bot → Slack", "out"],
  "bot to launchdarkly": ["bot → LaunchDarkly", "read"],
};

export class Panel {
  #client;
  #shown = "";
  #tabled = "";
  #rows = new Map();

  constructor(client, node, close) {
    this.#client = client;
    this.controls = h("div", { class: "controls" });
    this.tables = h("div", { class: "tables" });
    this.log = h("ol", { class: "wire", "aria-label": "Requests, the latest first", onkeydown: (event) => this.#step(event), onfocusin: ({ target }) => this.#enter(target) });
    fill(
      node,
      h(
        "header",
        { class: "bar" },
        icon("bolt"),
        h("h2", { text: "Time and trouble" }),
        h("button", { type: "button", class: "square", "aria-label": "Close time and trouble", onclick: close }, icon("close")),
      ),
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "Controls and log" },
        this.controls,
        this.tables,
        h("h3", { text: "What went over the wire" }),
        h("p", { class: "quiet", text: "Every request of the three, the latest first; press one to see what it carried. Arrow keys go from one to the next." }),
        this.log,
      ),
    );
  }

  render() {
    const controls = this.#client.store.get("controls") ?? [];
    const json = JSON.stringify(controls);
    if (json !== this.#shown) {
      this.#shown = json;
      const groups = [...new Set(controls.map((control) => control.group))];
      fill(this.controls, ...groups.map((group) => this.#group(group, controls)));
    }
    const tables = this.#client.store.all("table/");
    const rows = JSON.stringify(tables);
    if (rows !== this.#tabled) fill(this.tables, ...tables.map(table));
    this.#tabled = rows;
    this.#wire();
  }

  #group(group, controls) {
    const own = controls.filter((control) => control.group === group);
    const title = own[0].kind === "button" ? h("h3", { text: group }) : null; // a choice brings its own
    return h("section", { class: "group", "aria-label": group }, title, ...own.map((control) => this.#control(control)));
  }

  #control(control) {
    if (control.kind === "button") return this.#button(control);
    const now = control.options.find((option) => option.value === control.current);
    return h(
      "fieldset",
      { class: "choice" },
      h("legend", { text: `${control.label} …` }),
      h(
        "div",
        { class: "positions" },
        ...control.options.map((option) =>
          h(
            "label",
            { title: option.hint },
            h("input", {
              type: "radio",
              name: control.key,
              value: option.value,
              checked: option.value === control.current,
              "data-key": `${control.key}/${option.value}`,
              onchange: () => this.#client.act("control", { key: control.key, value: option.value }),
            }),
            h("span", { text: option.label }),
          ),
        ),
      ),
      h("p", { class: "quiet", text: now?.hint ?? "" }),
    );
  }

  #button(control) {
    const press = async (event) => {
      const button = event.currentTarget;
      if (button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      await this.#client.act("control", { key: control.key });
      button.removeAttribute("aria-busy");
    };
    return h(
      "div",
      { class: "event" },
      h("button", { type: "button", class: "button", "data-key": `control/${control.key}`, text: control.label, onclick: press }),
      h("p", { class: "quiet", text: [control.hint, control.note].filter(Boolean).join(" ") }),
    );
  }

  #wire() {
    const entries = this.#client.store.all("log/").sort((a, b) => b.at - a.at || b.number - a.number);
    const wanted = new Set(entries.map((entry) => entry.number));
    for (const [number, node] of this.#rows) {
      if (wanted.has(number)) continue;
      node.remove();
      this.#rows.delete(number);
    }
    let previous = null;
    for (const entry of entries) {
      if (!this.#rows.has(entry.number)) {
        const node = row(entry);
        this.#rows.set(entry.number, node);
        if (previous) previous.after(node);
        else this.log.prepend(node);
      }
      previous = this.#rows.get(entry.number);
    }
    if (!this.log.querySelector("summary[tabindex='0']")) this.#enter(this.log.querySelector("summary"));
  }

  /** The log is one stop of the Tab key, at the row that had the keyboard last. */
  #enter(summary) {
    if (!summary?.matches("summary")) return;
    this.log.querySelector("summary[tabindex='0']")?.setAttribute("tabindex", "-1");
    summary.setAttribute("tabindex", "0");
  }

  #step(event) {
    const rows = [...this.log.querySelectorAll("summary")];
    const place = rows.indexOf(document.activeElement);
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (place < 0 || !rows[next]) return;
    event.preventDefault();
    rows[next].focus();
  }
}

function row(entry) {
  const [way, look] = WAYS[entry.way];
  const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
  const body = h("pre", { hidden: true });
  const details = h(
    "details",
    {},
    h(
      "summary",
      { tabindex: -1 },
      h("span", { class: `way ${look}`, text: way }),
      h("span", { class: entry.fine ? "outcome" : "outcome wrong", text: entry.outcome }),
      h("span", { class: "name", text: entry.name }),
      h("span", { class: "about", text: entry.about }),
    ),
    h("div", { class: "quiet", text: time.format(new Date(entry.at * 1000)) }),
    body,
  );
  details.addEventListener("toggle", () => {
    if (details.open && body.hidden) {
      body.textContent = JSON.stringify(entry.body, null, 2);
      body.hidden = false;
    }
  });
  return h("li", {}, details);
}

function table({ title, columns, rows }) {
  return h(
    "section",
    { class: "group" },
    h("h3", { text: title }),
    rows.length
      ? h(
          "div",
          { class: "block table", tabindex: 0, role: "group", "aria-label": title, "data-key": `table/${title}` },
          h(
            "table",
            {},
            h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col", text: column })))),
            h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", { text: cell }))))),
          ),
        )
      : h("p", { class: "quiet", text: "Nothing yet." }),
  );
}
