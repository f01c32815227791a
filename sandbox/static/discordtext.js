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
  [/\[([^\]]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, (found, names) => link(found[2], names, inline(found[1], names))],
  [/<(https?:\/\/[^\s>]+)>|https?:\/\/[^\s<]+[^\s<.,:;!?)'"]/, (found, names) => link(found[1] ?? found[0], names)],
  [/<@&(\d+)>/, (found, names) => mention(`@${names.role(found[1])}`)],
  [/<@!?(\d+)>/, (found, names) => mention(`@${names.user(found[1])}`)],
  [/<#(\d+)>/, (found, names) => mention(`#${names.channel(found[1])}`)],
  [/<a?:(\w+):\d+>/, (found) => `:${found[1]}:`],
  [/<t:(\d+)(?::(\w))?>/, (found) => moment(found[1] * 1000, found[2])],
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

const PLACE = /^https:\/\/discord\.com\/channels\/(@me|\d+)\/(\d+)(?:\/\d+)?$/;

/** A link. To a place on Discord it opens that here: nothing leaves this machine. */
export function link(address, names, children = null, look = "") {
  const [, guild, channel] = PLACE.exec(address) ?? [];
  if (!guild) return make("a", { class: look, href: address, rel: "noreferrer", target: "_blank" }, ...(children ?? [address]));
  const place = guild === "@me" ? guild : channel;
  const called = children ?? [place === guild ? "Direct messages" : `#${names.channel(channel)}`];
  return make("button", { type: "button", class: look || "mention", onclick: () => names.open(place) }, ...called);
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

function moment(at, style) {
  if (style !== "R") return new Date(at).toLocaleString();
  const away = at - Date.now();
  const [unit, length] = Math.abs(away) < HOUR ? ["minute", MINUTE] : Math.abs(away) < DAY ? ["hour", HOUR] : ["day", DAY];
  return RELATIVE.format(Math.round(away / length), unit);
}

function mention(text) {
  return make("span", { class: "mention" }, text);
}
