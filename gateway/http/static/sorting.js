// The open conversation as a piece of work: priority, tags, whose it is, snoozing, spam.

import { arrange, byId, icon, make, showError } from "./dom.js";
import { momentWord } from "./words.js";

const HOUR = 3600;

/** What an agent puts something aside for; each gives seconds from now on. */
const SNOOZES = [
  ["1 hour", () => HOUR],
  ["3 hours", () => 3 * HOUR],
  ["Tomorrow at 9:00", () => untilMorning(1)],
  ["Monday at 9:00", () => untilMorning(((8 - new Date().getDay()) % 7) || 7)],
];

function untilMorning(days) {
  const then = new Date();
  then.setDate(then.getDate() + days);
  then.setHours(9, 0, 0, 0);
  return Math.round((then - Date.now()) / 1000);
}

export class Sorting {
  #api;
  #me;
  #changed;
  #conversation = null;

  /** `me()` is the agent's name; `changed()` reads again. */
  constructor(api, me, changed) {
    this.#api = api;
    this.#me = me;
    this.#changed = changed;
    byId("priority").addEventListener("change", ({ target }) => this.#set({ priority: target.value }));
    byId("assign").addEventListener("click", () => this.#set({ assignee: this.#conversation.assignee === this.#me() ? "" : this.#me() }));
    byId("snooze").append(...SNOOZES.map(([name], n) => make("option", { value: String(n) }, name)), make("option", { value: "wake" }, "Open again now"));
    byId("snooze").addEventListener("change", ({ target }) => {
      const chosen = target.value;
      target.value = "";
      this.#set(chosen === "wake" ? { snoozed_until: null } : { snooze_seconds: SNOOZES[chosen][1]() });
    });
    byId("spam").addEventListener("click", () => this.#set({ spam: !this.#conversation.spam }));
    byId("tag-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const tags = byId("tag").value.split(/[\s,]+/).filter(Boolean);
      byId("tag").value = "";
      if (tags.length) this.#set({ add_tags: tags });
    });
  }

  show(conversation) {
    this.#conversation = conversation;
    const { priority = "normal", assignee = "", tags = [], spam = false, snoozed_until: until, status } = conversation;
    byId("priority").value = priority;
    byId("priority").classList.toggle("raised", priority === "urgent" || priority === "high");
    const mine = assignee && assignee === this.#me();
    byId("assign").setAttribute("aria-pressed", String(Boolean(mine)));
    byId("assign-words").textContent = mine ? "Yours" : assignee ? `${assignee}’s – take it` : "Assign to me";
    byId("spam").setAttribute("aria-pressed", String(spam));
    byId("spam-words").textContent = spam ? "Is spam" : "Spam";
    byId("snooze-words").textContent = until ? `Until ${momentWord(until)}` : "Snooze";
    const open = status !== "closed";
    for (const id of ["priority", "assign", "snooze", "tag"]) byId(id).disabled = !open;
    arrange(byId("tags"), tags.map((tag) => this.#tag(tag)));
  }

  #tag(tag) {
    const away = make("button", { type: "button", class: "tag-away", "aria-label": `Take the tag ${tag} away` }, icon("close"));
    away.addEventListener("click", () => this.#set({ remove_tags: [tag] }));
    return make("li", { class: "chip tag" }, make("bdi", {}, tag), away);
  }

  async #set(change) {
    const { id } = this.#conversation;
    try {
      await this.#api.patch(`/api/v1/conversations/${id}`, change);
      showError(byId("thread-error"), null);
    } catch (error) {
      showError(byId("thread-error"), error);
    }
    await this.#changed();
    if (this.#conversation.id === id) this.show(this.#conversation);
  }
}
