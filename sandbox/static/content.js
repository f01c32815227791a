// What a message holds besides its text: media, places, cards, and what a chat says of itself.

import { icon, make, size } from "./dom.js";
import { downloadPath, fileUrl } from "./files.js";

const KINDS = {
  sticker: ({ emoji }) => make("p", { class: "sticker", role: "img", "aria-label": `Sticker ${emoji ?? ""}` }, emoji ?? "🏷"),
  photo: (sizes) => picture(sizes.at(-1), "Photo"),
  animation: (file) => (file.mime_type === "image/gif" ? picture(file, "Animation") : player("video", file, "Animation")),
  video: (file) => player("video", file, "Video"),
  video_note: (file) => player("video", { mime_type: "video/mp4", ...file }, "Round video", "round"),
  voice: (file) => player("audio", file, "Voice message"),
  audio: (file) => player("audio", file, [file.performer, file.title].filter(Boolean).join(" – ") || "Audio"),
  document: (file) => fileLink(file, file.file_name ?? "File"),
  venue: ({ title, address, location }) => card("pin", title, address, point(location)),
  location: (place) => card("pin", place.live_period ? "Live location" : "Location", point(place)),
  contact: (who) => card("person", [who.first_name, who.last_name].filter(Boolean).join(" "), who.phone_number),
  poll: (poll) => pollCard(poll),
  dice: ({ emoji, value }) => make("p", { class: "sticker", role: "img", "aria-label": `${emoji} shows ${value}` }, `${emoji} ${value}`),
  game: ({ title, description }) => card("play", title, description),
  invoice: ({ title, description }) => card("file", title, description),
};

const NOTICES = {
  migrate_to_chat_id: () => "This group has become a supergroup",
  migrate_from_chat_id: () => "This group has become a supergroup",
  group_chat_created: () => "The group was created",
  supergroup_chat_created: () => "The group was created",
  new_chat_members: (who) => `${names(who)} joined`,
  left_chat_member: (who) => `${who.first_name} left`,
  new_chat_title: (title) => `The group is now called ${title}`,
  new_chat_photo: () => "The group has a new photo",
  delete_chat_photo: () => "The group's photo was removed",
  pinned_message: () => "A message was pinned",
  forum_topic_created: ({ name }) => `Topic “${name}” was opened`,
  forum_topic_edited: ({ name }) => `The topic was changed${name ? ` to “${name}”` : ""}`,
  forum_topic_closed: () => "The topic was closed",
  forum_topic_reopened: () => "The topic was opened again",
};

/** The kind of what a message holds; null when it is text or something that is not known here. */
export const kindOf = (message) => Object.keys(KINDS).find((kind) => kind in message) ?? null;

/** A node that shows what the message holds; null when there is nothing but text. */
export function content(message) {
  const kind = kindOf(message);
  return kind && KINDS[kind](message[kind]);
}

/** What a service message says; null for a message that somebody wrote. */
export function notice(message) {
  const kind = Object.keys(NOTICES).find((name) => name in message);
  return kind ? NOTICES[kind](message[kind]) : null;
}

/** A message in a few words, to quote it. */
export function summary(message) {
  const kind = kindOf(message);
  return message.text ?? message.caption ?? notice(message) ?? (kind ? `[${kind.replace("_", " ")}]` : "");
}

function picture({ file_id, mime_type, width, height }, alt) {
  const image = make("img", { class: "photo", alt });
  if (width && height) Object.assign(image, { width, height });
  fileUrl(file_id, mime_type).then(
    (url) => (image.src = url),
    (error) => image.replaceWith(missing(error.message)),
  );
  return image;
}

// What the browser cannot play remains a file to save.
function player(tag, file, label, shape = "") {
  const frame = make("figure", { class: `player ${tag} ${shape}` });
  const media = make(tag, { controls: true, preload: "metadata", "aria-label": label });
  const caption = make("figcaption", {}, label, file.duration ? ` · ${clock(file.duration)}` : "");
  const giveUp = () => frame.replaceChildren(fileLink(file, file.file_name ?? label), caption);
  media.addEventListener("error", giveUp);
  fileUrl(file.file_id, file.mime_type).then((url) => (media.src = url), giveUp);
  frame.append(media, caption);
  return frame;
}

function fileLink({ file_id, file_size }, name) {
  return make(
    "a",
    { class: "file", href: downloadPath(file_id), download: name },
    icon("file"),
    make("span", { class: "file-name" }, name),
    make("span", { class: "file-size" }, size(file_size)),
  );
}

function card(image, title, ...lines) {
  const words = make("div", {}, make("p", { class: "card-title", dir: "auto" }, title));
  words.append(...lines.filter(Boolean).map((line) => make("p", { class: "card-line", dir: "auto" }, line)));
  return make("div", { class: "card" }, icon(image), words);
}

function pollCard({ question, options, total_voter_count, is_closed }) {
  const rows = options.map(({ text, voter_count }) =>
    make("li", {}, make("span", { dir: "auto" }, text), make("span", { class: "votes" }, `${voter_count}`)));
  const title = make("p", { class: "card-title", dir: "auto" }, question);
  const votes = `${is_closed ? "Closed · " : ""}${total_voter_count} ${total_voter_count === 1 ? "vote" : "votes"}`;
  return make("div", { class: "poll" }, title, make("ul", {}, ...rows), make("p", { class: "card-line" }, votes));
}

const missing = (words) => make("p", { class: "card-line" }, words);
const point = ({ latitude, longitude }) => `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
const names = (people) => people.map(({ first_name }) => first_name).join(", ");
