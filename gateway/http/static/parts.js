// What a message says, as nodes: every kind of part has a form here, none is dropped.

import { choiceNode, contactNode, linkNode, locationNode, offerNode, pollNode } from "./cards.js";
import { icon, make } from "./dom.js";
import { capital, happeningWords } from "./happenings.js";
import { showable } from "./files.js";
import { letterNode } from "./letter.js";
import { attachmentNode, mediaNodes } from "./media.js";
import { richText, unfolded } from "./richtext.js";
import { mediaWord } from "./words.js";

/**
 * The nodes of a message's parts. `files` has the bytes (see Files.of); without it they are only
 * named. Media that stand together are shown together, and what is written of them below.
 */
export function contentNodes({ parts, sender }, files) {
  const nodes = [];
  const pictures = parts.filter((part) => part.kind === "media").map((part) => part.attachment).filter(isPicture);
  for (const run of runs(told(parts))) {
    if (run[0].html && files) {
      nodes.push(letterNode(run[0], textNode(run[0].text, run[0].spans), pictures, files));
    } else if (run[0].kind === "media") {
      nodes.push(...mediaNodes(run, files));
      nodes.push(...run.filter((part) => part.caption).map((part) => textNode(part.caption, part.spans)));
    } else {
      nodes.push(...(FORMS[run[0].kind] ?? unknown)(run[0], files, sender).filter(Boolean));
    }
  }
  return nodes;
}

const isPicture = (attachment) => showable(attachment) === "picture";

/** Whether there is nothing but a sticker, which needs no bubble around it. */
export const isBare = ({ parts }) => parts.length === 1 && parts[0].media === "sticker";

/** The text of a message with its spans, or its files' caption. */
export function wordsOf({ parts }) {
  const text = parts.find((part) => part.kind === "text");
  const media = parts.find((part) => part.kind === "media" && part.caption);
  return { text: text?.text ?? media?.caption ?? "", spans: (text ?? media)?.spans ?? [] };
}

/** Every text and caption of a message. */
export const textsOf = ({ parts }) => parts.map((part) => part.text ?? part.caption ?? "");

/** A part in one line of plain text, for lists and quotes. */
export function partWords(part, sender) {
  switch (part.kind) {
    case "text": return unfolded(part.text, part.spans);
    case "media": return [part.caption, mediaWord(part.media), part.emoji || part.attachment.name].filter(Boolean).join(" · ");
    case "location": return [part.live_seconds ? "Live location" : "Location", part.title, part.address].filter(Boolean).join(" · ");
    case "contact_card": return `Contact · ${part.name}`;
    case "poll": return `Poll · ${part.question}`;
    case "buttons": return part.rows.flat().map((button) => button.label).join(" / ");
    case "choice": return `Chose: ${part.label || part.value}`;
    case "card": return part.title || part.text || part.url || "Card";
    case "system": return happeningWords(part, sender);
    default: return capital(part.summary || part.platform_kind || part.kind);
  }
}

export function messageWords({ parts, sender, change }) {
  if (change?.kind === "delete") return "Deleted a message";
  if (change?.kind === "react") return change.emoji ? `Reacted ${change.emoji}` : "Took a reaction back";
  const words = told(parts).map((part) => partWords(part, sender)).join(" ").replace(/\s+/g, " ");
  return change ? `Edited: ${words}` : words;
}

const FORMS = {
  text: (part) => [textNode(part.text, part.spans)],
  location: (part) => [locationNode(part)],
  contact_card: (part) => [contactNode(part)],
  poll: (part) => [pollNode(part)],
  buttons: (part) => [offerNode(part)],
  choice: (part) => [choiceNode(part)],
  card: (part, files) => [
    part.title ? make("p", { class: "subject", dir: "auto" }, part.title) : null,
    part.text ? textNode(part.text) : null,
    part.url ? linkNode(part.url) : null,
    part.image ? attachmentNode(part.image, files) : null,
  ],
  system: (part, _files, sender) => [line(partWords(part, sender))],
  unsupported: (part) => [unsupported(part)],
};

/** A die shows all that there is to it; what else has no form here is named. */
const WHOLE = ["dice"];

function unsupported(part) {
  const note = WHOLE.includes(part.platform_kind) ? null : make("span", { class: "aside" }, icon("info"), "Not shown here");
  return make("p", { class: "line summary", dir: "auto" }, partWords(part), note);
}

const unknown = (part) => [unsupported({ summary: part.kind })];
const line = (text) => make("p", { class: "line", dir: "auto" }, text);

/** The command that opens a chat is told by what it did. */
function told(parts) {
  const [first, second] = parts;
  const opened = first?.kind === "text" && second?.kind === "system" && second.code === "started";
  return opened ? parts.slice(1) : parts;
}

function runs(parts) {
  const found = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (part.kind === "media" && last?.[0].kind === "media") last.push(part);
    else found.push([part]);
  }
  return found;
}

function textNode(text, spans) {
  return make("div", { class: "text", dir: "auto" }, ...richText(text, spans));
}
