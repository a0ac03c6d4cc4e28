// What every part of the page needs: who looks, what there is, and how to do something about it.

import { act } from "/static/store.js";
import { toast } from "/static/toast.js";

const ANSWER_MS = 10_000;

export class Client {
  #actedAt = -Infinity;
  #awaits = false;
  #pages = new BroadcastChannel("acted");

  constructor(store) {
    this.store = store;
    const moveOn = () => (this.#awaits = false);
    for (const what of ["wheel", "keydown", "pointerdown"]) addEventListener(what, moveOn, { capture: true, passive: true });
    this.#pages.onmessage = ({ data }) => {
      if (data === this.me) this.#actedAt = -Infinity;
    };
    this.names = {
      user: (id) => this.user(id)?.real_name ?? (id === "USLACKBOT" ? "Slackbot" : null),
      channel: (id) => this.store.get(`channel/${id}`)?.name || null,
      users: () => Object.values(this.workspace.users).map((user) => ({ value: user.id, text: user.real_name })),
      conversations: (kinds) =>
        this.channels(...kinds)
          .filter((channel) => !channel.archived)
          .map(({ id, name }) => ({ value: id, text: name ? `#${name}` : this.bot.real_name })),
    };
  }

  get workspace() {
    return this.store.get("workspace");
  }

  get me() {
    return this.workspace.viewer;
  }

  get bot() {
    return this.user(this.workspace.bot);
  }

  user(id) {
    return this.workspace.users[id];
  }

  channels(...kinds) {
    return this.store.all("channel/").filter((channel) => kinds.includes(channel.kind));
  }

  /** The messages of a conversation, oldest first; those in threads included. */
  messages(channel) {
    return this.store.all(`message/${channel}/`).sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  /** Whether the person did something in this page, and in no other since, so lately that what opens is the answer. */
  get acted() {
    return performance.now() - this.#actedAt < ANSWER_MS;
  }

  /** Whether moreover nothing has been touched since, so that the bot's next message is what the person waits for. */
  get awaits() {
    return this.#awaits && this.acted;
  }

  /** Do something as the person who looks; whether it was done. What went wrong is told. */
  async act(verb, body) {
    if (verb !== "open_home") {
      this.#pages.postMessage(this.me);
      this.#awaits = true;
      this.#actedAt = Infinity; // for as long as it takes
    }
    const { error, said } = await act(verb, verb === "control" ? body : { user: this.me, ...body });
    if (this.#actedAt === Infinity) this.#actedAt = performance.now();
    if (error) toast(error, true);
    else if (said) toast(said);
    return !error;
  }

  /** How the elements of a message or a view reach Slack; `read` gives what is filled in beside them, in a form. */
  uses(surface, read = () => null) {
    const where = (block, element) => ({ surface, wanted: element.action_id, block_id: block.block_id });
    return {
      press: (block, element) => this.act("click", where(block, element)),
      choose: (block, element, choice) => this.act("choose", { ...where(block, element), choice, values: read() }),
    };
  }
}
