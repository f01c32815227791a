// What a message says, as nodes: every kind of part has a form here, none is dropped.

import { make } from "./dom.js";
import { fileNode } from "./files.js";
import { linkTo, richText, safeAddress } from "./richtext.js";
import { mediaWord, statusWord } from "./words.js";

/** The nodes of one part. `files` has the bytes (see Files.of); without it they are only named. */
export function partNodes(part, files) {
  return (FORMS[part.kind] ?? unknown)(part, files).filter(Boolean);
}

/** A part in one line of plain text, for lists and quotes. */
export function partWords(part) {
  switch (part.kind) {
    case "text": return part.text;
    case "media": return [mediaWord(part.media), part.attachment.name, part.caption].filter(Boolean).join(" · ");
    case "location": return ["Location", part.title, part.address].filter(Boolean).join(" · ");
    case "contact_card": return `Contact · ${part.name}`;
    case "poll": return `Poll · ${part.question}`;
    case "buttons": return part.rows.flat().map((button) => button.label).join(" / ");
    case "choice": return part.label || part.value;
    case "card": return part.title || part.text || part.url || "Card";
    case "system": return part.code === "status" ? statusWord(part.text) : systemWords(part);
    default: return part.summary || part.platform_kind || part.kind;
  }
}

export function messageWords({ parts, change }) {
  if (change?.kind === "delete") return "Deleted a message";
  if (change?.kind === "react") return change.emoji ? `Reacted ${change.emoji}` : "Took a reaction back";
  const words = parts.map(partWords).join(" ").replace(/\s+/g, " ");
  return change ? `Edited: ${words}` : words;
}

const FORMS = {
  text: (part) => [textNode(part.text, part.spans)],
  media: (part, files) => [
    fileNode(part.attachment, part, files),
    part.emoji ? line(part.emoji) : null,
    part.caption ? textNode(part.caption, part.spans) : null,
  ],
  location: (part) => [
    line(["Location", part.title, part.address].filter(Boolean).join(" · ")),
    make("p", { class: "line" }, mapLink(part)),
  ],
  contact_card: (part) => [line(["Contact", part.name, part.phone, part.email].filter(Boolean).join(" · "))],
  poll: (part) => [
    line(`Poll: ${part.question}`),
    list(part.options.map((option) => `${option.text}${option.votes ? ` (${option.votes})` : ""}`)),
  ],
  buttons: (part) => [list(part.rows.flat().map((button) => button.label))],
  choice: (part) => [line(`Chose: ${part.label || part.value}`)],
  card: (part, files) => [
    part.title ? make("p", { class: "subject", dir: "auto" }, part.title) : null,
    part.text ? textNode(part.text) : null,
    part.url ? make("p", { class: "line" }, address(part.url)) : null,
    part.image ? fileNode(part.image, part, files) : null,
  ],
  system: (part) => [line(partWords(part))],
  unsupported: (part) => [line(`Not shown here: ${partWords(part)}`)],
};

const unknown = (part) => [line(`Not shown here: ${part.kind}`)];
const line = (text) => make("p", { class: "line", dir: "auto" }, text);
const list = (items) => make("ul", {}, ...items.map((item) => make("li", { dir: "auto" }, `• ${item}`)));

function systemWords({ code, text = "" }) {
  const words = code.replaceAll("_", " ");
  return text ? `${words}: ${text}` : words;
}

function textNode(text, spans) {
  return make("div", { class: "text", dir: "auto" }, ...richText(text, spans));
}

function address(url) {
  const safe = safeAddress(url);
  return safe ? linkTo(safe, url) : url;
}

function mapLink({ latitude, longitude }) {
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const query = new URLSearchParams({ mlat: latitude, mlon: longitude });
  return linkTo(`https://www.openstreetmap.org/?${query}`, make("bdi", {}, place));
}
