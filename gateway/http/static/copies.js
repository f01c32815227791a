// Who gets a copy of a reply besides the customer: chosen, removed, and checked before anything is sent.

import { byId, icon, make } from "./dom.js";
import { addressNode } from "./mail.js";

const ADDRESS = /^[!-?A-~]{1,64}@[!-?A-~]{1,189}$/;
const COPIES_MAX = 50;
const BETWEEN = /[,;]/;

/** As they are typed, or copied together with a name. */
const addresses = (words) => /<(.*)>/.exec(words)?.slice(1) ?? words.split(/\s+/).filter(Boolean);

export class Copies {
  #change;
  #copies = [];

  /** `change(copies)` is called with the addresses from now on, null for none. */
  constructor(change) {
    this.#change = change;
    byId("copies-open").addEventListener("click", () => this.#toggle());
    const input = byId("copy");
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === ",") {
        event.preventDefault();
        this.take();
      } else if (event.key === "Backspace" && !input.value && this.#copies.length) {
        this.#change(this.#copies.slice(0, -1));
      }
    });
    input.addEventListener("blur", () => this.take());
    input.addEventListener("input", () => this.#complain(""));
  }

  /** `copies` null: none are offered. */
  show(copies, able) {
    this.#copies = copies ?? [];
    const open = able && copies !== null;
    byId("copies-open").hidden = !able;
    byId("copies-open").setAttribute("aria-expanded", String(open));
    byId("copies").hidden = !open;
    byId("copies-list").replaceChildren(...this.#copies.map((one) => this.#node(one)));
  }

  /** What is typed joins the others; -> false if it is no address, which is said. */
  take() {
    const input = byId("copy");
    const typed = input.value.split(BETWEEN).flatMap(addresses);
    if (byId("copies").hidden || !typed.length) return true;
    const wrong = typed.find((one) => !ADDRESS.test(one));
    const all = [...new Set([...this.#copies, ...typed])];
    if (wrong) this.#complain(`“${wrong}” is no mail address, like mei@example.org`);
    else if (all.length > COPIES_MAX) this.#complain(`A mail has at most ${COPIES_MAX} copies.`);
    if (wrong || all.length > COPIES_MAX) return false;
    input.value = "";
    this.#change(all);
    return true;
  }

  focus() {
    byId("copy").focus();
  }

  #toggle() {
    const open = byId("copies").hidden;
    byId("copy").value = "";
    this.#complain("");
    this.#change(open ? [] : null);
    if (open) this.focus();
  }

  #node(address) {
    const remove = make("button", { type: "button", class: "icon-button", "aria-label": `No copy to ${address}` }, icon("close"));
    remove.addEventListener("click", () => {
      this.#change(this.#copies.filter((one) => one !== address));
      this.focus();
    });
    return make("li", {}, addressNode(address), remove);
  }

  #complain(words) {
    byId("copies-error").textContent = words;
    byId("copies-error").hidden = !words;
    byId("copy").setAttribute("aria-invalid", String(Boolean(words)));
  }
}
