// Attachments: fetched with the agent's token, shown by object URLs, saved, or why they are not here.

import { byId, icon, make, showError } from "./dom.js";
import { mediaWord, sizeWord } from "./words.js";

const HELD = 60;
const SHOWN_BYTES_MAX = 10 * 1024 * 1024;
const NEAR = "600px";

/** What a browser may make of bytes; whatever else they are, they are only saved. */
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const SOUNDS = ["audio/ogg", "audio/mpeg", "audio/mp4"];
const FILMS = ["video/mp4", "video/webm"];
const SHOWN = [...PICTURES, ...SOUNDS, ...FILMS];

export class Files {
  #api;
  #held = new Map(); // path -> promise of an object URL; the one used last is the last

  constructor(api) {
    this.#api = api;
  }

  /** The same for one message: { address(attachment), save(attachment, button) }. */
  of(conversation, { leg, position }) {
    const path = (attachment) => {
      const names = [conversation, "messages", leg, position, "attachments", attachment.id];
      return `/v1/conversations/${names.map(encodeURIComponent).join("/")}`;
    };
    return {
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

  async #fetch(path, { media_type: type }) {
    const bytes = await (await this.#api.raw(path)).arrayBuffer();
    return URL.createObjectURL(new Blob([bytes], { type: SHOWN.includes(type) ? type : "application/octet-stream" }));
  }

  async #save(path, attachment, button) {
    await whileBusy(button, async () => {
      const address = await this.#address(path, attachment);
      make("a", { href: address, download: attachment.name || "file" }).click();
    });
  }
}

/** A part's attachment. Without `files` it is only named. */
export function fileNode(attachment, part, files) {
  return make("div", { class: "attachment" }, ...forms(attachment, part, files));
}

function forms(attachment, part, files) {
  const word = part.media ? mediaWord(part.media) : "Picture";
  const { state = "remote", media_type: type = "" } = attachment;
  if (!files) return [make("p", { class: "file" }, ...label(attachment, word))];
  if (state === "failed" || state === "expired") return missing(attachment, word);
  const button = saveButton(attachment, word, files);
  if (state !== "stored" || attachment.size_bytes > SHOWN_BYTES_MAX) return [button, waiting(state, attachment)];
  if (PICTURES.includes(type)) return [picture(attachment, part, word, files), button];
  if (SOUNDS.includes(type)) return [player("audio", attachment, word, files), button];
  if (FILMS.includes(type)) return [player("video", attachment, word, files), button];
  return [button];
}

const label = (attachment, word) => [
  icon("file"),
  make("bdi", { class: "file-name" }, attachment.name || word),
  make("span", { class: "file-size" }, sizeWord(attachment.size_bytes)),
];

function missing(attachment, word) {
  const [name, why] = attachment.state === "expired" ? ["Expired", "ask for it once more"] : ["Not here", "ask for it another way"];
  return [
    make("p", { class: "file" }, ...label(attachment, word)),
    make("p", { class: "state bad" }, icon("fail"), `${name}: ${why}`),
    make("p", { class: "reason", dir: "auto" }, attachment.reason ?? ""),
  ];
}

function waiting(state, { reason = "" }) {
  if (state !== "fetching") return null;
  return make("p", { class: "state", title: reason }, icon("clock"), "Fetching, will be tried again");
}

function saveButton(attachment, word, files) {
  const button = make("button", { type: "button", class: "file" }, ...label(attachment, word), icon("save"));
  button.setAttribute("aria-label", `Download ${attachment.name || word}`);
  button.addEventListener("click", () => files.save(attachment, button));
  return button;
}

/** Fetched when it comes near to being seen; its room is kept, so that nothing jumps. */
function picture(attachment, part, word, files) {
  const image = make("img", { class: "picture", alt: attachment.name || word });
  if (part.width && part.height) Object.assign(image, { width: part.width, height: part.height });
  else image.classList.add("unmeasured");
  whenNear(image, async () => {
    try {
      image.src = await files.address(attachment);
      await image.decode();
      image.classList.remove("unmeasured");
    } catch {
      image.remove(); // the button below says why, if it is asked
    }
  });
  return image;
}

function player(kind, attachment, word, files) {
  const button = make("button", { type: "button", class: "file" }, icon("play"), `Play ${word.toLowerCase()}`);
  button.addEventListener("click", () =>
    whileBusy(button, async () => {
      const node = make(kind, { class: "player", controls: true, src: await files.address(attachment) });
      node.setAttribute("aria-label", attachment.name || word);
      button.replaceWith(node);
      node.focus();
      await node.play().catch(() => null);
    }),
  );
  return button;
}

function whenNear(node, act) {
  const watching = new IntersectionObserver(
    (seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watching.disconnect();
      act();
    },
    { rootMargin: NEAR },
  );
  watching.observe(node);
}

async function whileBusy(button, act) {
  button.disabled = true;
  showError(byId("thread-error"), null);
  try {
    await act();
  } catch (error) {
    showError(byId("thread-error"), error);
  }
  button.disabled = false;
}
