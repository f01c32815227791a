// Two identities of one person: linked, shown, and undone.

import { byId, make, showError } from "./dom.js";

export class Links {
  #api;
  #changed;

  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
    byId("link-cancel").addEventListener("click", () => byId("link-dialog").close());
    byId("link-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#link();
    });
  }

  async show(conversation) {
    byId("link-a").value = conversation.legs[0].author;
    byId("link-b").value = "";
    byId("link-why").value = "";
    showError(byId("link-error"), null);
    byId("known").replaceChildren();
    byId("link-dialog").showModal();
    byId("link-b").focus();
    await this.#drawKnown();
  }

  /** Who this person is already, with the links that can be undone. */
  async #drawKnown() {
    try {
      const reference = encodeURIComponent(byId("link-a").value.trim());
      const contact = await this.#api.get(`/api/v1/contacts/${reference}`);
      byId("known").replaceChildren(...contact.identities.map((one) => this.#known(one)));
    } catch (error) {
      showError(byId("link-error"), error);
    }
  }

  #known(identity) {
    const item = make("li", {}, make("bdi", { dir: "ltr" }, identity.id));
    for (const other of (identity.linked ?? []).filter((far) => identity.id < far)) {
      const button = make("button", { type: "button", class: "button small" }, "Unlink");
      button.setAttribute("aria-label", `Unlink ${identity.id} and ${other}`);
      button.addEventListener("click", () => this.#unlink(identity.id, other));
      item.append(button);
    }
    return item;
  }

  async #link() {
    const [a, b, why] = ["link-a", "link-b", "link-why"].map((id) => byId(id).value.trim());
    try {
      const { finished } = await this.#api.post("/api/v1/links", { a, b, why });
      byId("link-dialog").close();
      toast(finished ? "Linked" : "On record: it will be linked shortly", () => this.#unlink(a, b));
      this.#changed();
    } catch (error) {
      showError(byId("link-error"), error);
    }
  }

  async #unlink(a, b) {
    try {
      const { finished } = await this.#api.delete("/api/v1/links", { a, b });
      toast(finished ? "Unlinked: everything is as before" : "On record: it will be unlinked shortly");
      this.#changed();
      if (byId("link-dialog").open) await this.#drawKnown();
    } catch (error) {
      if (byId("link-dialog").open) showError(byId("link-error"), error);
      else toast(error.message);
    }
  }
}

const TOAST_MS = 12_000;
let hiding = 0;

function toast(text, undo = null) {
  const node = byId("toast");
  const close = () => (node.hidden = true);
  const button = make("button", { type: "button", class: "button small" }, undo ? "Undo" : "Close");
  button.addEventListener("click", () => {
    close();
    undo?.();
  });
  node.replaceChildren(text, button);
  node.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(close, TOAST_MS);
}
