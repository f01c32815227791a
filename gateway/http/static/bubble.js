// One message: who, where, what, and what became of it.

import { offerNode } from "./cards.js";
import { actNodes, byWhom, changeNodes, isOurs } from "./changes.js";
import { detailsNode } from "./details.js";
import { icon, make } from "./dom.js";
import { folded, forgedNode, recipientNodes, senderNodes } from "./mail.js";
import { happenings } from "./happenings.js";
import { keyOf } from "./history.js";
import { offered } from "./offer.js";
import { contentNodes, isBare, messageWords, partWords, textsOf } from "./parts.js";
import { channelChip, channelOf, deliveryNodes, stamp } from "./words.js";

const FAILED = "delivery_failed";
const ORIGINAL = "original"; // lost by an edit whose message has never come

/**
 * context: { leg, quoted: entry | null, jump, files, answer, answerAll | null, subject, changes,
 * fault, acts }. The node of an entry; `jump` leads to what it answers, `subject` is said if it is new.
 */
export function bubble(entry, context) {
  const { message } = entry;
  if (message.direction === "activity") return activity(entry);
  const item = make("li", { class: `message ${message.direction}`, tabIndex: -1, "data-key": keyOf(entry) });
  item.classList.toggle("failed", entry.delivery?.state === "failed");
  item.classList.toggle("deleted", Boolean(message.deleted_at));
  const bare = isBare(message) && !message.answers && !message.forward;
  item.append(
    make(
      "div",
      { class: bare ? "bubble bare" : "bubble" },
      head(message, context.leg),
      forgedNode(message),
      ...recipientNodes(message),
      context.subject ? make("p", { class: "subject", dir: "auto" }, context.subject) : null,
      forward(message),
      quote(message, context.quoted, context.jump),
      ...folded(message, contentNodes(message, context.files)),
      original(message),
      history(message),
      reactions(message, context.leg),
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
  const rows = offered(pending.buttons);
  const offer = rows.length ? offerNode({ rows }) : null;
  const copies = recipientNodes({ recipients: (pending.copies ?? []).map((address) => ({ address, role: "cc" })) });
  item.append(make("div", { class: "bubble" }, who(pending), ...copies, text, ...files, offer));
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

function activity(entry) {
  const { message } = entry;
  const [part] = message.parts;
  const by = make("bdi", {}, message.sender.name || message.sender.id);
  const { act, told } = part?.kind === "system" ? happenings(message.parts, message.sender) : { told: messageWords(message) };
  const bad = part?.code === FAILED;
  const said = told ? make("span", { dir: "auto", class: bad ? "state bad" : "" }, bad ? icon("fail") : null, told) : make("span", {}, by, " ", act);
  const time = make("span", { class: "activity-foot" }, stamp(message.at), detailsNode(entry));
  return make("li", { class: "message activity" }, said, time);
}

function head(message, leg) {
  const name = make("bdi", {}, message.sender.name || message.sender.id);
  const bot = message.sender.kind === "bot" ? make("span", { class: "chip" }, "Bot") : null;
  const tag = message.direction === "note" ? noteTag() : leg ? channelChip(channelOf(leg)) : null;
  return make("p", { class: "from" }, name, ...senderNodes(message), bot, tag);
}

function forward({ forward: from }) {
  if (!from) return null;
  const when = from.at ? [" · ", stamp(from.at, { day: true })] : [];
  const name = make("b", {}, make("bdi", {}, from.name || "somebody"));
  return make("p", { class: "forwarded" }, icon("forward"), make("span", {}, "Forwarded from ", name, ...when));
}

/** What is answered, as a way to it if it is among the messages that are shown. */
function quote(message, quoted, jump) {
  if (!message.answers) return null;
  const text = message.answers.text || (quoted ? messageWords(quoted.message) : "an earlier message");
  if (!quoted) return make("div", { class: "quoted", dir: "auto" }, text);
  const name = quoted.message.sender.name || quoted.message.sender.id;
  const node = make("button", { type: "button", class: "quoted", dir: "auto", title: "Show this message" });
  node.append(make("b", {}, make("bdi", {}, name)), make("span", {}, text));
  node.addEventListener("click", jump);
  return node;
}

function original(message) {
  if (!message.lost?.includes(ORIGINAL)) return null;
  return make("p", { class: "aside" }, icon("info"), "Edited before it came here: its first form never did");
}

function history(message) {
  if (!message.history?.length) return null;
  const earlier = message.history.map((revision) =>
    make("p", { class: "line", dir: "auto" }, stamp(revision.until), " ", revision.parts.map(partWords).join(" ")),
  );
  return make("details", { class: "history" }, make("summary", {}, "Edited: show what it said before"), ...earlier);
}

const CUSTOM = "custom:";

function reactions(message, leg) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map((one) => {
    const by = leg?.author.endsWith(`:${one.by}`) ? leg.author_name : byWhom(one);
    const shown = one.emoji.startsWith(CUSTOM) ? "custom emoji" : one.emoji;
    const look = { class: isOurs(one) ? "chip ours" : "chip", title: by };
    return make("span", { ...look, role: "img", "aria-label": `${shown} by ${by}` }, shown);
  });
  return make("p", { class: "reactions" }, ...chips);
}

const QUOTE_LENGTH_MAX = 4096;

/** The selected words of a message, if they are words of its text as they stand there. */
function selectedWords(item, message) {
  const selection = getSelection();
  if (!item.contains(selection.anchorNode) || !item.contains(selection.focusNode)) return "";
  const words = selection.toString().trim();
  const said = textsOf(message).some((text) => text.includes(words));
  return said && words.length <= QUOTE_LENGTH_MAX ? words : "";
}

function foot(entry, context) {
  const { message, delivery } = entry;
  const notes = [];
  if (message.rev) notes.push("edited");
  if (message.deleted_at) notes.push(message.direction === "out" ? "withdrawn" : "deleted by the sender");
  if (message.silent) notes.push("without a sound");
  if (message.resent) notes.push("sent again: may have arrived twice");
  if (message.backfilled) notes.push("brought in later");
  const answer = make("button", { type: "button", class: "answer" }, "Answer");
  answer.addEventListener("mousedown", (event) => event.preventDefault()); // what is selected stays so
  answer.addEventListener("click", () => context.answer(entry, selectedWords(answer.closest(".message"), message)));
  const all = make("button", { type: "button", class: "answer" }, "Reply all");
  all.addEventListener("click", () => context.answerAll(entry));
  return make(
    "div",
    { class: "foot" },
    stamp(message.at),
    notes.length ? make("span", {}, notes.join(" · ")) : null,
    detailsNode(entry),
    message.direction === "in" ? answer : null,
    message.direction === "in" && context.answerAll && message.recipients?.length ? all : null,
    ...actNodes(entry, context.acts),
    ...(delivery ? deliveryNodes(delivery) : []),
    ...changeNodes(entry, context.changes, context.fault, context.acts),
  );
}
