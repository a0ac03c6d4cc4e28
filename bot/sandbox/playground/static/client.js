// What every part of the page needs: who looks, what there is, and how to do something about it.

import { act } from "/static/store.js";
import { toast } from "/static/toast.js";

export class Client {
  constructor(store) {
    this.store = store;
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

  /** Do something as the person who looks; whether it was done. What went wrong is told. */
  async act(verb, body) {
    const { error, said } = await act(verb, verb === "control" ? body : { user: this.me, ...body });
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
