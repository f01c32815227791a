// What codes are called, how times and sizes are written.

import { icon, make } from "./dom.js";

const CHANNELS = { telegram: "Telegram", email: "Email", discord: "Discord" };
const STATUSES = {
  new: ["New", "new", "new"],
  open: ["Open", "open", "open"],
  waiting_customer: ["Waiting for customer", "wait", ""],
  waiting_third_party: ["Waiting for third party", "wait", ""],
  waiting_internal: ["Waiting for us", "wait", ""],
  snoozed: ["Snoozed", "snooze", ""],
  resolved: ["Resolved", "done", "done"],
  closed: ["Closed", "lock", ""],
};
const DELIVERIES = {
  queued: ["Queued", "clock", ""],
  sending: ["Sending", "sending", ""],
  sent: ["Sent", "check", ""],
  delivered: ["Delivered", "checks", "good"],
  read: ["Read", "eye", "good"],
  failed: ["Not delivered", "fail", "bad"],
  unknown: ["May have arrived", "unknown", "odd"],
};
const NO_COPY = /(?:^|; )no copy to /; // so begins, last of all, who of several was refused
const AUDIENCES = { group: "everyone in the group", public: "everybody" };
const MEDIA = {
  image: "Picture", video: "Video", animation: "Animation", audio: "Audio", voice: "Voice message",
  video_note: "Video message", sticker: "Sticker", file: "File",
};

export const channelWord = (channel) => CHANNELS[channel] ?? channel;
export const statusWord = (status) => (STATUSES[status] ?? [status])[0];
export const statusIcon = (status) => (STATUSES[status] ?? ["", "open"])[1];
export const mediaWord = (media) => MEDIA[media] ?? media;
export const audienceWord = (audience) => AUDIENCES[audience] ?? "";
export const audienceIcon = (audience) => (audience === "public" ? "warn" : "group");

/** What an agent may set by hand. */
export const SETTABLE = Object.keys(STATUSES).filter((status) => status !== "new");

export const channelOf = (leg) => leg.thread.channel;

export function channelChip(channel) {
  const known = channel in CHANNELS;
  return make(
    "span",
    { class: `chip ${known ? channel : ""}` },
    icon(known ? channel : "channel"),
    channelWord(channel),
  );
}

/** Where others read along: the group's name, or that there is one; what everybody reads is loud. */
export function audienceChips({ legs }) {
  const wide = legs.filter((leg) => AUDIENCES[leg.audience]);
  const places = new Map(wide.map((leg) => [placeWord(leg), leg.audience]));
  return [...places].map(([name, audience]) =>
    make(
      "span",
      { class: `chip shared ${audience}`, dir: "auto", title: `What is written here is read by ${AUDIENCES[audience]}` },
      icon(audienceIcon(audience)),
      make("span", {}, name),
    ),
  );
}

const placeWord = ({ audience, title }) =>
  audience === "public" ? ["Public", title].filter(Boolean).join(" · ") : title || "Group";

export function statusChip(status) {
  const [word, name, kind] = STATUSES[status] ?? [status, "open", ""];
  return make("span", { class: `chip ${kind}` }, icon(name), word);
}

/** How a conversation is sorted, as far as it is told from others by that. */
export function workChips({ priority = "normal", assignee = "", tags = [] }) {
  const raised = { high: "High", urgent: "Urgent" }[priority];
  return [
    raised ? make("span", { class: "chip odd" }, icon("warn"), raised) : null,
    ...tags.slice(0, 3).map((tag) => make("span", { class: "chip tag", dir: "auto" }, tag)),
    assignee ? make("span", { class: "chip", dir: "auto" }, icon("person"), assignee) : null,
  ].filter(Boolean);
}

/** State and reason of a delivery, as nodes. */
export function deliveryNodes({ state, reason = "", pieces_sent: pieces = 0 }) {
  const [word, name, kind] = DELIVERIES[state] ?? [state, "unknown", "odd"];
  const nodes = [make("span", { class: `state ${kind}` }, icon(name), word)];
  const sent = ["sent", "delivered", "read"].includes(state);
  if (sent && pieces > 1) nodes.push(make("span", {}, `as ${pieces} messages`));
  const refused = sent ? reason.search(NO_COPY) : -1;
  const rest = refused < 0 ? reason : reason.slice(0, refused);
  if (refused >= 0) nodes.push(make("span", { class: "state odd", role: "note" }, icon("warn"), reason.slice(refused).replace(/^; /, "")));
  if (rest) nodes.push(make("span", { class: "reason", dir: "auto" }, reasonWords(state, rest)));
  return nodes;
}

function reasonWords(state, reason) {
  if (state === "queued") return `Will be tried again: ${reason}`;
  if (["sent", "delivered", "read"].includes(state)) return `Shown differently: ${reason}`;
  return reason;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const SIZE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A day and an hour, in words. */
export function momentWord(iso) {
  const date = new Date(iso);
  return `${DATE.format(date)}, ${CLOCK.format(date)}`;
}

export const dayOf = (date) => DAY.format(date);

/** A <time> that shows the hour, or the day if that was another one. */
export function stamp(iso, { day = false } = {}) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  const text = day && !today ? DATE.format(date) : CLOCK.format(date);
  return make("time", { dateTime: date.toISOString(), title: FULL.format(date) }, text);
}

export const fullTime = (iso) => FULL.format(new Date(iso));

/** A length: "0:07", "1:02:03". */
export function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`;
}

export function sizeWord(bytes) {
  if (bytes === undefined || bytes === null) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${SIZE.format(bytes / 1024)} KB`;
  return `${SIZE.format(bytes / 1024 / 1024)} MB`;
}
