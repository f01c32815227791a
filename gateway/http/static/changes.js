// What agents do to a message that is on the platform already: edit, delete, react.

import { byId, icon, make } from "./dom.js";
import { keyOf } from "./history.js";
import { messageWords } from "./parts.js";
import { channelOf, channelWord } from "./words.js";

const OURS = "agent:"; // before the name in a reaction of ours
const QUICK = ["👍", "❤", "🎉", "😁", "🙏", "👀"];
const THERE = ["queued", "sending", "sent", "delivered", "read"];
const WORDS = {
  edit: { going: "Edit on its way", failed: "Not edited", unknown: "May have been edited" },
  delete: { going: "Being deleted", failed: "Not deleted", unknown: "May have been deleted" },
  react: { going: "Reaction on its way", failed: "No reaction", unknown: "Reaction may have arrived" },
};

export const isOurs = (reaction) => reaction.by.startsWith(OURS);
export const byWhom = (reaction) => (isOurs(reaction) ? reaction.by.slice(OURS.length) : reaction.by);

/** What each message has still to become: its key -> the last change of each kind, if not made. */
export function changesOf(entries) {
  const latest = new Map();
  for (const entry of entries) {
    const { change } = entry.message;
    if (!change) continue;
    const target = keyOf({ leg: entry.leg, position: change.position });
    const kinds = latest.get(target) ?? new Map();
    latest.set(target, kinds.set(change.kind, entry));
  }
  const open = ([target, kinds]) => [target, [...kinds.values()].filter((one) => one.delivery?.state !== "sent")];
  return new Map([...latest].map(open).filter(([, changes]) => changes.length));
}

/** What has not become of a message yet, or was refused and why. acts: { edit } */
export function changeNodes(entry, changes, fault, acts) {
  const nodes = changes.map((one) => changeNode(entry, one, acts));
  if (fault) nodes.push(line("fail", "bad", "Not taken", fault.message));
  return nodes;
}

function changeNode(entry, { message, delivery }, acts) {
  const { kind } = message.change;
  const { state, reason = "" } = delivery ?? { state: "queued" };
  if (state === "queued" || state === "sending") return line("clock", "", WORDS[kind].going, reason);
  if (state === "unknown") return line("unknown", "odd", WORDS[kind].unknown, reason);
  const node = line("fail", "bad", WORDS[kind].failed, reason);
  if (kind === "edit" && acts.edit && isThere(entry)) {
    node.append(button("Edit again", "answer", () => acts.edit(entry, message)));
  }
  return node;
}

function line(name, kind, word, reason) {
  const state = make("span", { class: `state ${kind}` }, icon(name), word);
  const why = reason ? make("span", { dir: "auto" }, reason) : null;
  return make("p", { class: "change", role: kind === "bad" ? "alert" : "status" }, state, why);
}

/**
 * What can be done to a message. acts: { edit(entry), remove(entry), react(entry, emoji) }, null for
 * what its inbox cannot.
 */
export function actNodes(entry, acts) {
  if (!isThere(entry)) return [];
  const ours = entry.message.direction === "out";
  return [
    acts.react ? reactNode(entry, acts) : null,
    ours && acts.edit ? button("Edit", "answer act", () => acts.edit(entry)) : null,
    ours && acts.remove ? button("Delete", "answer act", () => acts.remove(entry)) : null,
  ];
}

function isThere({ message, delivery }) {
  if (message.deleted_at || !["in", "out"].includes(message.direction)) return false;
  return !delivery || THERE.includes(delivery.state);
}

function reactNode(entry, acts) {
  const choose = (emoji) => {
    node.open = false;
    acts.react(entry, emoji);
  };
  const other = make("input", { maxLength: 16, autocomplete: "off", placeholder: "Other" });
  other.setAttribute("aria-label", "Another emoji");
  const form = make("form", {}, other, make("button", { class: "button small" }, "React"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (other.value.trim()) choose(other.value.trim());
  });
  const quick = QUICK.map((emoji) => button(emoji, "emoji", () => choose(emoji)));
  const ours = (entry.message.reactions ?? []).some(isOurs);
  const none = ours ? button("Take ours back", "button small", () => choose("")) : null;
  const panel = make("div", { class: "react-panel" }, ...quick, form, none);
  const node = make("details", { class: "react act" }, make("summary", {}, "React"), panel);
  return node;
}

function button(word, name, act) {
  const node = make("button", { type: "button", class: name }, word);
  node.addEventListener("click", act);
  return node;
}

/** Asks for deletions and reactions; edits are written in the composer. */
export class Changes {
  #api;
  #thread;
  #asked = null; // the message that the question is about

  constructor(api, thread) {
    this.#api = api;
    this.#thread = thread;
    byId("delete-cancel").addEventListener("click", () => byId("delete-dialog").close());
    byId("delete-form").addEventListener("submit", () => this.#remove(this.#asked));
  }

  /** A deletion, with a question first. */
  remove(entry) {
    const { legs, id } = this.#thread.conversation;
    const leg = legs.find((one) => one.id === entry.leg);
    this.#asked = { entry, conversation: id };
    byId("delete-words").textContent = messageWords(entry.message).slice(0, 200);
    byId("delete-where").textContent = channelWord(channelOf(leg));
    byId("delete-dialog").showModal();
  }

  #remove({ entry, conversation }) {
    return this.#ask(entry, conversation, () => this.#api.delete(pathOf(conversation, entry)));
  }

  react(entry, emoji) {
    const { id } = this.#thread.conversation;
    return this.#ask(entry, id, () => this.#api.put(`${pathOf(id, entry)}/reaction`, { emoji }));
  }

  async #ask(entry, conversation, call) {
    this.#thread.fault(entry, null);
    try {
      this.#thread.take(conversation, await call());
    } catch (error) {
      this.#thread.fault(entry, error);
    }
  }
}

export const pathOf = (conversation, entry) =>
  `/api/v1/conversations/${conversation}/messages/${encodeURIComponent(entry.message.id)}`;
