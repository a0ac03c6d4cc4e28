// The page's copy of what the person sees: a map from keys to JSON, told by the server whenever something changes.

/** Listens at /events. `changed` is called with the set of keys that changed, and whether everything is new. */
export class Store {
  #values = new Map();
  #source = null;
  #changed;
  #connection;

  constructor(changed, connection) {
    this.#changed = changed;
    this.#connection = connection;
  }

  /** Look through the eyes of this person from now on. */
  open(user) {
    this.#source?.close();
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.#source = new EventSource(`/events?${new URLSearchParams({ user, zone })}`);
    this.#source.onopen = () => this.#connection(true);
    this.#source.onerror = () => this.#connection(false);
    this.#source.onmessage = (event) => this.#take(JSON.parse(event.data));
  }

  get(key) {
    return this.#values.get(key);
  }

  /** The values whose keys begin like that. */
  all(prefix) {
    return [...this.#values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
  }

  #take({ put, drop, fresh }) {
    if (fresh) this.#values.clear();
    for (const [key, value] of Object.entries(put)) this.#values.set(key, value);
    for (const key of drop) this.#values.delete(key);
    this.#changed(new Set([...Object.keys(put), ...drop]), fresh);
  }
}

/** Do something as a person: null when it was done, else what to tell them. */
export async function act(verb, body) {
  let answer;
  try {
    answer = await fetch(`/do/${verb}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { error: "The playground does not answer. Is it still running?" };
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok || !said.ok) return { error: said.error ?? `The playground answered ${answer.status}.` };
  const failed = said.delivery?.error;
  if (failed && failed !== "") return { error: `The bot did not take that: ${failed}.` };
  return { said: said.said ?? "" };
}
