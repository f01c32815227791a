// The messages of one conversation that are held: a bounded stretch that can grow at both ends.

export const PAGE = 50;
export const HELD_MAX = 300;

export const keyOf = (entry) => `${entry.leg}:${entry.position}`;

export class History {
  entries = [];
  detached = false; // the latest messages are not among those held
  #before = new Map(); // key of the first message of a page -> cursor of the page before it

  /** The cursor for what comes before the first message held, "" at the beginning. */
  get before() {
    return this.entries.length ? (this.#before.get(keyOf(this.entries[0])) ?? "") : "";
  }

  /** A page with the latest messages; -> whether some of it was not held. */
  takeLatest({ entries, before = "" }) {
    const held = new Map(this.entries.map((entry) => [keyOf(entry), entry]));
    const fresh = entries.some((entry) => !held.has(keyOf(entry)));
    const joins = entries.some((entry) => held.has(keyOf(entry)));
    const newer = new Set(entries.map(keyOf));
    const older = joins ? this.entries.filter((entry) => !newer.has(keyOf(entry))) : [];
    this.entries = [...older, ...entries];
    if (entries.length) this.#before.set(keyOf(entries[0]), before);
    this.detached = false;
    this.#dropEarliest();
    return fresh;
  }

  /** The page before those held. */
  takeEarlier({ entries, before = "" }) {
    const held = new Set(this.entries.map(keyOf));
    const older = entries.filter((entry) => !held.has(keyOf(entry)));
    this.entries = [...older, ...this.entries];
    if (this.entries.length) this.#before.set(keyOf(this.entries[0]), before);
    if (this.entries.length > HELD_MAX) {
      this.entries = this.entries.slice(0, HELD_MAX);
      this.detached = true;
    }
  }

  /** One message in its newest form. */
  put(entry) {
    const at = this.entries.findIndex((one) => keyOf(one) === keyOf(entry));
    if (at >= 0) this.entries[at] = entry;
    else if (!this.detached) this.entries.push(entry);
  }

  find(answers) {
    return this.entries.find(
      ({ message }) =>
        (answers.message && message.id === answers.message) ||
        (answers.remote && message.refs?.includes(answers.remote)),
    );
  }

  /** Whole pages, so that the first message held is one whose cursor is known. */
  #dropEarliest() {
    while (this.entries.length > HELD_MAX) {
      const next = this.entries.findIndex((entry, at) => at > 0 && this.#before.has(keyOf(entry)));
      if (next < 0) return;
      this.entries = this.entries.slice(next);
    }
  }
}
