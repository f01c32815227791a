// The customer's Telegram.

import { get, post } from "./api.js";
import { Attach } from "./attach.js";
import { bubble, entries } from "./bubble.js";
import { summary } from "./content.js";
import { byId, make, showError } from "./dom.js";

const SHOWN_MAX = 200;
const ACTION_MILLISECONDS = 5000;
const ACTIONS = {
  typing: "typing…",
  upload_document: "sending a file…",
  upload_photo: "sending a photo…",
  upload_video: "sending a video…",
  upload_voice: "sending a voice message…",
  record_voice: "recording a voice message…",
  record_video: "recording a video…",
  choose_sticker: "choosing a sticker…",
  find_location: "looking for a place…",
};

export class Chat {
  constructor() {
    this.person = null;
    this.chatId = null;
    this.chats = [];
    this.shown = new Map(); // entry -> {json, node}
    this.replyTo = null;
    this.editing = null;
    this.list = byId("messages");
    this.text = byId("chat-text");
    byId("chat-form").addEventListener("submit", (event) => this.#submit(event));
    new Attach((path, fields) => this.#act(path, fields), () => this.#takeText());
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
    if (!this.#view()) this.chatId = person.telegram_id; // the group has moved, for example
    this.#renderChoice();
    this.#renderChat(this.#view());
  }

  showAction(change) {
    if (change.chat_id === this.chatId) this.#tell(ACTIONS[change.action] ?? "busy…");
  }

  showToast(text) {
    if (text) this.#tell(text);
  }

  #tell(text) {
    byId("chat-status").textContent = text;
    clearTimeout(this.statusTimer);
    this.statusTimer = setTimeout(() => this.#showStatus(), ACTION_MILLISECONDS);
  }

  #showStatus() {
    const view = this.#view();
    const status = view?.blocked ? "blocked" : view?.chat.title ? "group" : "bot";
    byId("chat-status").textContent = status;
    this.statusTimer = null;
  }

  #view() {
    return this.chats.find(({ chat }) => chat.id === this.chatId);
  }

  #choose(chatId) {
    this.chatId = chatId;
    this.#clear();
    this.refresh();
  }

  #clear() {
    this.shown.clear();
    this.list.replaceChildren();
    clearTimeout(this.statusTimer);
    this.statusTimer = null;
    this.#setContext(null, null);
    showError(byId("chat-error"), null);
  }

  #renderChoice() {
    const choice = byId("chat-choice");
    const options = this.chats.map((view) => [view.chat.id, titleOf(view)]);
    if (!options.some(([id]) => id === this.person.telegram_id)) {
      options.unshift([this.person.telegram_id, "Acme Support"]);
    }
    choice.hidden = options.length < 2;
    choice.replaceChildren(
      ...options.map(([value, label]) => make("option", { value, selected: value === this.chatId }, label)),
    );
  }

  #renderChat(view) {
    byId("chat-title").textContent = view ? titleOf(view) : "Acme Support";
    if (!this.statusTimer) this.#showStatus();
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
    const wanted = entries(messages);
    for (const node of this.list.querySelectorAll(".hint")) node.remove();
    for (const [key, { node }] of this.shown) if (!wanted.has(key)) node.remove(), this.shown.delete(key);
    for (const [key, entry] of wanted) this.#place(key, entry);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  #place(key, entry) {
    const json = JSON.stringify(entry);
    const known = this.shown.get(key);
    if (known?.json === json) return;
    const node = bubble(entry, this.person, this.#acts);
    if (known) known.node.replaceWith(node);
    else this.list.append(node);
    this.shown.set(key, { json, node });
  }

  #acts = {
    reply: (message) => this.#setContext(message, null),
    edit: (message) => this.#setContext(null, message),
    react: (message, emoji) => this.#act("/telegram/react", { message_id: message.message_id, emoji }),
    tap: (message, data) => this.#act("/telegram/tap", { message_id: message.message_id, data }),
    say: (text) => this.#act("/telegram/say", { text }),
  };

  #setContext(replyTo, editing) {
    this.replyTo = replyTo;
    this.editing = editing;
    const message = replyTo ?? editing;
    byId("chat-context").hidden = !message;
    if (!message) return;
    byId("chat-context-what").textContent = editing ? "Edit" : `Reply to ${replyTo.from.first_name}`;
    byId("chat-context-text").textContent = summary(message);
    if (editing) this.text.value = editing.text ?? editing.caption;
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

  // What is written becomes the caption of what is attached.
  #takeText() {
    const text = this.text.value;
    this.text.value = "";
    return text;
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

// A group has a title, the chat with a bot its name, the chat with another person theirs.
function titleOf({ chat, bots }) {
  return chat.title ?? bots[0]?.name ?? chat.first_name;
}
