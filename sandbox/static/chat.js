// The customer's Telegram.

import { get, post, readFile } from "./api.js";
import { byId, icon, make, showError, size, stamp } from "./dom.js";
import { richText } from "./richtext.js";

const SHOWN_MAX = 200;
const ACTION_MILLISECONDS = 5000;
const ACTIONS = { typing: "typing…", upload_document: "sending a file…", upload_photo: "sending a photo…" };

export class Chat {
  constructor() {
    this.person = null;
    this.chatId = null;
    this.chats = [];
    this.shown = new Map(); // message id -> {json, node}
    this.replyTo = null;
    this.editing = null;
    this.list = byId("messages");
    this.text = byId("chat-text");
    byId("chat-form").addEventListener("submit", (event) => this.#submit(event));
    byId("chat-file").addEventListener("change", (event) => this.#sendFile(event.target));
    byId("chat-context-close").addEventListener("click", () => this.#setContext(null, null));
    byId("chat-choice").addEventListener("change", (event) => this.#choose(Number(event.target.value)));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        byId("chat-form").requestSubmit();
      }
    });
  }

  async become(person) {
    this.person = person;
    this.chatId = person.telegram_id;
    this.#clear();
    await this.refresh();
  }

  async refresh() {
    const person = this.person;
    const { chats } = await get(`/telegram/seen/${person.key}`);
    if (person !== this.person) return;
    this.chats = chats;
    this.#renderChoice();
    this.#renderChat(chats.find(({ chat }) => chat.id === this.chatId));
  }

  showAction(change) {
    if (change.chat_id !== this.chatId) return;
    const status = byId("chat-status");
    status.textContent = ACTIONS[change.action] ?? "busy…";
    clearTimeout(this.actionTimer);
    this.actionTimer = setTimeout(() => (status.textContent = "bot"), ACTION_MILLISECONDS);
  }

  showToast(text) {
    if (text) byId("chat-status").textContent = text;
  }

  #choose(chatId) {
    this.chatId = chatId;
    this.#clear();
    this.refresh();
  }

  #clear() {
    this.shown.clear();
    this.list.replaceChildren();
    this.#setContext(null, null);
    showError(byId("chat-error"), null);
  }

  #renderChoice() {
    const choice = byId("chat-choice");
    const options = this.chats.map(({ chat, bots }) => [chat.id, chat.title ?? bots[0].name]);
    if (!options.some(([id]) => id === this.person.telegram_id)) {
      options.unshift([this.person.telegram_id, "Acme Support"]);
    }
    choice.hidden = options.length < 2;
    choice.replaceChildren(
      ...options.map(([value, label]) => make("option", { value, selected: value === this.chatId }, label)),
    );
  }

  #renderChat(view) {
    byId("chat-title").textContent = view?.chat.title ?? view?.bots[0].name ?? "Acme Support";
    byId("chat-status").textContent = view?.blocked ? "blocked" : view?.chat.title ? "group" : "bot";
    const messages = (view?.messages ?? []).slice(-SHOWN_MAX);
    if (!messages.length) {
      this.shown.clear();
      this.list.replaceChildren(make("li", { class: "hint" }, hint(this.person)));
      return;
    }
    this.#update(messages);
  }

  #update(messages) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    const wanted = new Set(messages.map((message) => message.message_id));
    for (const node of this.list.querySelectorAll(".hint")) node.remove();
    for (const [id, { node }] of this.shown) if (!wanted.has(id)) node.remove(), this.shown.delete(id);
    for (const message of messages) this.#place(message);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  #place(message) {
    const json = JSON.stringify(message);
    const known = this.shown.get(message.message_id);
    if (known?.json === json) return;
    const node = this.#bubble(message);
    if (known) known.node.replaceWith(node);
    else this.list.append(node);
    this.shown.set(message.message_id, { json, node });
  }

  #bubble(message) {
    const own = message.from.id === this.person.telegram_id;
    const group = message.chat.type !== "private";
    const body = make("div", { class: "bubble" });
    if (group && !own) body.append(make("p", { class: "sender" }, message.from.first_name));
    if (message.reply_to_message) body.append(quoted(message.reply_to_message));
    if (message.document) body.append(fileLink(message.document));
    if (message.photo) body.append(photo(message.photo.at(-1)));
    const text = message.text ?? message.caption ?? otherKind(message);
    const entities = message.entities ?? message.caption_entities;
    if (text) body.append(make("div", { class: "text", dir: "auto" }, ...richText(text, entities)));
    const edited = message.edit_date ? make("span", {}, "edited") : null;
    body.append(make("p", { class: "stamp" }, edited, stamp(new Date(message.date * 1000))));
    const item = make("li", { class: own ? "message own" : "message" }, body);
    if (message.reactions?.length) item.append(make("p", { class: "reactions" }, message.reactions.join(" ")));
    if (message.reply_markup?.inline_keyboard) item.append(this.#keys(message));
    item.append(this.#acts(message, own));
    return item;
  }

  #keys(message) {
    const rows = message.reply_markup.inline_keyboard.map((row) =>
      make("div", {}, ...row.map((key) => make("button", {
        type: "button",
        onclick: () => this.#act("/telegram/tap", { message_id: message.message_id, data: key.callback_data }),
      }, key.text))),
    );
    return make("div", { class: "keys" }, ...rows);
  }

  #acts(message, own) {
    const act = (label, name, onclick) =>
      make("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick }, icon(name));
    const acts = make("div", { class: "acts" }, act("Reply", "reply", () => this.#setContext(message, null)));
    if (own && message.text) acts.append(act("Edit", "pencil", () => this.#setContext(null, message)));
    return acts;
  }

  #setContext(replyTo, editing) {
    this.replyTo = replyTo;
    this.editing = editing;
    const message = replyTo ?? editing;
    byId("chat-context").hidden = !message;
    if (!message) return;
    byId("chat-context-what").textContent = editing ? "Edit" : `Reply to ${replyTo.from.first_name}`;
    byId("chat-context-text").textContent = message.text ?? message.caption ?? "";
    if (editing) this.text.value = editing.text;
    this.text.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value;
    if (!text.trim()) return;
    const done = this.editing
      ? await this.#act("/telegram/edit", { message_id: this.editing.message_id, text })
      : await this.#act("/telegram/say", { text, reply_to: this.replyTo?.message_id ?? null });
    if (done) {
      this.text.value = "";
      this.#setContext(null, null);
      this.list.scrollTop = this.list.scrollHeight;
    }
  }

  async #sendFile(input) {
    const [file] = input.files;
    if (!file) return;
    const as_photo = ["image/png", "image/jpeg", "image/gif"].includes(file.type);
    await this.#act("/telegram/file", { ...(await readFile(file)), as_photo, text: this.text.value });
    this.text.value = "";
    input.value = "";
  }

  async #act(path, fields) {
    try {
      await post(path, { person: this.person.key, chat_id: this.chatId, ...fields });
      showError(byId("chat-error"), null);
      return true;
    } catch (error) {
      showError(byId("chat-error"), error);
      return false;
    }
  }
}

function hint(person) {
  return `You are ${person.name}. Write something: it reaches the support team as a Telegram message.`;
}

function quoted(message) {
  const text = message.text ?? message.caption ?? "a file";
  return make("div", { class: "quoted", dir: "auto" }, make("b", {}, message.from.first_name), ` ${text}`);
}

function fileLink({ file_id, file_name, file_size }) {
  return make(
    "a",
    { class: "file", href: `/control/telegram/files/${file_id}`, download: file_name },
    icon("file"),
    make("span", { class: "file-name" }, file_name),
    make("span", { class: "file-size" }, size(file_size)),
  );
}

// The sandbox serves files as downloads only; a picture is shown from memory.
function photo({ file_id }) {
  const image = make("img", { class: "photo", alt: "Photo" });
  fetch(`/control/telegram/files/${file_id}`)
    .then((response) => response.blob())
    .then((blob) => (image.src = URL.createObjectURL(blob)));
  return image;
}

function otherKind(message) {
  const kind = ["location", "contact", "sticker", "voice", "poll"].find((name) => name in message);
  return kind ? `[${kind}]` : "";
}
