// Writing: a reply that says where it goes, or a note that goes nowhere. No text is ever lost.

import { newKey } from "./api.js";
import { byId, icon, make, showError } from "./dom.js";
import { messageWords } from "./parts.js";
import { audienceWord, channelOf, channelWord, sizeWord } from "./words.js";

const blank = () => ({ mode: "reply", text: "", files: [], leg: null, answers: null });
const SEND = { reply: "Send reply", note: "Save note" };

export class Composer {
  #api;
  #thread;
  #conversation = null;
  #lastHeard = null;
  #drafts = new Map(); // conversation id -> what is being written

  constructor(api, thread) {
    this.#api = api;
    this.#thread = thread;
    const form = byId("composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("text").addEventListener("input", () => this.#change({ text: byId("text").value }, false));
    byId("text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) form.requestSubmit();
    });
    for (const button of form.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => this.#change({ mode: button.dataset.mode }));
    }
    byId("leg").addEventListener("change", () => this.#change({ leg: byId("leg").value, answers: null }));
    byId("answering-stop").addEventListener("click", () => this.#change({ answers: null }));
    byId("file").addEventListener("change", () => {
      this.#change({ files: [...this.#draft.files, ...byId("file").files] });
      byId("file").value = "";
    });
  }

  /** The conversation as it is now; what is being written stays. */
  show(conversation, lastHeard) {
    this.#conversation = conversation;
    this.#lastHeard = lastHeard;
    this.#draw();
  }

  answer(entry) {
    this.#change({ mode: "reply", answers: entry, leg: entry.leg });
    byId("text").focus();
  }

  /** Back into the composer, before what is there already. */
  edit(pending) {
    this.#thread.release(pending);
    const { mode, files, leg, answers } = pending;
    const text = [pending.text, this.#draft.text].filter(Boolean).join("\n");
    this.#change({ mode, leg, answers, text, files: [...files, ...this.#draft.files] });
    byId("text").focus();
  }

  async send(pending) {
    pending.error = null;
    this.#thread.hold(pending);
    try {
      const entry = await this.#post(pending);
      this.#thread.release(pending, entry);
    } catch (error) {
      pending.error = error;
      this.#thread.hold(pending);
    }
  }

  get #draft() {
    return this.#drafts.get(this.#conversation?.id) ?? blank();
  }

  #change(fields, draw = true) {
    this.#drafts.set(this.#conversation.id, { ...this.#draft, ...fields });
    if (draw) this.#draw();
  }

  /** Legs that take a reply: the customer does not write on the others any more. */
  get #legs() {
    const able = this.#conversation.legs.filter((leg) => leg.status !== "closed");
    const alive = able.filter((leg) => !leg.sealed);
    return alive.length ? alive : able;
  }

  get #leg() {
    const legs = this.#legs;
    return legs.find((leg) => leg.id === this.#draft.leg) ?? legs.find((leg) => leg.id === this.#lastHeard) ?? legs[0];
  }

  #submit() {
    const { mode, text, files, answers } = this.#draft;
    const leg = this.#leg;
    if ((!text.trim() && !(files.length && mode === "reply")) || (mode === "reply" && !leg)) return;
    const pending = {
      key: newKey(),
      conversation: this.#conversation.id,
      mode,
      text,
      files: mode === "reply" ? files : [],
      uploads: [],
      leg: leg?.id,
      audience: leg?.audience,
      channel: leg && channelOf(leg),
      answers,
      error: null,
    };
    this.#drafts.set(this.#conversation.id, { ...blank(), mode });
    this.#draw();
    this.send(pending);
  }

  async #post(pending) {
    const path = `/v1/conversations/${pending.conversation}`;
    const headers = { "Idempotency-Key": pending.key };
    if (pending.mode === "note") return this.#api.post(`${path}/notes`, { text: pending.text }, headers);
    for (const file of pending.files.slice(pending.uploads.length)) {
      pending.uploads.push((await this.#api.upload(file)).id);
    }
    const { text, leg, audience, uploads: attachments } = pending;
    const body = { text, leg, audience, attachments };
    if (pending.answers) body.answers = pending.answers.message.id;
    return this.#api.post(`${path}/replies`, body, headers);
  }

  #draw() {
    const { mode, text, files, answers } = this.#draft;
    const note = mode === "note";
    const leg = this.#leg;
    byId("composer").dataset.mode = mode;
    for (const button of byId("composer").querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    if (byId("text").value !== text) byId("text").value = text;
    byId("text-label").textContent = note ? "Note" : "Reply";
    byId("send").textContent = SEND[mode];
    byId("send").disabled = !note && !leg;
    byId("attach").hidden = note;
    byId("chosen").replaceChildren(...(note ? [] : files.map((file) => this.#chosen(file))));
    byId("answering").hidden = note || !answers;
    byId("answering-text").textContent = answers ? messageWords(answers.message) : "";
    this.#drawTarget(note, leg);
  }

  /** Where it goes is always written down, in both modes. */
  #drawTarget(note, leg) {
    const line = byId("goes-to");
    const wide = !note && leg ? audienceWord(leg.audience) : "";
    line.classList.toggle("wide", Boolean(wide));
    if (note) line.replaceChildren("Stays here: only agents see it");
    else if (!leg) line.replaceChildren("Closed: the customer’s next message begins a new conversation");
    else {
      const name = make("strong", {}, make("bdi", {}, leg.author_name || leg.author));
      const channel = make("strong", {}, channelWord(channelOf(leg)));
      line.replaceChildren("Goes to ", name, " on ", channel, wide ? `, read by ${wide}` : "");
    }
    const picker = byId("leg");
    picker.hidden = note || this.#legs.length < 2;
    picker.replaceChildren(...this.#legs.map((one) => make("option", { value: one.id }, legWords(one))));
    if (leg) picker.value = leg.id;
  }

  #chosen(file) {
    const remove = make("button", { type: "button", class: "icon-button" }, icon("close"));
    remove.setAttribute("aria-label", `Do not attach ${file.name}`);
    remove.addEventListener("click", () => this.#change({ files: this.#draft.files.filter((one) => one !== file) }));
    return make("li", {}, make("bdi", {}, file.name), make("span", { class: "file-size" }, sizeWord(file.size)), remove);
  }
}

const legWords = (leg) =>
  [channelWord(channelOf(leg)), leg.author_name, leg.title, leg.number].filter(Boolean).join(" · ");
