// One message on Discord, with what can be done to it.

import { link, markdown } from "./discordtext.js";
import { icon, make, size, stamp } from "./dom.js";

const EMOJI = ["👍", "🎫", "✅"];
const [PINNED, JOINED, THREAD_CREATED, THREAD_STARTER] = [6, 7, 18, 21];
const NOTICES = { [PINNED]: "pinned a message", [JOINED]: "has come", [THREAD_CREATED]: "opened a thread" };
const [ROW, BUTTON, TEXT_SELECT] = [1, 2, 3];
const LINK_STYLE = 5;

/** The list item of a message. `acts`: reply, edit, remove, react, press, choose, menu, open. */
export function messageItem(message, view, acts) {
  if (NOTICES[message.type]) return make("li", { class: "service" }, `${nameOf(message.author)} ${NOTICES[message.type]}`);
  const shown = message.type === THREAD_STARTER ? message.referenced_message ?? message : message;
  const item = make(
    "li",
    { class: message.ephemeral ? "post private" : "post" },
    make("span", { class: "avatar", "aria-hidden": "true" }, nameOf(shown.author).slice(0, 1)),
    make("div", { class: "post-body" }, ...answered(message), head(shown), ...content(shown, view, acts), ...foot(message, view, acts)),
  );
  if (!message.ephemeral) item.append(tools(message, view, acts));
  return item;
}

export const nameOf = (user) => user.global_name ?? user.username;

function answered({ type, referenced_message: original }) {
  if (type !== 19) return [];
  const text = original ? `${nameOf(original.author)}: ${original.content || "…"}` : "A message that was deleted";
  return [make("p", { class: "quoted", dir: "auto" }, text)];
}

function head({ author, timestamp, edited_timestamp: edited }) {
  return make(
    "p",
    { class: "post-head" },
    make("b", {}, nameOf(author)),
    author.bot ? make("span", { class: "tag" }, "APP") : null,
    stamp(new Date(timestamp)),
    edited ? make("span", { class: "edited" }, "(edited)") : null,
  );
}

function content(message, view, acts) {
  const waiting = message.flags & 128 ? [make("p", { class: "waiting" }, "Thinking…")] : [];
  const text = message.content ? [make("div", { class: "text", dir: "auto" }, ...markdown(message.content, view.names))] : [];
  return [
    ...waiting,
    ...text,
    ...(message.message_snapshots ?? []).map(({ message: one }) =>
      make("blockquote", {}, make("span", { class: "forwarded" }, "Forwarded"), ...markdown(one.content, view.names))),
    ...message.attachments.map(attachment),
    ...(message.sticker_items ?? []).map(({ name }) => make("p", { class: "card-line" }, `Sticker: ${name}`)),
    ...message.embeds.map((one) => embed(one, view)),
    ...(message.poll ? [poll(message, acts)] : []),
    ...message.components.map((one) => component(one, message, view, acts)).filter(Boolean),
  ];
}

function attachment({ id, filename, content_type: type, size: bytes, width, height }) {
  const href = `/control/discord/files/${id}`;
  if (type?.startsWith("image/") && width) return make("img", { class: "picture", src: href, alt: filename, width, height });
  return make("a", { class: "card-line", href, download: filename }, icon(type?.startsWith("audio/") ? "play" : "file"), ` ${filename} (${size(bytes)})`);
}

function embed({ title, url, description, fields = [], footer, author }, view) {
  const heading = title && (/^https?:/.test(url ?? "") ? make("a", { href: url, rel: "noreferrer", target: "_blank" }, title) : title);
  return make(
    "div",
    { class: "embed", dir: "auto" },
    author?.name ? make("p", { class: "embed-small" }, author.name) : null,
    heading ? make("p", {}, make("b", {}, heading)) : null,
    description ? make("div", { class: "text" }, ...markdown(description, view.names)) : null,
    ...fields.map(({ name, value }) => make("p", {}, make("b", {}, name), " ", ...markdown(value, view.names))),
    footer?.text ? make("p", { class: "embed-small" }, footer.text) : null,
  );
}

function poll(message, acts) {
  const counts = new Map((message.poll.results?.answer_counts ?? []).map((one) => [one.id, one]));
  return make(
    "div",
    { class: "embed", role: "group", "aria-label": "Poll" },
    make("p", {}, make("b", {}, message.poll.question.text)),
    ...message.poll.answers.map(({ answer_id: id, poll_media: { text } }) => {
      const { count = 0, me_voted: mine = false } = counts.get(id) ?? {};
      return make("button", { type: "button", class: "button", "aria-pressed": String(mine), onclick: () => acts.vote(message, id) }, `${text} · ${count}`);
    }),
  );
}

function component(one, message, view, acts) {
  if (one.type === ROW) return make("div", { class: "row" }, ...one.components.map((inner) => component(inner, message, view, acts)).filter(Boolean));
  if (one.type === BUTTON) return button(one, message, view, acts);
  if (one.type >= TEXT_SELECT && one.type !== 4 && one.type <= 8) return menu(one, message, view, acts);
  if (one.content) return make("div", { class: "text", dir: "auto" }, ...markdown(one.content, view.names));
  return one.components ? make("div", { class: "embed" }, ...one.components.map((inner) => component(inner, message, view, acts)).filter(Boolean)) : null;
}

function button(one, message, { names }, acts) {
  const label = [one.emoji?.id ? null : one.emoji?.name, one.label].filter(Boolean).join(" ");
  if (one.style === LINK_STYLE) return link(one.url, names, [label], "button");
  return make("button", { type: "button", class: `button style-${one.style}`, disabled: Boolean(one.disabled), onclick: () => acts.press(message, one.custom_id) }, label);
}

function menu(one, message, view, acts) {
  const chosen = (event) => acts.choose(message, one.custom_id, [...event.target.selectedOptions].map(({ value }) => value).filter(Boolean));
  const options = one.type === TEXT_SELECT ? one.options : view.choices(one.type);
  return make(
    "select",
    { "aria-label": one.placeholder ?? "Choose", disabled: Boolean(one.disabled), multiple: (one.max_values ?? 1) > 1, onchange: chosen },
    make("option", { value: "" }, one.placeholder ?? "Choose"),
    ...options.map(({ label, value, default: selected = false }) => make("option", { value, selected }, label)),
  );
}

function foot(message, view, acts) {
  const nodes = [];
  if (message.reactions?.length) nodes.push(make("div", { class: "row", role: "group", "aria-label": "Reactions" }, ...message.reactions.map((one) => make(
    "button",
    { type: "button", class: "reaction", "aria-pressed": String(one.me), onclick: () => acts.react(message, one.emoji.name, !one.me) },
    `${one.emoji.id ? `:${one.emoji.name}:` : one.emoji.name} ${one.count}`,
  ))));
  if (message.thread) nodes.push(make("button", { type: "button", class: "button plain", onclick: () => acts.open(message.thread.id) }, `Thread: ${message.thread.name}`));
  if (message.ephemeral) nodes.push(make("p", { class: "only-you" }, "Only you can see this. ", make("button", { type: "button", class: "linklike", onclick: () => acts.remove(message) }, "Dismiss")));
  return nodes;
}

function tools(message, view, acts) {
  const own = message.author_key === view.person;
  const menus = view.commands.filter(({ type }) => type === 3);
  const tool = (name, label, onclick) => make("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick }, name.length > 2 ? icon(name) : name);
  return make(
    "div",
    { class: "acts", role: "group", "aria-label": "Act on this message" },
    ...EMOJI.map((emoji) => tool(emoji, `React with ${emoji}`, () => acts.react(message, emoji, true))),
    tool("reply", "Reply", () => acts.reply(message)),
    own ? tool("pencil", "Edit", () => acts.edit(message)) : null,
    own || view.moderates ? tool("close", "Delete", () => acts.remove(message)) : null,
    menus.length ? make(
      "select",
      { class: "apps", "aria-label": "Apps", onchange: (event) => acts.menu(message, event.target.value) },
      make("option", { value: "" }, "Apps"),
      ...menus.map(({ name }) => make("option", { value: name }, name)),
    ) : null,
  );
}
