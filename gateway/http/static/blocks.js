// Whether the open conversation's customer is kept out; blocking, after a question, and undoing it.

import { byId, showError } from "./dom.js";
import { nameOf } from "./inbox.js";

export class Blocks {
  #api;
  #conversation = null;
  #blocked = false;

  constructor(api) {
    this.#api = api;
    byId("block").addEventListener("click", () => (this.#blocked ? this.#unblock() : this.#ask()));
    byId("block-cancel").addEventListener("click", () => byId("block-dialog").close());
    byId("block-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#block();
    });
  }

  async show(conversation) {
    const known = conversation.id === this.#conversation?.id;
    this.#conversation = conversation;
    if (known) return;
    byId("block").hidden = true;
    try {
      const contact = await this.#api.get(`/api/v1/contacts/${encodeURIComponent(conversation.legs[0].author)}`);
      if (this.#conversation.id === conversation.id) this.#draw(contact);
    } catch {
      // who may not read people cannot block them either
    }
  }

  #draw(contact) {
    this.#blocked = contact.identities.some((one) => one.blocked);
    byId("block").hidden = false;
    byId("block").setAttribute("aria-pressed", String(this.#blocked));
    byId("block-words").textContent = this.#blocked ? "Blocked" : "Block";
  }

  #ask() {
    byId("block-name").textContent = nameOf(this.#conversation);
    byId("block-why").value = "";
    showError(byId("block-error"), null);
    byId("block-dialog").showModal();
  }

  get #person() {
    return `/api/v1/blocks/${encodeURIComponent(this.#conversation.legs[0].author)}`;
  }

  async #block() {
    try {
      this.#draw(await this.#api.post(this.#person, { why: byId("block-why").value.trim() }));
      byId("block-dialog").close();
    } catch (error) {
      showError(byId("block-error"), error);
    }
  }

  async #unblock() {
    try {
      this.#draw(await this.#api.delete(this.#person));
      showError(byId("thread-error"), null);
    } catch (error) {
      showError(byId("thread-error"), error);
    }
  }
}
