// Pictures, films, sounds, stickers and files, each in the form in which it was sent.

import { whileBusy, showable } from "./files.js";
import { icon, make } from "./dom.js";
import { soundNode } from "./player.js";
import { clock, mediaWord, sizeWord } from "./words.js";

const NEAR = "600px";
const COMING = ["remote", "fetching"];
const TILES = ["image", "video", "animation"];
const CIRCLE = 200;
const SIDE_MIN = 96;
const SIDE_MAX = { width: 340, height: 320 };
const STILL = "(prefers-reduced-motion: reduce)";

/** Media that were sent together: what is seen as a grid, then what else there is. */
export function mediaNodes(parts, files) {
  if (!files) return parts.map((part) => fileNode(part.attachment, part));
  const seen = parts.filter((part) => TILES.includes(part.media) && isSeen(part.attachment));
  const rest = parts.filter((part) => !seen.includes(part));
  const tiles = seen.map((part) => named(tile(part, files), part));
  const shown = tiles.length > 1 ? [album(tiles)] : tiles;
  return [...shown, ...rest.map((part) => named(single(part, files), part))];
}

/** So that it can be told apart from what a letter shows within. */
function named(node, { attachment }) {
  node.dataset.attachment = attachment.id;
  return node;
}

/** An attachment that is no medium of its own, such as the picture of a card. */
export function attachmentNode(attachment, files) {
  return mediaNodes([{ media: "image", attachment }], files)[0];
}

/** What is there, or still to come as something that is seen. */
const isSeen = (attachment) => ["picture", "film"].includes(showable(attachment));

/** Rows of two, then rows of three: no row is left half empty. */
function album(tiles) {
  const halves = 2 * ((2 * tiles.length) % 3);
  tiles.forEach((one, at) => one.classList.add(at < halves ? "half" : "third"));
  return make("div", { class: "album", role: "group", "aria-label": `${tiles.length} together` }, ...tiles);
}

function tile(part, files) {
  const { attachment } = part;
  if (showable(attachment) === "picture") return picture(part, files);
  return part.media === "animation" && !matchMedia(STILL).matches ? loop(part, files) : film(part, files);
}

function single(part, files) {
  const kind = showable(part.attachment);
  if (part.media === "sticker") return sticker(part, kind, files);
  if (part.media === "video_note" && kind === "film") return round(part, files);
  if (kind === "sound") return sound(part, files);
  const file = fileNode(part.attachment, part, files);
  return kind === "picture" ? make("div", { class: "attachment" }, picture(part, files), file) : file;
}

/** Its room is kept before it is there, so that nothing jumps. */
function frame(part, ...children) {
  return sized(make("div", { class: "tile" }, ...children), part);
}

function sized(node, { width, height }) {
  if (!width || !height) return node;
  const scale = Math.min(1, SIDE_MAX.width / width, SIDE_MAX.height / height);
  node.style.setProperty("--ratio", `${width} / ${height}`);
  node.style.setProperty("--width", `${Math.max(SIDE_MIN, Math.round(width * scale))}px`);
  return node;
}

function picture(part, files) {
  const { attachment } = part;
  const word = attachment.name || mediaWord(part.media);
  const image = make("img", { class: "picture", alt: word });
  if (part.width && part.height) Object.assign(image, { width: part.width, height: part.height });
  const open = make("button", { type: "button", class: "over", "aria-label": `Open ${word}` });
  open.addEventListener("click", () => whileBusy(open, async () => view(await files.address(attachment), word, open)));
  const node = frame(part, image, open, saveIcon(attachment, word, files));
  whenNear(node, async () => {
    image.src = await files.address(attachment);
    await image.decode();
    if (!part.width) sized(node, { width: image.naturalWidth, height: image.naturalHeight });
  }, () => node.replaceWith(fileNode(attachment, part, files)));
  return node;
}

/** Large, over everything; Escape or a click closes it, and leads back to `opener`, or to what stands in its place. */
function view(address, word, opener) {
  const close = make("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  const dialog = make("dialog", { class: "viewer", "aria-label": word }, make("img", { src: address, alt: word }), close);
  dialog.addEventListener("click", () => dialog.close());
  const place = opener.closest("[data-key]");
  dialog.addEventListener("close", () => {
    dialog.remove();
    const again = () => document.querySelector(`[data-key="${CSS.escape(place?.dataset.key ?? "")}"] [aria-label="${CSS.escape(opener.ariaLabel)}"]`);
    (opener.isConnected ? opener : again())?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function film(part, files) {
  const { attachment, seconds } = part;
  const word = mediaWord(part.media).toLowerCase();
  const play = make("button", { type: "button", class: "over", "aria-label": `Play ${word}` });
  play.append(make("span", { class: "round" }, icon("play")), seconds ? make("span", { class: "length" }, clock(seconds)) : "");
  const node = frame(part, play, saveIcon(attachment, attachment.name || mediaWord(part.media), files));
  play.addEventListener("click", () =>
    whileBusy(play, async () => {
      const video = make("video", { class: "player", controls: true, playsInline: true, src: await files.address(attachment) });
      video.setAttribute("aria-label", attachment.name || mediaWord(part.media));
      play.replaceWith(video);
      video.focus();
      await video.play().catch(() => null);
    }),
  );
  return node;
}

/** Moves by itself, without a sound, until it is stopped. */
function loop(part, files) {
  const { attachment } = part;
  const word = attachment.name || mediaWord(part.media);
  const video = make("video", { class: "player", muted: true, loop: true, autoplay: true, playsInline: true });
  video.setAttribute("aria-label", word);
  const stop = make("button", { type: "button", class: "over", "aria-label": "Pause animation" });
  stop.addEventListener("click", () => {
    stop.setAttribute("aria-label", video.paused ? "Pause animation" : "Play animation");
    if (video.paused) video.play().catch(() => null);
    else video.pause();
  });
  const node = frame(part, video, stop, saveIcon(attachment, word, files));
  whenNear(node, async () => (video.src = await files.address(attachment)));
  return node;
}

/** A video message is a circle. */
function round(part, files) {
  const node = film({ ...part, width: CIRCLE, height: CIRCLE }, files);
  node.classList.add("circle");
  return node;
}

function sound(part, files) {
  const { attachment, seconds, media } = part;
  const load = (button, act) => whileBusy(button, async () => act(await files.address(attachment)));
  const title = media !== "voice" && attachment.name ? make("p", { class: "card-title", dir: "auto" }, attachment.name) : null;
  const save = saveIcon(attachment, attachment.name || mediaWord(media), files);
  const player = soundNode(mediaWord(media), seconds, load);
  player.append(save);
  return make("div", { class: "attachment" }, title, player);
}

/** As it looks; one that cannot be shown here (an animated one, or not yet here) as its emoji. */
function sticker(part, kind, files) {
  const { attachment, emoji } = part;
  const word = emoji ? `Sticker ${emoji}` : "Sticker";
  const plain = () => make("p", { class: "sticker", role: "img", "aria-label": word }, emoji || "Sticker");
  if (!kind) return plain();
  const node =
    kind === "film"
      ? make("video", { class: "sticker", muted: true, loop: true, autoplay: !matchMedia(STILL).matches, playsInline: true })
      : make("img", { class: "sticker", alt: word });
  node.setAttribute("aria-label", word);
  whenNear(node, async () => {
    node.src = await files.address(attachment);
    if (kind === "picture") await node.decode();
  }, () => node.replaceWith(plain()));
  return node;
}

/** A file by its name. Without `files` it is only named; why it is not here, if it is not. */
function fileNode(attachment, part, files) {
  const word = mediaWord(part.media);
  const { state = "remote", reason = "" } = attachment;
  const node = make("div", { class: "attachment" });
  if (state === "failed" || state === "expired") {
    const [name, why] = state === "expired" ? ["Expired", "ask for it once more"] : ["Not here", "ask for it another way"];
    node.append(make("p", { class: "file" }, ...label(attachment, word)));
    node.append(make("p", { class: "state bad" }, icon("fail"), `${name}: ${why}`));
    node.append(make("p", { class: "reason", dir: "auto" }, reason));
  } else if (!files) {
    node.append(make("p", { class: "file" }, ...label(attachment, word)));
  } else {
    node.append(saveButton(attachment, word, files));
    if (state === "fetching") node.append(make("p", { class: "state", title: reason }, icon("clock"), "Fetching, will be tried again"));
  }
  if (!COMING.includes(state) || !TILES.includes(part.media)) return node;
  const room = frame(part, node);
  room.classList.add("coming");
  return room;
}

const label = (attachment, word) => [
  icon("file"),
  make("bdi", { class: "file-name" }, attachment.name || word),
  make("span", { class: "file-size" }, sizeWord(attachment.size_bytes)),
];

function saveButton(attachment, word, files) {
  const button = make("button", { type: "button", class: "file" }, ...label(attachment, word), icon("save"));
  button.setAttribute("aria-label", `Download ${attachment.name || word}`);
  button.addEventListener("click", () => files.save(attachment, button));
  return button;
}

function saveIcon(attachment, word, files) {
  const title = `Download ${word}`;
  const button = make("button", { type: "button", class: "icon-button save", title, "aria-label": title }, icon("save"));
  button.addEventListener("click", () => files.save(attachment, button));
  return button;
}

/** Bytes are fetched when what they are for comes near to being seen. */
function whenNear(node, act, failed = () => null) {
  const watching = new IntersectionObserver(
    (seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watching.disconnect();
      act().catch(failed);
    },
    { rootMargin: NEAR },
  );
  watching.observe(node);
}
