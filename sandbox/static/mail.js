// The customer's mail program.

import { get, post, readFile, remove } from "./api.js";
import { byId, icon, make, showError, size, stamp } from "./dom.js";

const WORDS = {
  reply_all: "Thank you. I have put everybody in copy, so that we all know.",
  out_of_office: "I am away until Monday and do not read my mail.",
  rude: "Your message is important to us.",
  bounce: "",
};

export class Mail {
  constructor(supportAddress, persons) {
    this.supportAddress = supportAddress;
    const known = [supportAddress, ...persons.map(({ address }) => address)];
    byId("mail-known").append(...known.map((value) => make("option", { value })));
    this.person = null;
    this.folder = "INBOX";
    this.mails = [];
    this.read = new Set();
    this.answering = null;
    byId("mail-new").addEventListener("click", () => this.#write(null));
    byId("mail-cancel").addEventListener("click", () => this.#view("list"));
    byId("letter-back").addEventListener("click", () => this.#view("list"));
    byId("letter-reply").addEventListener("click", () => this.#write(this.open));
    byId("letter-reply-all").addEventListener("click", () => this.#write(this.open, this.#others(this.open)));
    byId("mail-habit").addEventListener("change", () => this.#changeHabit());
    byId("mail-form").addEventListener("submit", (event) => this.#send(event));
    for (const button of document.querySelectorAll("[data-folder]")) {
      button.addEventListener("click", () => this.#showFolder(button.dataset.folder));
    }
  }

  async become(person) {
    this.person = person;
    byId("mail-address").textContent = person.address;
    this.#view("list");
    await Promise.all([this.refresh(), this.#showHabit(person)]);
  }

  async #showHabit(person) {
    const habits = await get("/mail/habits");
    if (person === this.person) byId("mail-habit").value = habits[person.address]?.kind ?? "";
  }

  async #changeHabit() {
    const kind = byId("mail-habit").value;
    const { key: person, address } = this.person;
    await (kind ? post("/mail/habits", { person, kind, text: WORDS[kind] }) : remove(`/mail/habits/${address}`));
  }

  // Everybody who got the mail besides the person, and its sender, who is in To anyway.
  #others(mail) {
    const known = new Set([this.person.address, ...addresses(answerTo(mail))]);
    return addresses(`${mail.to} ${mail.cc}`).filter((one) => !known.has(one));
  }

  async refresh() {
    const person = this.person;
    const { mails } = await get(`/mail/seen/${person.key}`);
    if (person !== this.person) return;
    this.mails = mails;
    this.#renderList();
  }

  #showFolder(folder) {
    this.folder = folder;
    for (const button of document.querySelectorAll("[data-folder]")) {
      button.setAttribute("aria-pressed", String(button.dataset.folder === folder));
    }
    this.#renderList();
  }

  #renderList() {
    const shown = this.mails.filter((mail) => mail.folder === this.folder).reverse();
    byId("mails").replaceChildren(...shown.map((mail) => make("li", {}, this.#row(mail))));
    const empty = byId("mail-empty");
    empty.hidden = shown.length > 0;
    empty.textContent =
      this.folder === "INBOX" ? "No mail yet. Write to support; the answer arrives here." : "Nothing sent yet.";
  }

  #row(mail) {
    const received = mail.folder === "INBOX";
    const unread = received && !this.read.has(key(this.person, mail));
    return make(
      "button",
      { type: "button", class: unread ? "mail unread" : "mail", onclick: () => this.#openMail(mail) },
      make("span", { class: "mail-who" }, make("bdi", {}, name(received ? mail.from : mail.to))),
      make("span", { class: "mail-when" }, stamp(new Date(mail.at))),
      make("span", { class: "mail-subject", dir: "auto" }, mail.subject || "(no subject)"),
      make("span", { class: "mail-start", dir: "auto" }, bodyText(mail).slice(0, 140)),
    );
  }

  #openMail(mail) {
    this.open = mail;
    this.read.add(key(this.person, mail));
    byId("letter-subject").textContent = mail.subject || "(no subject)";
    byId("letter-meta").replaceChildren(
      make("bdi", {}, mail.from), " → ", make("bdi", {}, mail.cc ? `${mail.to}, ${mail.cc}` : mail.to), " · ", stamp(new Date(mail.at)),
    );
    byId("letter-reply-all").hidden = this.#others(mail).length === 0;
    byId("letter-text").replaceChildren(...paragraphs(bodyText(mail)));
    byId("letter-files").replaceChildren(
      ...mail.attachments.map((file, position) => make("li", {}, this.#fileLink(mail, file, position))),
    );
    this.#renderList();
    this.#view("letter");
    byId("letter").focus();
  }

  #fileLink(mail, file, position) {
    const folder = encodeURIComponent(mail.folder);
    return make(
      "a",
      { class: "file", href: `/control/mail/seen/${this.person.key}/${folder}/${mail.uid}/files/${position}`, download: file.name },
      icon("file"),
      make("span", { class: "file-name" }, file.name),
      make("span", { class: "file-size" }, size(file.size_bytes)),
    );
  }

  #write(mail, copies = []) {
    this.answering = mail;
    const subject = mail?.subject ?? "";
    byId("mail-to").value = mail ? addresses(answerTo(mail)).join(", ") : this.supportAddress;
    byId("mail-cc").value = copies.join(", ");
    byId("mail-forged").checked = false;
    byId("mail-subject").value = mail && !/^re:/i.test(subject) ? `Re: ${subject}` : subject;
    byId("mail-text").value = mail ? `\n\n${quote(mail)}` : "";
    byId("mail-file").value = "";
    showError(byId("mail-error"), null);
    this.#view("form");
    const first = byId(mail ? "mail-text" : "mail-subject");
    first.focus();
    if (mail) first.setSelectionRange(0, 0);
  }

  async #send(event) {
    event.preventDefault();
    try {
      const files = await Promise.all([...byId("mail-file").files].map(readFile));
      await post("/mail/send", {
        person: this.person.key,
        to: addresses(byId("mail-to").value),
        cc: addresses(byId("mail-cc").value),
        forged: byId("mail-forged").checked,
        subject: byId("mail-subject").value,
        text: byId("mail-text").value,
        in_reply_to: this.answering?.message_id || null,
        attachments: files,
      });
      this.#view("list");
    } catch (error) {
      showError(byId("mail-error"), error);
    }
  }

  #view(name) {
    byId("mail-body").dataset.view = name;
  }
}

const key = (person, mail) => `${person.key} ${mail.folder} ${mail.uid}`;
const name = (header) => header.replace(/\s*<[^>]*>/g, "").replaceAll('"', "") || header;
const addresses = (header) => header.toLowerCase().match(/[^\s<>,;"]+@[^\s<>,;"]+/g) ?? [];
const answerTo = (mail) => mail.reply_to || (mail.folder === "Sent" ? mail.to : mail.from);

// A mail without a plain text is read without its markup; nothing of it is ever rendered.
function bodyText(mail) {
  if (mail.text || !mail.html) return mail.text;
  return new DOMParser().parseFromString(mail.html, "text/html").body.textContent.trim();
}

function paragraphs(text) {
  const old = (line) => line.startsWith(">");
  const groups = [];
  for (const line of text.trimEnd().split(/\r?\n/)) {
    if (!groups.length || old(groups.at(-1)[0]) !== old(line)) groups.push([]);
    groups.at(-1).push(line);
  }
  return groups.map((lines) => make("div", { class: old(lines[0]) ? "old" : "new" }, lines.join("\n")));
}

function quote(mail) {
  const when = new Date(mail.at).toLocaleString();
  const lines = bodyText(mail).trimEnd().split(/\r?\n/).map((line) => `> ${line}`);
  return `On ${when}, ${name(mail.from)} wrote:\n${lines.join("\n")}`;
}
