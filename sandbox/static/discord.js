// A person's Discord: a guild with its channels, threads and posts, and messages with the bot.

import { get, post, readFile } from "./api.js";
import { Dialog, usable } from "./discordform.js";
import { messageItem, nameOf } from "./discordmessage.js";
import { byId, make, showError } from "./dom.js";

const DIRECT = "@me";
const SHOWN_MAX = 200;
const ANSWER_MILLISECONDS = 3300;
const [TEXT, CATEGORY, NEWS, FORUM] = [0, 4, 5, 15];
const MANAGE_MESSAGES = 1n << 13n;
const MANAGERS = { noor: "Noor Haddad (community manager)" };

export class Discord {
  constructor() {
    this.person = null; // of the page; `as` is who acts here
    this.as = null;
    this.place = DIRECT;
    this.world = null;
    this.context = null; // {kind: "reply" | "edit", message}
    this.shown = new Map(); // message id -> {json, node}
    this.list = byId("discord-messages");
    this.text = byId("discord-text");
    this.dialog = new Dialog();
    byId("discord-as").addEventListener("change", (event) => this.#actAs(event.target.value));
    byId("discord-form").addEventListener("submit", (event) => this.#submit(event));
    byId("discord-context-close").addEventListener("click", () => this.#setContext(null));
    byId("discord-file").addEventListener("change", (event) => this.#attach(event.target));
    byId("discord-new").addEventListener("click", () => this.#openNew());
    this.text.addEventListener("input", () => this.#offer());
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      byId("discord-form").requestSubmit();
    });
  }

  async become(person) {
    this.person = person;
    const choices = { [person.key]: person.name, ...MANAGERS };
    byId("discord-as").replaceChildren(...Object.entries(choices).map(([value, label]) => make("option", { value }, label)));
    await this.#actAs(person.key);
  }

  async refresh() {
    const { as, place } = this;
    if (!as) return;
    const [world, seen] = await Promise.all([get(`/discord/seen/${as}`), this.#look(as, place)]);
    if (as !== this.as || place !== this.place) return;
    this.world = world;
    this.seen = seen;
    this.#renderPlaces();
    this.#renderMessages();
    this.#renderForm();
    this.#offer();
  }

  // A channel that is gone gives way to the direct messages.
  async #look(as, place) {
    try {
      return await get(`/discord/seen/${as}/${place}`);
    } catch (error) {
      if (place === DIRECT) throw error;
      this.place = DIRECT;
      return this.refresh();
    }
  }

  async #actAs(key) {
    this.as = key;
    this.dialog.close();
    this.#clear();
    await this.refresh();
  }

  async #open(place) {
    this.place = place;
    this.#clear();
    await this.refresh();
  }

  #clear() {
    this.shown.clear();
    this.list.replaceChildren();
    this.#setContext(null);
    showError(byId("discord-error"), null);
  }

  #renderPlaces() {
    const places = [this.#placeButton(DIRECT, "Acme Support", "@")];
    for (const guild of this.world.guilds) {
      places.push(make("p", { class: "places-title" }, guild.name));
      const threads = guild.channels.filter(({ thread_metadata: data }) => data && !data.archived);
      for (const channel of guild.channels.filter(({ thread_metadata: data }) => !data)) {
        if (channel.type === CATEGORY) places.push(make("p", { class: "places-title small" }, channel.name));
        if (![TEXT, NEWS, FORUM].includes(channel.type)) continue;
        places.push(this.#placeButton(channel.id, channel.name, channel.type === FORUM ? "≡" : "#"));
        for (const thread of threads.filter(({ parent_id: parent }) => parent === channel.id)) {
          places.push(this.#placeButton(thread.id, thread.name, "↳", thread.type === 12));
        }
      }
    }
    byId("discord-places").replaceChildren(...places);
    this.#renderHead();
  }

  #placeButton(id, name, mark, secret = false) {
    const current = id === this.place ? "page" : "false";
    return make(
      "button",
      { type: "button", class: mark === "↳" ? "place-name thread" : "place-name", "aria-current": current, onclick: () => this.#open(id) },
      make("span", { "aria-hidden": "true" }, mark),
      `\u00a0${name}${secret ? " (private)" : ""}`,
    );
  }

  #renderHead() {
    const { channel, typing } = this.seen;
    const name = this.place === DIRECT ? "Direct messages with Acme Support" : channel.name;
    byId("discord-status").textContent = typing.length ? `${typing.join(", ")} is writing…` : name;
    const forum = channel.type === FORUM;
    const opens = forum || ([TEXT, NEWS].includes(channel.type) && this.place !== DIRECT);
    byId("discord-new").hidden = !opens;
    byId("discord-new").textContent = forum ? "New post" : "New thread";
    byId("discord-form").hidden = forum;
  }

  #renderMessages() {
    const { messages, channel } = this.seen;
    const latest = messages.slice(-SHOWN_MAX);
    const low = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    const view = this.#view();
    const kept = new Map();
    for (const message of latest) {
      const json = JSON.stringify([message, view.moderates, view.commands.length]);
      const known = this.shown.get(message.id);
      kept.set(message.id, known?.json === json ? known : { json, node: messageItem(message, view, this.acts) });
    }
    this.shown = kept;
    const nodes = [...kept.values()].map(({ node }) => node);
    if (channel.type === FORUM) nodes.push(make("li", { class: "hint" }, "Posts of this forum are in the list. Open one, or ask something new."));
    else if (!nodes.length) nodes.push(make("li", { class: "hint" }, "Nothing has been said here yet. Type / to see what the bot can do."));
    this.list.replaceChildren(...nodes);
    if (low) this.list.scrollTop = this.list.scrollHeight;
  }

  #renderForm() {
    const { form } = this.world;
    const as = this.as;
    if (!form || this.dialog.shown) return;
    const dismiss = () => post("/discord/dismiss", { person: as }).catch(() => null);
    this.dialog.askForm(form, this.#view(), (fields) => this.#interact("/discord/submit", { fields }), dismiss);
  }

  #view() {
    const guild = this.world.guilds[0] ?? { members: [], roles: [], channels: [] };
    const called = (list, id, name) => name(list.find((one) => one.id === id) ?? {}) ?? "unknown";
    const members = guild.members.map((one) => ({ label: one.nick ?? nameOf(one), value: one.id }));
    const roles = guild.roles.map(({ id, name }) => ({ label: name, value: id }));
    const channels = guild.channels.map(({ id, name }) => ({ label: name, value: id }));
    return {
      person: this.as,
      commands: this.seen.commands,
      moderates: (BigInt(this.seen.permissions) & MANAGE_MESSAGES) !== 0n,
      choices: (type) => ({ 5: members, 6: roles, 7: [...members, ...roles], 8: channels })[type] ?? [],
      names: {
        user: (id) => called(guild.members.map((one) => ({ id: one.id, label: one.nick ?? nameOf(one) })), id, ({ label }) => label),
        role: (id) => called(guild.roles, id, ({ name }) => name),
        channel: (id) => called(guild.channels, id, ({ name }) => name),
        open: (id) => this.#open(id),
      },
    };
  }

  get acts() {
    return {
      reply: (message) => this.#setContext({ kind: "reply", message }),
      edit: (message) => this.#setContext({ kind: "edit", message }),
      remove: ({ id }) => this.#act("/discord/delete", { message_ids: [id] }),
      react: ({ id }, emoji, on) => this.#act("/discord/react", { message_id: id, emoji, on }),
      vote: ({ id }, answer) => this.#act("/discord/vote", { message_id: id, answers: [answer] }),
      press: ({ id }, button) => this.#try(() => this.#interact("/discord/press", { message_id: id, button })),
      choose: ({ id }, custom_id, values) => this.#try(() => this.#interact("/discord/choose", { message_id: id, custom_id, values })),
      menu: ({ id }, command) => command && this.#try(() => this.#interact("/discord/menu", { message_id: id, command })),
      open: (id) => this.#open(id),
    };
  }

  #setContext(context) {
    this.context = context;
    byId("discord-context").hidden = !context;
    if (!context) return;
    const { kind, message } = context;
    byId("discord-context-what").textContent = kind === "edit" ? "Edit" : `Reply to ${nameOf(message.author)}`;
    byId("discord-context-text").textContent = message.content;
    if (kind === "edit") this.text.value = message.content;
    this.text.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!text) return;
    if (text.startsWith("/")) return this.#use(this.#offered()[0]);
    const { kind, message } = this.context ?? {};
    const done = kind === "edit"
      ? await this.#act("/discord/edit", { message_id: message.id, text })
      : await this.#act("/discord/say", { text, place: this.#place, reply_to: message?.id ?? null });
    if (!done) return;
    this.text.value = "";
    this.#setContext(null);
    this.list.scrollTop = this.list.scrollHeight;
  }

  get #place() {
    return this.place === DIRECT ? null : this.place;
  }

  async #attach(input) {
    const text = this.text.value;
    const files = await Promise.all([...input.files].map(readFile));
    input.value = "";
    if (files.length && await this.#act("/discord/say", { text, place: this.#place, files })) this.text.value = "";
  }

  #openNew() {
    const forum = this.seen.channel.type === FORUM;
    const options = [{ name: forum ? "title" : "name", type: 3, required: true, max_length: 100 }];
    if (forum) options.push({ name: "text", type: 3, required: true, max_length: 2000 });
    const place = this.place;
    const path = forum ? "/discord/forum_post" : "/discord/open_thread";
    this.dialog.askOptions({ path: forum ? "New post" : "New thread", options, description: "" }, this.#view(), async ({ options: given }) => {
      const opened = await post(path, { person: this.as, place, ...given });
      await this.#open(forum ? opened.channel_id : opened.id);
    });
  }

  // Commands

  #offered() {
    const typed = this.text.value.trim().slice(1).toLowerCase();
    const all = (this.seen?.commands ?? []).filter(({ type }) => type === 1).flatMap((one) => usable(one));
    return all.filter(({ path }) => path.startsWith(typed));
  }

  #offer() {
    const offers = this.text.value.startsWith("/") ? this.#offered() : [];
    const box = byId("discord-commands");
    box.hidden = !offers.length;
    box.replaceChildren(...offers.map((one) => make(
      "button",
      { type: "button", class: "command", onclick: () => this.#use(one) },
      make("b", {}, `/${one.path}`),
      ` ${one.description ?? ""}`,
    )));
  }

  async #use(command) {
    if (!command) return showError(byId("discord-error"), new Error("There is no such command here"));
    const use = (given) => this.#interact("/discord/slash", { command: command.path, place: this.#place, ...given });
    this.text.value = "";
    this.#offer();
    if (command.options.length) this.dialog.askOptions(command, this.#view(), use);
    else await this.#try(() => use({}));
  }

  // Acts

  async #interact(path, fields) {
    const { id } = await post(path, { person: this.as, ...fields });
    setTimeout(async () => {
      const { failed } = await get(`/discord/interactions/${id}`);
      if (failed) showError(byId("discord-error"), new Error("The application did not respond"));
    }, ANSWER_MILLISECONDS);
    await this.refresh();
  }

  #act(path, fields) {
    return this.#try(() => post(path, { person: this.as, ...fields }));
  }

  async #try(work) {
    try {
      await work();
      showError(byId("discord-error"), null);
      return true;
    } catch (error) {
      showError(byId("discord-error"), error);
      return false;
    }
  }
}
