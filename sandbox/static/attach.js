// Sending what is not text: files from this computer, a place, or a small example of any kind.

import { readFile } from "./api.js";
import { byId, make } from "./dom.js";

const PHOTOS = ["image/png", "image/jpeg", "image/gif"];
const IN_ALBUMS = ["photo", "video"];
const ALBUM_MAX = 10;
const EXAMPLES = [
  ["Voice message", "voice"],
  ["Sticker", "sticker"],
  ["Contact", "contact"],
  ["Venue", "venue"],
  ["Poll", "poll"],
  ["Dice", "dice"],
];

/** What a file is sent as: what the app would make of it. */
export function kindOfFile({ type, name }) {
  if (PHOTOS.includes(type)) return "photo";
  if (type === "audio/ogg" || /\.(oga|opus)$/i.test(name)) return "voice";
  if (type === "audio/mpeg" || type === "audio/mp4") return "audio";
  return type === "video/mp4" ? "video" : "document";
}

/** The menu behind the clip. `send(path, fields)` acts in the chat that is shown. */
export class Attach {
  constructor(send, takeText) {
    this.send = send;
    this.takeText = takeText;
    this.panel = byId("chat-attach");
    this.opener = byId("chat-attach-open");
    this.opener.addEventListener("click", () => this.#show(this.panel.hidden));
    this.panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#show(false, true));
    byId("chat-file").addEventListener("change", (event) => this.#sendFiles(event.target));
    byId("chat-place").addEventListener("submit", (event) => this.#sendPlace(event));
    byId("chat-examples").append(...EXAMPLES.map(([label, kind]) =>
      make("button", { type: "button", class: "button", onclick: () => this.#act("/telegram/send", { kind }) }, label)));
  }

  #show(open, focus = false) {
    this.panel.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (focus) this.opener.focus();
  }

  async #act(path, fields) {
    const done = await this.send(path, fields);
    if (done) this.#show(false);
    return done;
  }

  async #sendFiles(input) {
    const files = await Promise.all([...input.files].map(async (file) => ({ kind: kindOfFile(file), ...(await readFile(file)) })));
    input.value = "";
    if (!files.length) return;
    const together = files.length > 1 && files.length <= ALBUM_MAX && files.every(({ kind }) => IN_ALBUMS.includes(kind));
    const text = this.takeText();
    if (together) return this.#act("/telegram/album", { kinds: files.map(({ kind }) => kind), files, text });
    for (const [at, file] of files.entries()) {
      if (!(await this.#act("/telegram/send", { ...file, text: at ? "" : text }))) return;
    }
  }

  async #sendPlace(event) {
    event.preventDefault();
    const [latitude, longitude] = ["latitude", "longitude"].map((name) => byId(`chat-${name}`).valueAsNumber);
    await this.#act("/telegram/send", { kind: "location", value: { latitude, longitude } });
  }
}
