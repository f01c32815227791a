// The open conversation: its head, its messages, and those that are on their way.

import { bubble, pendingBubble } from "./bubble.js";
import { changesOf } from "./changes.js";
import { Nodes, arrange, byId, make, showError } from "./dom.js";
import { Files } from "./files.js";
import { History, PAGE, keyOf } from "./history.js";
import { nameOf } from "./inbox.js";
import { isSameSubject } from "./mail.js";
import { SETTABLE, audienceChips, channelChip, channelOf, dayOf, statusIcon, statusWord } from "./words.js";

const NEAR_END = 48;
const PAGES_MAX = 4; // read one by one on the way to a message that was found
const NEEDS = { edit: "edits", remove: "deletes", react: "reactions" };

/** An agent's act on a conversation is recorded on each leg, as `<act>.<leg>`: shown once. */
const activityOf = ({ direction, id }) => (direction === "activity" ? id.split(".")[0] : "");

export class Thread {
  conversation = null;
  #api;
  #events;
  #files;
  #inboxes;
  #history = new History();
  #pending = new Map(); // conversation id -> messages that are not known to have been taken
  #faults = new Map(); // key of a message -> why a change of it was not taken
  #nodes = new Nodes();
  #reading = null;
  #told = null; // the last message of which the customer may know that it was read
  #again = false;

  /** events: { changed(conversation, lastHeardLeg), answer(entry, quote, all), retry, edit, acts } */
  constructor(api, inboxes, events) {
    this.#api = api;
    this.#inboxes = inboxes;
    this.#events = events;
    this.#files = new Files(api);
    byId("earlier").addEventListener("click", () => this.#earlier());
    byId("latest").addEventListener("click", () => this.#toLatest());
    byId("status").addEventListener("change", (event) => this.#setStatus(event.target.value));
    byId("log").addEventListener("scroll", () => this.#nearEnd() && !this.#history.detached && this.#pill(false));
  }

  async open(reference) {
    const conversation = await this.#api.get(`/api/v1/conversations/${encodeURIComponent(reference)}`);
    this.conversation = conversation;
    this.#history = new History();
    this.#nodes = new Nodes();
    this.#faults.clear();
    byId("thread-empty").hidden = true;
    byId("thread-body").hidden = false;
    showError(byId("thread-error"), null);
    byId("messages").replaceChildren();
    await this.refresh();
    return conversation;
  }

  /** To a message, wherever in the conversation it stands: { leg, position }. */
  async showAt(place) {
    const key = keyOf(place);
    const isHeld = () => this.#history.entries.some((entry) => keyOf(entry) === key);
    for (let pages = 0; pages < PAGES_MAX && !isHeld() && this.#history.before; pages++) await this.#earlier();
    if (!isHeld()) await this.#readAround(place);
    this.#jump(place);
  }

  /** Further back than one would scroll: only what stands around it is held. */
  async #readAround({ leg, position }) {
    const { id } = this.conversation;
    const query = new URLSearchParams({ before: `${leg}:${position + PAGE / 2}`, limit: PAGE });
    const page = await this.#api.get(`/api/v1/conversations/${id}/messages?${query}`);
    if (this.conversation?.id !== id) return;
    this.#history = new History();
    this.#history.takeEarlier(page);
    this.#history.detached = true;
    this.#draw();
    this.#pill(true);
  }

  close() {
    this.conversation = null;
    byId("thread-body").hidden = true;
    byId("thread-empty").hidden = false;
  }

  /** Whether an event is about what is shown here. */
  concerns(event) {
    const legs = this.conversation?.legs.map((leg) => leg.id) ?? [];
    return legs.includes(event.leg) || event.conversation === this.conversation?.id;
  }

  /** Read head and latest messages again; calls meanwhile lead to one more reading. */
  async refresh() {
    this.#again = true;
    this.#reading ??= this.#readWhileAsked().finally(() => (this.#reading = null));
    await this.#reading;
  }

  async #readWhileAsked() {
    while (this.#again && this.conversation) {
      this.#again = false;
      try {
        await this.#read(this.conversation.id);
        showError(byId("thread-error"), null);
      } catch (error) {
        showError(byId("thread-error"), error);
      }
    }
  }

  async #read(id) {
    const [conversation, page] = await Promise.all([
      this.#api.get(`/api/v1/conversations/${id}`),
      this.#api.get(`/api/v1/conversations/${id}/messages?limit=${PAGE}`),
    ]);
    if (this.conversation?.id !== id) return; // another one was opened meanwhile
    this.conversation = conversation;
    if (this.#history.detached) {
      this.#pill(true);
    } else {
      const atEnd = this.#nearEnd();
      const fresh = this.#history.takeLatest(page);
      this.#draw();
      if (atEnd) this.toEnd();
      else if (fresh) this.#pill(true);
    }
    this.#drawHead();
    this.#events.changed(conversation, this.#lastHeard());
    this.#tellRead();
  }

  /** The customer may see that what is on the screen was read; nobody minds if not. */
  #tellRead() {
    const last = this.#history.entries.findLast(({ message }) => message.direction === "in")?.message.id;
    if (!last || last === this.#told || document.hidden || !this.#nearEnd()) return;
    this.#told = last;
    this.#api.post(`/api/v1/conversations/${this.conversation.id}/read`, { message: last }).catch(() => {});
  }

  async #earlier() {
    const log = byId("log");
    const { id } = this.conversation;
    try {
      const query = new URLSearchParams({ before: this.#history.before, limit: PAGE });
      const page = await this.#api.get(`/api/v1/conversations/${id}/messages?${query}`);
      if (this.conversation?.id !== id) return;
      const fromEnd = log.scrollHeight - log.scrollTop;
      this.#history.takeEarlier(page);
      this.#draw();
      log.scrollTop = log.scrollHeight - fromEnd;
      this.#pill(this.#history.detached);
    } catch (error) {
      showError(byId("thread-error"), error);
    }
  }

  async #toLatest() {
    if (this.#history.detached) {
      this.#history = new History();
      await this.refresh();
    }
    this.toEnd();
  }

  async #setStatus(status) {
    try {
      await this.#api.patch(`/api/v1/conversations/${this.conversation.id}`, { status });
      await this.refresh();
    } catch (error) {
      showError(byId("thread-error"), error);
      byId("status").value = this.conversation.status;
    }
  }

  // --- messages on their way

  hold(pending) {
    const held = this.#pending.get(pending.conversation) ?? [];
    if (!held.includes(pending)) this.#pending.set(pending.conversation, [...held, pending]);
    this.#draw();
    this.toEnd();
  }

  /** It was taken (as this entry), or the agent gave it up. */
  release(pending, entry = null) {
    const held = this.#pending.get(pending.conversation) ?? [];
    this.#pending.set(pending.conversation, held.filter((one) => one !== pending));
    if (this.conversation?.id !== pending.conversation) return;
    const atEnd = this.#nearEnd();
    if (entry) this.#history.put(entry);
    this.#draw();
    if (atEnd) this.toEnd();
  }

  /** What is shown may look different now. */
  redraw() {
    if (this.conversation) this.#draw();
  }

  /** A change of a message that is shown was taken, as this entry. */
  take(conversation, entry) {
    if (this.conversation?.id !== conversation) return;
    this.#history.put(entry);
    this.#draw();
  }

  /** Why a change of a message was not taken; null when it is asked for again. */
  fault(entry, error) {
    if (error) this.#faults.set(keyOf(entry), error);
    else this.#faults.delete(keyOf(entry));
    this.#draw();
  }

  // --- drawing

  #drawHead() {
    const { number, status, legs } = this.conversation;
    byId("thread-name").textContent = nameOf(this.conversation);
    const channels = [...new Set(legs.map(channelOf))];
    const chips = [...channels.map(channelChip), ...audienceChips(this.conversation)];
    const archived = legs.every((leg) => leg.archived) ? make("span", { class: "chip", title: "Opened from the archive; writing brings it back" }, "Archived") : "";
    byId("thread-sub").replaceChildren(make("bdi", {}, number), ...chips, archived);
    byId("status-icon").setAttribute("href", `#i-${statusIcon(status)}`);
    const choices = status === "new" ? ["new", ...SETTABLE] : SETTABLE;
    const options = choices.map((one) => make("option", { value: one }, statusWord(one)));
    const select = byId("status");
    if (document.activeElement !== select || select.options.length !== options.length) {
      select.replaceChildren(...options);
    }
    select.value = status;
    select.disabled = status === "closed";
  }

  #draw() {
    const nodes = [];
    const keys = new Set();
    const add = (key, value, build) => {
      keys.add(key);
      nodes.push(this.#nodes.of(key, value, build));
    };
    let day = "";
    let activity = "";
    const subjects = new Map(); // leg -> the subject that was said last
    const changes = changesOf(this.#history.entries);
    for (const entry of this.#history.entries) {
      if (entry.message.change) continue; // shown at the message that it changes
      const group = activityOf(entry.message);
      if (group && group === activity) continue;
      activity = group;
      const its = dayOf(new Date(entry.message.at));
      if (its !== day) add(`day ${its}`, its, () => make("li", { class: "day" }, its));
      day = its;
      const quoted = entry.message.answers ? this.#history.find(entry.message.answers) : null;
      const key = keyOf(entry);
      const jump = () => this.#jump(quoted);
      const { subject = "" } = entry.message;
      const known = subjects.get(entry.leg);
      if (subject) subjects.set(entry.leg, subject);
      const about = {
        quoted, jump, changes: changes.get(key) ?? [], fault: this.#faults.get(key),
        acts: this.#actsOn(entry),
        subject: known !== undefined && isSameSubject(known, subject) ? "" : subject,
        answerAll: this.#able(entry, "copies") ? (to) => this.#events.answer(to, "", true) : null,
      };
      const print = [entry, quoted?.message.parts, about.changes, about.fault?.message, about.subject, Boolean(about.answerAll), Object.values(about.acts).map(Boolean)];
      add(key, print, () => bubble(entry, { ...this.#context(entry), ...about }));
    }
    for (const pending of this.#pending.get(this.conversation?.id) ?? []) {
      add(pending.key, [pending, pending.error?.message], () => pendingBubble(pending, this.#acts(pending)));
    }
    this.#nodes.keep(keys);
    arrange(byId("messages"), nodes);
    byId("earlier").hidden = !this.#history.before;
  }

  #able(entry, capability) {
    return this.#inboxes.can(this.#legOf(entry), capability);
  }

  /** What can be done to a message, null for what is known not to go on its channel. */
  #actsOn(entry) {
    const leg = this.#legOf(entry);
    const able = ([name, act]) => [name, this.#inboxes.lacks(leg, NEEDS[name]) ? null : act];
    return Object.fromEntries(Object.entries(this.#events.acts).map(able));
  }

  #legOf(entry) {
    return this.conversation.legs.find((leg) => leg.id === entry.leg);
  }

  /** To a message that is shown, with the focus. */
  #jump(entry) {
    const node = byId("messages").querySelector(`[data-key="${CSS.escape(keyOf(entry))}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "center" }); // at once: what arrives meanwhile would lead back to the end
    node.focus({ preventScroll: true });
  }

  #context(entry) {
    return {
      leg: this.#legOf(entry),
      files: this.#files.of(this.conversation.id, entry),
      answer: (to, quote) => this.#events.answer(to, quote),
    };
  }

  #acts(pending) {
    const refused = pending.error?.status >= 400 && pending.error.status < 500;
    return {
      retry: () => this.#events.retry(pending),
      edit: refused ? () => this.#events.edit(pending) : null,
      discard: () => this.release(pending),
    };
  }

  /** The leg on which the customer wrote last, as far as the messages held tell. */
  #lastHeard() {
    const heard = this.#history.entries.findLast((entry) => entry.message.direction === "in");
    return heard?.leg ?? null;
  }

  #nearEnd() {
    const log = byId("log");
    return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  }

  toEnd() {
    const log = byId("log");
    log.scrollTop = log.scrollHeight;
    this.#pill(this.#history.detached);
  }

  #pill(shown) {
    byId("latest").hidden = !shown;
  }
}
