// Text with spans, as nodes. Spans count code points, may nest and may overlap.

import { make } from "./dom.js";
import { leadsElsewhere } from "./leads.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strike: "s", code: "code", pre: "pre",
  quote: "blockquote", heading: "strong", small: "small",
};
const FOLDED = { quoted_reply: "Quoted text", signature: "Signature", disclaimer: "Disclaimer" };
const SAFE = new Set(["http:", "https:", "mailto:"]);

export function richText(text, spans = []) {
  const sorted = spans
    .filter((span) => span.length > 0)
    .map(({ start, length, style, value }) => ({ start, end: start + length, style, value }))
    .sort(byPlace);
  const characters = Array.from(text);
  return closedUp(between(characters, sorted, 0, characters.length));
}

/** The text without what is folded in it, where anything else is left. */
export function unfolded(text, spans = []) {
  const folds = spans.filter((span) => span.style in FOLDED).sort((a, b) => a.start - b.start);
  if (!folds.length) return text;
  const characters = Array.from(text);
  let kept = "", at = 0;
  for (const { start, length } of folds) {
    if (start > at) kept += characters.slice(at, start).join("");
    at = Math.max(at, start + length);
  }
  return (kept + characters.slice(at).join("")).trim() || text;
}

/** What is folded is a line by itself: the empty lines around it would show as a gap. */
function closedUp(nodes) {
  return nodes.map((node, at) => {
    if (typeof node !== "string") return node;
    const after = isFold(nodes[at - 1]) ? node.replace(/^\n+/, "") : node;
    return isFold(nodes[at + 1]) ? after.replace(/\n+$/, "") : after;
  });
}

const isFold = (node) => node?.className === "folded";

/** An address that may be opened, or null. */
export function safeAddress(address) {
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function linkTo(address, ...children) {
  return make("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, ...children);
}

/** With a word on where it leads, if its own words name another place. */
function link(address, words, children) {
  const host = leadsElsewhere(words, address);
  const hint = host ? make("span", { class: "leads", title: "The words of this link name another place" }, `leads to ${host}`) : "";
  return make("span", {}, linkTo(address, ...children), hint);
}

const byPlace = (a, b) => a.start - b.start || b.end - a.end;

function between(characters, spans, from, to) {
  const nodes = [];
  const plain = (start, end) => start < end && nodes.push(characters.slice(start, end).join(""));
  let at = from;
  while (spans.length && spans[0].start < to) {
    const span = spans.shift();
    const start = Math.max(span.start, at);
    const end = Math.min(span.end, to);
    if (end <= start) continue;
    plain(at, start);
    const { inside, rest } = parted(spans, end);
    nodes.push(wrap(span, characters, start, end, between(characters, inside, start, end)));
    spans = rest;
    at = end;
  }
  plain(at, to);
  return nodes;
}

/** What of the spans lies before a place, and what after it; one that goes across is cut there. */
function parted(spans, end) {
  const inside = [];
  const rest = [];
  for (const span of spans) {
    if (span.start >= end) rest.push(span);
    else {
      inside.push({ ...span, end: Math.min(span.end, end) });
      if (span.end > end) rest.push({ ...span, start: end });
    }
  }
  return { inside, rest: rest.sort(byPlace) };
}

function wrap(span, characters, start, end, children) {
  if (span.style === "link") {
    const address = safeAddress(span.value || characters.slice(start, end).join(""));
    if (address) return link(address, characters.slice(start, end).join(""), children);
  }
  if (span.style === "spoiler") {
    return make("span", { class: "spoiler", tabIndex: 0, title: "Spoiler" }, ...children);
  }
  if (span.style in FOLDED) {
    return make("details", { class: "folded" }, make("summary", {}, FOLDED[span.style]), ...children);
  }
  return make(TAGS[span.style] ?? "span", {}, ...children);
}
