// One message: who, where, what, and what became of it.

import { actNodes, byWhom, changeNodes, isOurs } from "./changes.js";
import { icon, make } from "./dom.js";
import { messageWords, partNodes, partWords } from "./parts.js";
import { channelChip, channelOf, deliveryNodes, stamp, statusWord } from "./words.js";

/**
 * context: { leg, quoted: entry | null, files, answer, changes, fault, acts }. The node of an entry.
 */
export function bubble(entry, context) {
  const { message } = entry;
  if (message.direction === "activity") return activity(message);
  const item = make("li", { class: `message ${message.direction}` });
  item.classList.toggle("failed", entry.delivery?.state === "failed");
  item.classList.toggle("deleted", Boolean(message.deleted_at));
  item.append(
    make(
      "div",
      { class: "bubble" },
      head(message, context.leg),
      message.subject ? make("p", { class: "subject", dir: "auto" }, message.subject) : null,
      forward(message),
      quote(message, context.quoted),
      ...message.parts.flatMap((part) => partNodes(part, context.files)),
      history(message),
      reactions(message),
      lost(message),
    ),
    foot(entry, context),
  );
  return item;
}

const ACTS = { retry: "Try again", edit: "Edit", discard: "Discard" };

/** A message that is not known to have been taken. `acts`: what can be done, null what cannot. */
export function pendingBubble(pending, acts) {
  const failed = pending.error;
  const item = make("li", { class: `message ${pending.mode === "note" ? "note" : "out"}` });
  item.classList.toggle("failed", Boolean(failed));
  const text = pending.text ? make("div", { class: "text", dir: "auto" }, pending.text) : null;
  const files = pending.files.map((file) => make("p", { class: "line" }, make("bdi", {}, file.name)));
  item.append(make("div", { class: "bubble" }, who(pending), text, ...files));
  if (!failed) {
    item.append(make("div", { class: "foot" }, make("span", { class: "state" }, icon("clock"), "On its way to Trunkline")));
    return item;
  }
  const button = (word, act) => {
    const node = make("button", { type: "button", class: "button small" }, word);
    node.addEventListener("click", act);
    return node;
  };
  item.append(
    make(
      "div",
      { class: "foot" },
      make("span", { class: "state bad" }, icon("fail"), "Not taken"),
      make("span", { class: "reason", role: "alert" }, failed.message),
    ),
    make("div", { class: "retry" }, ...Object.entries(acts).filter(([, act]) => act).map(([name, act]) => button(ACTS[name], act))),
  );
  return item;
}

function who(pending) {
  const tag = pending.mode === "note" ? noteTag() : channelChip(pending.channel);
  return make("p", { class: "from" }, "You", tag);
}

const noteTag = () => make("span", { class: "tag" }, icon("lock"), "Note, only agents see it");

function activity(message) {
  const [first] = message.parts;
  const by = make("bdi", {}, message.sender.name || message.sender.id);
  const status = first?.kind === "system" && first.code === "status";
  const words = status ? ` set the status to ${statusWord(first.text)} · ` : `: ${messageWords(message)} · `;
  return make("li", { class: "message activity" }, by, words, stamp(message.at));
}

function head(message, leg) {
  const name = make("bdi", {}, message.sender.name || message.sender.id);
  const bot = message.sender.kind === "bot" ? make("span", { class: "chip" }, "Bot") : null;
  const tag = message.direction === "note" ? noteTag() : leg ? channelChip(channelOf(leg)) : null;
  return make("p", { class: "from" }, name, bot, tag);
}

function forward(message) {
  if (!message.forward) return null;
  return make("p", { class: "line" }, "Forwarded from ", make("bdi", {}, message.forward.name || "somebody"));
}

function quote(message, quoted) {
  if (!message.answers) return null;
  const text = message.answers.text || (quoted ? messageWords(quoted.message) : "an earlier message");
  const by = quoted ? make("b", {}, quoted.message.sender.name || quoted.message.sender.id, ": ") : null;
  return make("div", { class: "quoted", dir: "auto" }, by, text);
}

function history(message) {
  if (!message.history?.length) return null;
  const earlier = message.history.map((revision) =>
    make("p", { class: "line", dir: "auto" }, stamp(revision.until), " ", revision.parts.map(partWords).join(" ")),
  );
  return make("details", { class: "history" }, make("summary", {}, "Edited: show what it said before"), ...earlier);
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map((one) =>
    make("span", { class: isOurs(one) ? "chip ours" : "chip", title: byWhom(one) }, one.emoji),
  );
  return make("p", { class: "reactions" }, ...chips);
}

function lost(message) {
  if (!message.lost?.length) return null;
  return make("p", { class: "line" }, `Not carried over: ${message.lost.join(", ")}`);
}

function foot(entry, context) {
  const { message, delivery } = entry;
  const notes = [];
  if (message.rev) notes.push("edited");
  if (message.deleted_at) notes.push(message.direction === "out" ? "withdrawn" : "deleted");
  if (message.silent) notes.push("without a sound");
  if (message.resent) notes.push("sent again: may have arrived twice");
  if (message.backfilled) notes.push("brought in later");
  const answer = make("button", { type: "button", class: "answer" }, "Answer");
  answer.addEventListener("click", () => context.answer(entry));
  return make(
    "div",
    { class: "foot" },
    stamp(message.at),
    notes.length ? make("span", {}, notes.join(" · ")) : null,
    message.direction === "in" ? answer : null,
    ...actNodes(entry, context.acts),
    ...(delivery ? deliveryNodes(delivery) : []),
    ...changeNodes(entry, context.changes, context.fault, context.acts),
  );
}
