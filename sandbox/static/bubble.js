// One entry of the chat: a message, or an album of several, with what can be done to it.

import { content, notice, summary } from "./content.js";
import { icon, make, stamp } from "./dom.js";
import { richText } from "./richtext.js";

const EMOJI = ["👍", "❤", "😁", "😢", "🔥"];

/** Messages as the app shows them: those of one album are one entry. */
export function entries(messages) {
  const found = new Map();
  for (const message of messages) {
    const key = message.media_group_id ? `album ${message.media_group_id}` : `message ${message.message_id}`;
    found.set(key, [...(found.get(key) ?? []), message]);
  }
  return found;
}

/** The list item of an entry, seen by `person`. `acts`: reply, edit, react, tap and say. */
export function bubble(messages, person, acts) {
  const [message] = messages;
  const service = notice(message);
  if (service) return make("li", { class: "service" }, service);
  const own = message.from.id === person.telegram_id;
  const body = make("div", { class: "bubble" }, ...above(message, own), media(messages), words(messages), foot(messages));
  const item = make("li", { class: own ? "message own" : "message" }, body);
  const reactions = messages.flatMap((one) => one.reactions ?? []);
  if (reactions.length) item.append(make("p", { class: "reactions", "aria-label": "Reactions" }, reactions.join(" ")));
  if (message.reply_markup) item.append(...keys(message, acts));
  item.append(...tools(message, own, acts));
  return item;
}

function above(message, own) {
  const group = message.chat.type !== "private";
  const nodes = [];
  if (group && !own) nodes.push(make("p", { class: "sender" }, message.from.first_name));
  if (message.forward_origin) nodes.push(make("p", { class: "forwarded" }, `Forwarded from ${origin(message.forward_origin)}`));
  if (message.reply_to_message) nodes.push(quoted(message.reply_to_message, message.quote));
  return nodes;
}

function media(messages) {
  const nodes = messages.map(content).filter(Boolean);
  if (nodes.length < 2) return nodes[0] ?? null;
  const tiles = messages.every(({ photo, video }) => photo || video);
  return make("div", { class: tiles ? "album tiles" : "album", role: "group", "aria-label": `Album of ${nodes.length}` }, ...nodes);
}

function words(messages) {
  const message = messages.find(({ text, caption }) => text || caption);
  if (!message) return content(messages[0]) ? null : make("p", { class: "card-line" }, "A kind of message that this page does not know");
  const entities = message.entities ?? message.caption_entities;
  return make("div", { class: "text", dir: "auto" }, ...richText(message.text ?? message.caption, entities));
}

function foot(messages) {
  const marks = [];
  if (messages.some(({ silent }) => silent)) marks.push(make("span", {}, "silent"));
  if (messages.some(({ edit_date }) => edit_date)) marks.push(make("span", {}, "edited"));
  return make("p", { class: "stamp" }, ...marks, stamp(new Date(messages[0].date * 1000)));
}

function quoted(message, quote) {
  const text = quote?.text ?? summary(message);
  return make("div", { class: "quoted", dir: "auto" }, make("b", {}, message.from.first_name), ` ${text}`);
}

function origin(from) {
  const chat = from.sender_chat ?? from.chat;
  return from.sender_user?.first_name ?? from.sender_user_name ?? chat?.title ?? "somebody";
}

function keys(message, acts) {
  const { inline_keyboard, keyboard } = message.reply_markup;
  const rows = inline_keyboard ?? keyboard ?? [];
  if (!rows.length) return [];
  const key = inline_keyboard ? (one) => inlineKey(one, message, acts) : (one) => replyKey(one, acts);
  return [make("div", { class: "keys" }, ...rows.map((row) => make("div", {}, ...row.map(key))))];
}

function inlineKey(key, message, acts) {
  if (/^https?:/i.test(key.url ?? "")) {
    return make("a", { href: key.url, rel: "noreferrer", target: "_blank" }, key.text);
  }
  const data = key.callback_data;
  const title = data === undefined ? "Nothing happens here: this page knows callback and link buttons" : "";
  return make("button", { type: "button", disabled: data === undefined, title, onclick: () => acts.tap(message, data) }, key.text);
}

function replyKey(key, acts) {
  const text = typeof key === "string" ? key : key.text;
  return make("button", { type: "button", onclick: () => acts.say(text) }, text);
}

function tools(message, own, acts) {
  const tool = (label, name, onclick) =>
    make("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick }, icon(name));
  const row = make("div", { class: "acts" }, tool("Reply", "reply", () => acts.reply(message)));
  if (own && (message.text || message.caption)) row.append(tool("Edit", "pencil", () => acts.edit(message)));
  const menu = reactionMenu(message, acts);
  row.append(tool("React", "smile", () => {
    menu.hidden = !menu.hidden;
    if (!menu.hidden) menu.firstChild.focus();
  }));
  return [row, menu];
}

function reactionMenu(message, acts) {
  const choice = (emoji, label, shown) =>
    make("button", { type: "button", "aria-label": label, onclick: () => acts.react(message, emoji) }, shown);
  const menu = make("div", { class: "react", role: "group", "aria-label": "Reaction", hidden: true });
  menu.append(...EMOJI.map((emoji) => choice(emoji, emoji, emoji)), choice(null, "No reaction", "×"));
  menu.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") menu.hidden = true;
  });
  return menu;
}
