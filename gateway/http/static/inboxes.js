// What each inbox can carry, asked once and again when one appears that was not known.

const PAUSE_MS = 30_000;

export class Inboxes {
  #api;
  #known = new Map(); // account -> capabilities
  #askedAt = -Infinity;
  #told;

  /** `told` is called when something new is known. */
  constructor(api, told) {
    this.#api = api;
    this.#told = told;
  }

  /** Whether the inbox of a leg has this capability, as far as is known now. */
  can(leg, capability) {
    const known = leg && this.#known.get(leg.thread.account);
    if (leg && !known) this.#ask();
    return Boolean(known?.[capability]);
  }

  /** Whether it is known that it has not. */
  lacks(leg, capability) {
    return !this.can(leg, capability) && this.#known.has(leg?.thread.account);
  }

  async #ask() {
    if (performance.now() - this.#askedAt < PAUSE_MS) return;
    this.#askedAt = performance.now();
    const { inboxes } = await this.#api.get("/api/v1/inboxes").catch(() => ({ inboxes: [] }));
    for (const { account, capabilities, opens_threads } of inboxes) {
      if (capabilities) this.#known.set(account, { ...capabilities, opens_threads });
    }
    if (inboxes.length) this.#told();
  }
}
