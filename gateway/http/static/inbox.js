// The list of conversations: one view of the inbox, the selected row kept through every change.

import { Nodes, arrange, byId, make, showError } from "./dom.js";
import { forgedChip } from "./mail.js";
import { messageWords } from "./parts.js";
import { audienceChips, channelChip, channelOf, stamp, statusChip, workChips } from "./words.js";

const PAGE = 50;
const ROWS_MAX = 200;
const EMPTY = {
  open: "Nobody waits for an answer.",
  pending: "Nothing waits for somebody else.",
  spam: "Nothing was marked as spam.",
  closed: "Nothing was closed yet.",
};

export class InboxList {
  #api;
  #choose;
  #view = "open";
  #rows = [];
  #next = "";
  #selected = null;
  #nodes = new Nodes();
  #asked = 0;
  #me;

  /** `me()` is the agent's name. */
  constructor(api, choose, me) {
    this.#api = api;
    this.#me = me;
    byId("whose").addEventListener("change", () => this.show(this.#view));
    this.#choose = choose;
    for (const button of document.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => this.show(button.dataset.view));
    }
    byId("rows-more").addEventListener("click", () => this.#more());
  }

  async show(view) {
    this.#view = view;
    this.#rows = [];
    this.#next = "";
    for (const button of document.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    await this.refresh();
  }

  select(conversation) {
    this.#selected = conversation?.id ?? null;
    this.#draw();
  }

  /** Read as many rows again as are shown. */
  async refresh() {
    const asked = ++this.#asked;
    try {
      let page = await this.#page("");
      let rows = page.rows;
      while (page.next && rows.length < this.#rows.length) {
        page = await this.#page(page.next);
        rows = [...rows, ...page.rows];
      }
      if (asked !== this.#asked) return; // a newer question is under way
      this.#take(rows, page.next);
      showError(byId("list-error"), null);
    } catch (error) {
      showError(byId("list-error"), error);
    }
  }

  async #more() {
    try {
      const page = await this.#page(this.#next);
      this.#take([...this.#rows, ...page.rows], page.next);
    } catch (error) {
      showError(byId("list-error"), error);
    }
  }

  async #page(after) {
    const query = new URLSearchParams({ view: this.#view, after, limit: PAGE });
    const whose = byId("whose").value;
    if (whose === "mine") query.set("assignee", this.#me());
    if (whose === "unassigned") query.set("unassigned", "true");
    const { rows, next = "" } = await this.#api.get(`/api/v1/conversations?${query}`);
    return { rows, next };
  }

  #take(rows, next) {
    const known = new Map(rows.map((row) => [row.conversation.id, row]));
    this.#rows = [...known.values()].slice(0, ROWS_MAX);
    this.#next = this.#rows.length < ROWS_MAX ? next : "";
    this.#draw();
  }

  #draw() {
    const nodes = this.#rows.map((row) => {
      const selected = row.conversation.id === this.#selected;
      return this.#nodes.of(row.conversation.id, [row, selected], () => this.#row(row, selected));
    });
    this.#nodes.keep(new Set(this.#rows.map((row) => row.conversation.id)));
    const focused = document.activeElement?.dataset?.conversation;
    arrange(byId("rows"), nodes);
    if (focused && !document.activeElement?.dataset?.conversation) {
      byId("rows").querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
    }
    byId("rows-more").hidden = !this.#next;
    byId("rows-empty").hidden = this.#rows.length > 0;
    byId("rows-empty").textContent = byId("whose").value ? "None of these." : EMPTY[this.#view];
  }

  #row({ conversation, latest }, selected) {
    const channels = [...new Set(conversation.legs.map(channelOf))];
    const row = make(
      "button",
      { type: "button", class: "row", "data-conversation": conversation.id, "aria-current": String(selected) },
      make("span", { class: "row-name", dir: "auto" }, nameOf(conversation)),
      stamp(conversation.touched_at, { day: true }),
      make("span", { class: "row-latest", dir: "auto" }, latest ? latestWords(latest.message, nameOf(conversation)) : ""),
      make("span", { class: "row-chips" }, ...channels.map(channelChip), ...audienceChips(conversation), statusChip(conversation.status), ...workChips(conversation), latest ? forgedChip(latest.message) : null),
      make("bdi", { class: "row-number" }, conversation.number),
    );
    row.addEventListener("click", () => this.#choose(conversation.id));
    return make("li", {}, row);
  }
}

export function nameOf(conversation) {
  const named = conversation.legs.find((leg) => leg.author_name);
  return named?.author_name ?? conversation.legs[0].author;
}

/** Whose words they are is said unless they are those of the one whom the row is named after. */
function latestWords(message, rowName) {
  const words = `${message.deleted_at ? "Deleted: " : ""}${messageWords(message)}`.slice(0, 200);
  if (message.direction === "note") return `Note: ${words}`;
  const { name } = message.sender;
  return name && (name !== rowName || message.direction !== "in") ? `${name}: ${words}` : words;
}
