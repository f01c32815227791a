// Telegram text with entities, as nodes. Offsets are UTF-16 units, which is what JavaScript counts.

import { make } from "./dom.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

/** The nodes of `text`; entities nest as they lie inside one another. */
export function richText(text, entities = []) {
  return between(text, [...entities], 0, text.length);
}

function between(text, entities, start, end) {
  const nodes = [];
  let at = start;
  while (entities.length && entities[0].offset < end) {
    const entity = entities.shift();
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (from > at) nodes.push(text.slice(at, from));
    nodes.push(wrap(entity, between(text, entities, from, to), text.slice(from, to)));
    at = to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, children, text) {
  const address = entity.url ?? (entity.type === "email" ? `mailto:${text}` : text);
  if (["text_link", "url", "email"].includes(entity.type) && /^(https?|mailto):/i.test(address)) {
    return make("a", { href: address, rel: "noreferrer", target: "_blank" }, ...children);
  }
  if (entity.type === "spoiler") return make("span", { class: "spoiler", tabIndex: 0 }, ...children);
  return make(TAGS[entity.type] ?? "span", {}, ...children);
}
