// The bytes of attachments: fetched with the agent's token, held as object URLs, saved.

import { byId, make, showError } from "./dom.js";

const HELD = 60;
const SHOWN_BYTES_MAX = 10 * 1024 * 1024;

/** What a browser may make of bytes; whatever else they are, they are only saved. */
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const SOUNDS = ["audio/ogg", "audio/mpeg", "audio/mp4"];
const FILMS = ["video/mp4", "video/webm"];
const SHOWN = [...PICTURES, ...SOUNDS, ...FILMS];

/** What can be shown of an attachment here: "picture", "sound", "film", or "" if it is only saved. */
export function showable({ state, media_type: type = "", size_bytes: size }) {
  if (state !== "stored" || size > SHOWN_BYTES_MAX) return "";
  if (PICTURES.includes(type)) return "picture";
  if (SOUNDS.includes(type)) return "sound";
  return FILMS.includes(type) ? "film" : "";
}

export class Files {
  #api;
  #held = new Map(); // path -> promise of an object URL; the one used last is the last

  constructor(api) {
    this.#api = api;
  }

  /**
   * The same for one message: { address(attachment), save(attachment, button), form(digest): its
   * HTML form as text, picture(attachment): a Blob }.
   */
  of(conversation, { leg, position }) {
    const within = (...names) =>
      `/api/v1/conversations/${[conversation, "messages", leg, position, ...names].map(encodeURIComponent).join("/")}`;
    const path = (attachment) => within("attachments", attachment.id);
    return {
      form: async (digest) => (await this.#api.raw(within("html", digest))).text(),
      picture: (attachment) => this.#bytes(path(attachment), attachment),
      address: (attachment) => this.#address(path(attachment), attachment),
      save: (attachment, button) => this.#save(path(attachment), attachment, button),
    };
  }

  async #address(path, attachment) {
    const held = this.#held.get(path) ?? this.#fetch(path, attachment);
    this.#held.delete(path);
    this.#held.set(path, held);
    if (this.#held.size > HELD) {
      const [oldest, address] = this.#held.entries().next().value;
      this.#held.delete(oldest);
      address.then(URL.revokeObjectURL, () => null);
    }
    try {
      return await held;
    } catch (error) {
      this.#held.delete(path);
      throw error;
    }
  }

  async #fetch(path, attachment) {
    return URL.createObjectURL(await this.#bytes(path, attachment));
  }

  async #bytes(path, { media_type: type }) {
    const bytes = await (await this.#api.raw(path)).arrayBuffer();
    return new Blob([bytes], { type: SHOWN.includes(type) ? type : "application/octet-stream" });
  }

  async #save(path, attachment, button) {
    await whileBusy(button, async () => {
      const address = await this.#address(path, attachment);
      make("a", { href: address, download: attachment.name || "file" }).click();
    });
  }
}

/** Do something that takes a while, once at a time; what goes wrong is said above the composer. */
export async function whileBusy(button, act) {
  button.disabled = true;
  showError(byId("thread-error"), null);
  try {
    await act();
  } catch (error) {
    showError(byId("thread-error"), error);
  }
  button.disabled = false;
}
