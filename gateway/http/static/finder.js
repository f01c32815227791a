// Search: what was said and people, shown in the place of the inbox while something is looked for.

import { arrange, byId, make, showError } from "./dom.js";
import { stamp } from "./words.js";

const WAIT_MS = 200; // after the last key
const ROWS = 20;
const PEOPLE = 5;
const NUMBER = /^t-[0-9a-z]{4,}-?[0-9a-z]$/i;
const DIRECTIONS = { out: "Answer", note: "Note" };

export class Finder {
  #api;
  #open;
  #asked = 0;
  #waiting = 0;
  #next = "";
  #line = "";

  /** `open(reference, place)` shows a conversation, at a message if there is a place. */
  constructor(api, open) {
    this.#api = api;
    this.#open = open;
    const field = byId("search");
    field.addEventListener("input", () => {
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#look(), WAIT_MS);
    });
    field.addEventListener("keydown", (event) => this.#key(event));
    byId("find").addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#waiting);
      const line = field.value.trim();
      if (NUMBER.test(line)) this.#choose(line, null);
      else this.#look();
    });
    byId("found-more").addEventListener("click", () => this.#more());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
      event.preventDefault();
      byId("desk").dataset.shown = "list";
      field.focus();
      field.select();
    });
  }

  #key(event) {
    if (event.key === "Escape") this.#clear();
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    byId("found").querySelector("button")?.focus();
  }

  #clear() {
    byId("search").value = "";
    this.#look();
  }

  #choose(reference, place) {
    this.#open(reference, place);
  }

  async #look() {
    const line = byId("search").value.trim();
    const asked = ++this.#asked;
    this.#line = line;
    byId("desk").classList.toggle("searching", Boolean(line));
    if (!line) return showError(byId("list-error"), null);
    try {
      const [people, said] = await Promise.all([
        this.#ask("people", line, PEOPLE).catch((error) => {
          if (error.status === 403) return { rows: [] };
          throw error;
        }),
        this.#ask("messages", line, ROWS),
      ]);
      if (asked !== this.#asked) return; // a newer question is under way
      showError(byId("list-error"), null);
      this.#next = said.next ?? "";
      arrange(byId("found-people"), people.rows.filter((one) => one.conversation).map((one) => this.#person(one)));
      arrange(byId("found"), said.rows.map((one) => this.#message(one)));
      this.#say(people.rows.length + said.rows.length, said);
    } catch (error) {
      if (asked === this.#asked) showError(byId("list-error"), error);
    }
  }

  async #more() {
    const asked = this.#asked;
    try {
      const said = await this.#ask("messages", this.#line, ROWS, this.#next);
      if (asked !== this.#asked) return;
      byId("found").append(...said.rows.map((one) => this.#message(one)));
      this.#next = said.next ?? "";
      this.#say(byId("found").children.length, said);
    } catch (error) {
      showError(byId("list-error"), error);
    }
  }

  #ask(kind, q, limit, after = "") {
    return this.#api.get(`/api/v1/search?${new URLSearchParams({ q, kind, limit, after })}`);
  }

  #say(count, { building, indexed_until: until }) {
    byId("found-more").hidden = !this.#next;
    const words = [];
    if (!count) words.push(this.#next ? "Nothing in the newest messages." : "Nothing was found.");
    if (building !== undefined) words.push(`The search index is being made: ${Math.floor(building * 100)} %.`);
    if (until) words.push(`What happened after ${new Date(until).toLocaleString()} is not found yet.`);
    byId("found-state").textContent = words.join(" ");
    byId("found-state").hidden = !words.length;
  }

  #person(one) {
    const name = one.name || one.handle || one.identity;
    const row = make(
      "button",
      { type: "button", class: "row" },
      make("span", { class: "row-name", dir: "auto" }, name),
      one.touched_at ? stamp(one.touched_at, { day: true }) : null,
      make("span", { class: "row-latest", dir: "auto" }, one.handle && one.handle !== name ? `@${one.handle}` : one.identity.split(":").slice(2).join(":")),
      make("bdi", { class: "row-number" }, one.number),
    );
    row.addEventListener("click", () => this.#choose(one.conversation, null));
    return make("li", {}, row);
  }

  #message(one) {
    const who = one.sender || DIRECTIONS[one.direction] || "";
    const row = make(
      "button",
      { type: "button", class: "row" },
      make("span", { class: "row-name", dir: "auto" }, one.direction === "note" ? `Note by ${who}` : who),
      stamp(one.at, { day: true }),
      make("span", { class: "row-found", dir: "auto" }, ...marked(one.snippet)),
      make("bdi", { class: "row-number" }, one.number),
    );
    row.addEventListener("click", () => this.#choose(one.conversation, one));
    return make("li", {}, row);
  }
}

/** A snippet's text with its hits marked. Places are counted in code points. */
export function marked({ text, hits = [], cut = false }) {
  const points = [...text];
  const nodes = [];
  let at = 0;
  for (const { start, length } of hits) {
    nodes.push(points.slice(at, start).join(""));
    nodes.push(make("mark", {}, points.slice(start, start + length).join("")));
    at = start + length;
  }
  nodes.push(points.slice(at).join(""), cut ? " …" : "");
  return nodes;
}
