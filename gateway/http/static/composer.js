// Writing: a reply that says where it goes, or a note that goes nowhere. No text is ever lost.

import { newKey } from "./api.js";
import { pathOf } from "./changes.js";
import { FILES_MAX, chosenNode, onFiles } from "./chosen.js";
import { Copies } from "./copies.js";
import { byId, icon, make, showError } from "./dom.js";
import { addressNode, addressOf } from "./mail.js";
import { Offer, offered } from "./offer.js";
import { messageWords, wordsOf } from "./parts.js";
import { respanned } from "./respan.js";
import { audienceIcon, audienceWord, channelOf, channelWord } from "./words.js";

const NO_ROWS = [];
/** A draft. `answers`: the entry, and the words of it that are quoted. `spans`: the formatting that an edited text had; `unformatted`: some of it is gone. `copies`: who gets one, null for nobody. `meant`: the audience for which it is being written, null while nothing is there: it goes to no other. */
const blank = () => ({
  mode: "reply", text: "", spans: [], unformatted: false, files: [], buttons: NO_ROWS, leg: null,
  answers: null, silent: false, copies: null, edits: null, meant: null,
});
const SEND = { reply: "Send reply", note: "Save note", edit: "Save edit" };
const LABEL = { reply: "Reply", note: "Note", edit: "Edit" };
const STOP = {
  edit: "Do not edit this message", quote: "Do not quote these words", answer: "Do not answer this message",
};
const TYPING_MS = 4000;

export class Composer {
  #api;
  #thread;
  #offer;
  #copies;
  #inboxes;
  #open;
  #conversation = null;
  #lastHeard = null;
  #drafts = new Map(); // conversation id -> what is being written
  #saving = false;
  #typedAt = 0;

  /** `open` shows a conversation, by its number. */
  constructor(api, thread, inboxes, open) {
    this.#api = api;
    this.#open = open;
    this.#inboxes = inboxes;
    this.#thread = thread;
    const form = byId("composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("text").addEventListener("input", () => {
      this.#type(byId("text").value);
      this.#tellTyping();
    });
    byId("text").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#draft.edits && !event.isComposing) this.#stopEditing();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) form.requestSubmit();
    });
    for (const button of form.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => this.#change({ mode: button.dataset.mode }));
    }
    byId("leg").addEventListener("change", () => this.#aim(byId("leg").value, { answers: null }));
    byId("go-private").addEventListener("click", () => this.#goPrivate());
    byId("silent").addEventListener("click", () => this.#change({ silent: !this.#draft.silent }));
    byId("answering-stop").addEventListener("click", () =>
      this.#draft.edits ? this.#stopEditing() : this.#answerLess(),
    );
    this.#offer = new Offer((buttons) => this.#change({ buttons }));
    this.#copies = new Copies((copies) => this.#change({ copies }));
    onFiles((files) => this.#attach(files));
  }

  /** The conversation as it is now; what is being written stays. */
  show(conversation, lastHeard) {
    if (this.#conversation?.id !== conversation.id) showError(byId("composer-error"), null);
    this.#conversation = conversation;
    this.#lastHeard = lastHeard;
    this.#draw();
  }

  /** Have a message that was sent say something else. What was being written comes back after. */
  rework(entry, form = entry.message) {
    const { text, spans } = wordsOf(form);
    const aside = this.#draft.edits?.aside ?? this.#draft;
    this.#change({ ...blank(), mode: "edit", text, spans, edits: { entry, aside } });
    byId("text").focus();
  }

  /** `quote`: the words of the message that are meant, "" for all of it. `all`: with a copy to everybody who has it. */
  answer(entry, quote, all = false) {
    if (this.#draft.edits) this.#stopEditing();
    const copies = all ? entry.message.recipients.map((one) => one.address) : this.#draft.copies;
    this.#aim(entry.leg, { mode: "reply", answers: { entry, quote }, copies });
    byId("text").focus();
  }

  /** The quoted words go first, then the answered message. */
  #answerLess() {
    const { answers } = this.#draft;
    this.#change({ answers: answers?.quote ? { ...answers, quote: "" } : null });
  }

  /** Back into the composer, before what is there already. */
  edit(pending) {
    if (this.#draft.edits) this.#stopEditing();
    this.#thread.release(pending);
    const { mode, files, buttons, leg, audience, answers, copies } = pending;
    const text = [pending.text, this.#draft.text].filter(Boolean).join("\n");
    this.#change({
      mode, leg, meant: audience ?? null, answers, copies, text, files: [...files, ...this.#draft.files],
      buttons: this.#draft.buttons.length ? this.#draft.buttons : buttons,
    });
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

  redraw() {
    if (this.#conversation) this.#draw();
  }

  get #draft() {
    return this.#drafts.get(this.#conversation?.id) ?? blank();
  }

  #change(fields, draw = true) {
    this.#drafts.set(this.#conversation.id, { ...this.#draft, ...fields });
    if (draw) this.#draw();
  }

  /** At a leg that an agent has chosen, whoever reads there. */
  #aim(id, fields) {
    const audience = this.#conversation.legs.find((leg) => leg.id === id)?.audience ?? null;
    this.#change({ ...fields, leg: id, meant: audience });
  }

  /** For whom a draft of these words and files is being written. */
  #meant(text, files) {
    return text || files.length ? (this.#draft.meant ?? this.#leg?.audience ?? null) : null;
  }

  #type(text) {
    const { text: before, spans, unformatted, edits, files } = this.#draft;
    const { spans: kept, lost } = respanned(spans, before, text);
    this.#change({ text, spans: kept, unformatted: unformatted || lost, meant: this.#meant(text, files) }, false);
    if (edits) this.#drawFormatting();
  }

  #attach(files) {
    if (this.#draft.mode !== "reply") return;
    const all = [...this.#draft.files, ...files];
    const fits = all.length <= FILES_MAX;
    showError(byId("composer-error"), fits ? null : { message: `One message takes at most ${FILES_MAX} files.` });
    this.#change({ files: all.slice(0, FILES_MAX), meant: this.#meant(this.#draft.text, all) });
  }

  /** Legs that take a reply: the customer does not write on the others any more. */
  get #legs() {
    const able = this.#conversation.legs.filter((leg) => leg.status !== "closed");
    const alive = able.filter((leg) => !leg.sealed);
    return alive.length ? alive : able;
  }

  get #leg() {
    const { meant } = this.#draft;
    const legs = this.#legs.filter((leg) => !meant || leg.audience === meant);
    return legs.find((leg) => leg.id === this.#draft.leg) ?? legs.find((leg) => leg.id === this.#lastHeard) ?? legs[0];
  }

  #stopEditing(conversation = this.#conversation.id) {
    const { edits } = this.#drafts.get(conversation) ?? {};
    if (edits) this.#drafts.set(conversation, edits.aside);
    showError(byId("composer-error"), null);
    this.#draw();
  }

  /** The text stays until the edit was taken. */
  async #saveEdit() {
    const { edits, text, spans } = this.#draft;
    const { id } = this.#conversation;
    if (this.#saving) return;
    this.#saving = true;
    this.#draw();
    try {
      const entry = await this.#api.patch(pathOf(id, edits.entry), { text, spans });
      this.#thread.take(id, entry);
      this.#stopEditing(id);
    } catch (error) {
      showError(byId("composer-error"), error);
    }
    this.#saving = false;
    this.#draw();
  }

  /** To the author alone: their private conversation is opened, with what was being written here. */
  async #goPrivate() {
    const { id } = this.#conversation;
    if (this.#saving) return;
    this.#saving = true;
    this.#draw();
    try {
      const { conversation, leg } = await this.#api.post(`/api/v1/conversations/${id}/private`, { leg: this.#leg.id });
      const { text, files } = this.#drafts.get(id) ?? blank();
      this.#drafts.delete(id);
      const there = this.#drafts.get(conversation.id) ?? blank();
      const whole = [there.text, text].filter(Boolean).join("\n");
      this.#drafts.set(conversation.id, { ...there, mode: "reply", leg, meant: "private", text: whole, files: [...there.files, ...files] });
      await this.#open(conversation.number);
      byId("text").focus();
    } catch (error) {
      showError(byId("composer-error"), error);
    }
    this.#saving = false;
    this.#draw();
  }

  /** The customer sees that somebody is writing, where the channel can show it. */
  #tellTyping() {
    const { mode, text } = this.#draft;
    if (mode !== "reply" || !text.trim() || !this.#leg || Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    const path = `/api/v1/conversations/${this.#conversation.id}/typing`;
    this.#api.post(path, { leg: this.#leg.id }).catch(() => {}); // not worth a word
  }

  #submit() {
    if (this.#draft.edits) return this.#saveEdit();
    if (!this.#copies.take()) return this.#copies.focus();
    const { mode, text, files, buttons, answers, silent } = this.#draft;
    const leg = this.#leg;
    if ((!text.trim() && !(files.length && mode === "reply")) || (mode === "reply" && !leg)) return;
    const pending = {
      key: newKey(),
      conversation: this.#conversation.id,
      mode,
      text,
      files: mode === "reply" ? files : [],
      uploads: [],
      buttons: mode === "reply" ? buttons : NO_ROWS,
      leg: leg?.id,
      audience: leg?.audience,
      channel: leg && channelOf(leg),
      answers,
      silent: silent && !this.#inboxes.lacks(leg, "silent"),
      copies: mode === "reply" ? this.#copied(leg) : null,
      error: null,
    };
    this.#typedAt = 0;
    const kept = mode === "note" ? { files, buttons } : {}; // a note takes none of them
    this.#drafts.set(this.#conversation.id, { ...blank(), mode, ...kept });
    this.#draw();
    this.send(pending);
  }

  async #post(pending) {
    const path = `/api/v1/conversations/${pending.conversation}`;
    const headers = { "Idempotency-Key": pending.key };
    if (pending.mode === "note") return this.#api.post(`${path}/notes`, { text: pending.text }, headers);
    for (const file of pending.files.slice(pending.uploads.length)) {
      pending.uploads.push((await this.#api.upload(file)).id);
    }
    const { text, leg, audience, uploads: attachments } = pending;
    const body = { text, leg, audience, attachments };
    const buttons = offered(pending.buttons);
    if (buttons.length) body.buttons = buttons;
    if (pending.silent) body.silent = true;
    if (pending.copies?.length) body.copies = pending.copies;
    if (pending.answers) body.answers = pending.answers.entry.message.id;
    if (pending.answers?.quote) body.quote = pending.answers.quote;
    return this.#api.post(`${path}/replies`, body, headers);
  }

  #draw() {
    const { mode, text, files, buttons, answers, silent, edits } = this.#draft;
    const about = answers?.entry ?? edits?.entry;
    const quote = answers?.quote;
    const note = mode === "note";
    const leg = this.#leg;
    byId("composer").dataset.mode = mode;
    byId("composer").dataset.audience = note ? "" : (leg?.audience ?? "");
    const shared = mode === "reply" && leg && audienceWord(leg.audience);
    byId("go-private").hidden = !shared || !this.#inboxes.can(leg, "opens_threads");
    byId("go-private").disabled = this.#saving;
    for (const button of byId("composer").querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    if (byId("text").value !== text) byId("text").value = text;
    byId("text-label").textContent = LABEL[mode];
    byId("send").textContent = SEND[mode];
    byId("send").disabled = this.#saving || (mode === "reply" && !leg);
    byId("write-a").hidden = Boolean(edits);
    byId("attach").hidden = mode !== "reply";
    byId("silent").hidden = mode !== "reply" || this.#inboxes.lacks(leg, "silent");
    byId("silent").setAttribute("aria-pressed", String(silent));
    byId("chosen").replaceChildren(...(note ? [] : files.map((file) => chosenNode(file, () => this.#detach(file)))));
    this.#offer.show(buttons, mode === "reply");
    this.#copies.show(this.#copied(leg), mode === "reply" && this.#inboxes.can(leg, "copies"));
    this.#drawFormatting();
    byId("answering").hidden = note || !about;
    byId("answering-icon").setAttribute("href", edits ? "#i-edit" : "#i-reply");
    byId("answering-text").textContent = quote ? `“${quote}”` : about ? messageWords(about.message) : "";
    byId("answering-stop").setAttribute("aria-label", edits ? STOP.edit : quote ? STOP.quote : STOP.answer);
    this.#drawTarget(note, edits ? this.#conversation.legs.find((one) => one.id === edits.entry.leg) : leg);
  }

  /** Who gets a copy on this leg, null where there are none. */
  #copied(leg) {
    return this.#inboxes.can(leg, "copies") ? this.#draft.copies : null;
  }

  #drawFormatting() {
    const { spans, unformatted } = this.#draft;
    byId("formatting").hidden = !spans.length && !unformatted;
    byId("formatting").textContent = unformatted
      ? "What you wrote over has lost its formatting; the rest keeps it."
      : "Formatting stays with its words.";
  }

  #detach(file) {
    showError(byId("composer-error"), null);
    this.#change({ files: this.#draft.files.filter((one) => one !== file) });
  }

  /** Where it goes is always written down, in both modes. */
  #drawTarget(note, leg) {
    const line = byId("goes-to");
    const wide = !note && leg ? audienceWord(leg.audience) : "";
    const { edits } = this.#draft;
    if (note) line.replaceChildren("Stays here: only agents see it");
    else if (!leg && this.#legs.length) line.replaceChildren("What is written here was meant for others: choose where it goes");
    else if (!leg) line.replaceChildren("Closed: the customer’s next message begins a new conversation");
    else {
      const address = leg.context?.reply_to ?? addressOf(leg.author);
      const called = leg.author_name || address || leg.author;
      const name = make("strong", {}, make("bdi", {}, called));
      const where = address && address !== called ? make("span", {}, " <", addressNode(address), ">") : "";
      const channel = make("strong", {}, channelWord(channelOf(leg)));
      const loud = wide ? make("span", { class: `chip shared ${leg.audience}` }, icon(audienceIcon(leg.audience)), `Read by ${wide}`) : "";
      line.replaceChildren(loud, loud && " ", edits ? "Changes what was sent to " : "Goes to ", name, where, " on ", channel);
    }
    const picker = byId("leg");
    picker.hidden = note || edits || this.#legs.length < (leg ? 2 : 1);
    picker.replaceChildren(...this.#legs.map((one) => make("option", { value: one.id }, legWords(one))));
    picker.value = leg?.id ?? "";
  }
}

const legWords = (leg) =>
  [channelWord(channelOf(leg)), leg.author_name, leg.title, leg.number].filter(Boolean).join(" · ");
