// The left of the page: where one can go, who one is.

import { fill, h, icon } from "/static/dom.js";
import { avatar } from "/static/messages.js";

/** Show the conversations; `go` opens one, `look` changes the person whose eyes are used, `close` is for a phone. */
export function renderSidebar(node, client, { route, unread, go, look, close }) {
  const entry = (channel, mark, name) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: unread(channel.id) ? "place unread" : "place",
          "aria-current": route.channel === channel.id ? "page" : null,
          "data-key": `place/${channel.id}`,
          onclick: () => go({ channel: channel.id, home: channel.kind === "im" }),
        },
        mark,
        h("span", { text: name }),
        unread(channel.id) ? h("span", { class: "hidden", text: "unread" }) : null,
        channel.archived ? h("small", { text: "archived" }) : null,
      ),
    );
  const channels = client.channels("public", "private");
  const direct = client.channels("im");
  const people = Object.values(client.workspace.users).filter((user) => !user.is_bot);
  fill(
    node,
    h(
      "div",
      { class: "workspace" },
      h("strong", { text: client.workspace.name }),
      h("small", { text: "playground" }),
      h("button", { type: "button", class: "square menu-button", "aria-label": "Close", "data-key": "close", onclick: close }, icon("close")),
    ),
    h("h2", { text: "Channels" }),
    h("ul", {}, ...channels.map((channel) => entry(channel, icon(channel.kind === "private" ? "lock" : "hash"), channel.name))),
    h("h2", { text: "Direct messages" }),
    h("ul", {}, ...direct.map((channel) => entry(channel, avatar(client.bot, client.workspace.bot), client.bot.real_name))),
    h(
      "label",
      { class: "viewer" },
      h("span", { text: "You are" }),
      h(
        "select",
        { "data-key": "viewer", onchange: (event) => look(event.target.value) },
        ...people.map((user) => h("option", { value: user.id, selected: user.id === client.me, text: user.real_name })),
      ),
    ),
  );
}
