// Discord's markdown as nodes. `names` tells how users, roles and channels are called.

import { make } from "./dom.js";

const BLOCKS = /```(?:[\w+-]*\n)?([\s\S]+?)```|^(#{1,3}) (.+)$|^> ?(.*)$|^[-*] (.+)$/m;
const INLINE = [
  [/`([^`\n]+)`/, (found) => make("code", {}, found[1])],
  [/\|\|([\s\S]+?)\|\|/, (found, names) => make("span", { class: "spoiler", tabIndex: 0 }, ...inline(found[1], names))],
  [/\*\*([\s\S]+?)\*\*(?!\*)/, (found, names) => make("b", {}, ...inline(found[1], names))],
  [/__([\s\S]+?)__(?!_)/, (found, names) => make("u", {}, ...inline(found[1], names))],
  [/~~([\s\S]+?)~~/, (found, names) => make("s", {}, ...inline(found[1], names))],
  [/\*([^\s*](?:[^*]*[^\s*])?)\*/, (found, names) => make("i", {}, ...inline(found[1], names))],
  [/\b_([^_]+)_\b/, (found, names) => make("i", {}, ...inline(found[1], names))],
  [/\[([^\]]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, (found, names) => link(found[2], inline(found[1], names))],
  [/<(https?:\/\/[^\s>]+)>|https?:\/\/[^\s<]+[^\s<.,:;!?)'"]/, (found) => link(found[1] ?? found[0], [found[1] ?? found[0]])],
  [/<@&(\d+)>/, (found, names) => mention(`@${names.role(found[1])}`)],
  [/<@!?(\d+)>/, (found, names) => mention(`@${names.user(found[1])}`)],
  [/<#(\d+)>/, (found, names) => mention(`#${names.channel(found[1])}`)],
  [/<a?:(\w+):\d+>/, (found) => `:${found[1]}:`],
  [/<t:(\d+)(?::\w)?>/, (found) => new Date(found[1] * 1000).toLocaleString()],
  [/\\([^\w\s])/, (found) => found[1]],
];

/** The nodes of a message's text. */
export function markdown(text, names) {
  const nodes = [];
  let rest = text;
  for (let found = BLOCKS.exec(rest); found; found = BLOCKS.exec(rest)) {
    nodes.push(...inline(rest.slice(0, found.index), names), block(found, names));
    rest = rest.slice(found.index + found[0].length).replace(/^\n/, "");
  }
  return [...nodes, ...inline(rest, names)];
}

function block([, code, heading, title, quoted, item], names) {
  if (code !== undefined) return make("pre", {}, code);
  if (heading) return make("strong", { class: `heading heading-${heading.length}` }, ...inline(title, names));
  if (quoted !== undefined) return make("blockquote", {}, ...inline(quoted, names));
  return make("span", { class: "item" }, ...inline(item, names));
}

// The first of the patterns that is found in the text, and what lies before and after it.
function inline(text, names) {
  let first = null;
  for (const [pattern, node] of INLINE) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, node };
  }
  if (!first) return text ? [text] : [];
  const { found, node } = first;
  const after = text.slice(found.index + found[0].length);
  const before = found.index ? [text.slice(0, found.index)] : [];
  return [...before, node(found, names), ...inline(after, names)];
}

function link(address, children) {
  return make("a", { href: address, rel: "noreferrer", target: "_blank" }, ...children);
}

function mention(text) {
  return make("span", { class: "mention" }, text);
}
