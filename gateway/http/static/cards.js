// Content in the form of a small card: places, contacts, polls, buttons, links.

import { icon, make } from "./dom.js";
import { linkTo, safeAddress } from "./richtext.js";

const COPIED_MS = 1500;

/** A place by its name; the map is a link, nothing is asked of anybody before it is followed. */
export function locationNode({ latitude, longitude, accuracy_metres: around = 0, live_seconds: live = 0, title, address }) {
  const kind = live ? `Live location, shared for ${Math.round(live / 60)} min` : title ? "Place" : "Location";
  const query = new URLSearchParams({ mlat: latitude, mlon: longitude });
  const map = `https://www.openstreetmap.org/?${query}#map=16/${latitude}/${longitude}`;
  const point = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}${around ? ` ± ${Math.round(around)} m` : ""}`;
  return card(
    "pin",
    title || kind,
    title ? line(kind) : null,
    address ? line(address) : null,
    make("p", { class: "card-line" }, make("bdi", {}, point)),
    make("div", { class: "card-acts" }, linkTo(map, "Open map")),
  );
}

export function contactNode({ name, phone = "", email = "", vcard = "" }) {
  const acts = [
    phone ? make("a", { href: `tel:${phone.replace(/[^\d+]/g, "")}` }, "Call") : null,
    email ? linkTo(`mailto:${email}`, "Write") : null,
    phone || email ? copyButton(phone || email) : null,
    vcard ? vcardLink(vcard, name) : null,
  ];
  return card(
    "person",
    name || "Contact",
    ...[phone, email].filter(Boolean).map(line),
    make("div", { class: "card-acts" }, ...acts),
  );
}

/** As bars; the numbers are those at the time at which the poll was sent or told of last. */
export function pollNode({ question, options, multiple = false, closed = false }) {
  const votes = options.reduce((sum, option) => sum + (option.votes ?? 0), 0);
  const kind = [closed ? "Closed poll" : "Poll", multiple ? "several answers" : "", counted(votes)];
  const bars = options.map((option) => bar(option.text, option.votes ?? 0, votes));
  return make(
    "div",
    { class: "card poll" },
    make("p", { class: "card-title", dir: "auto" }, question),
    make("p", { class: "card-line" }, kind.filter(Boolean).join(" · ")),
    make("ul", {}, ...bars),
  );
}

/** What was offered, as it was laid out; only the customer can press it. */
export function offerNode({ rows }) {
  const one = (button) => {
    const address = button.url && safeAddress(button.url);
    const label = make("bdi", {}, button.label);
    return make("li", {}, address ? linkTo(address, label, icon("out")) : label);
  };
  const node = make("div", { class: "offer", role: "group", "aria-label": "Buttons offered" });
  node.append(...rows.map((row) => make("ul", {}, ...row.map(one))));
  return node;
}

export function choiceNode({ label, value }) {
  return make("p", { class: "choice", dir: "auto" }, icon("tap"), "Chose: ", make("b", {}, label || value));
}

export function linkNode(address) {
  const safe = safeAddress(address);
  return make("p", { class: "line" }, safe ? linkTo(safe, address) : address);
}

function card(name, title, ...lines) {
  return make(
    "div",
    { class: "card" },
    make("span", { class: "card-icon" }, icon(name)),
    make("div", { class: "card-body" }, make("p", { class: "card-title", dir: "auto" }, title), ...lines),
  );
}

const line = (text) => make("p", { class: "card-line", dir: "auto" }, text);
const counted = (votes) => (votes === 1 ? "1 vote" : votes ? `${votes} votes` : "no votes yet");

function bar(text, votes, all) {
  const share = all ? Math.round((100 * votes) / all) : 0;
  const filled = make("span", { class: "poll-bar", "aria-hidden": "true" });
  filled.style.setProperty("--share", `${share}%`);
  const count = make("span", { class: "poll-count" }, all ? `${share}% (${votes})` : "");
  return make("li", {}, make("span", { class: "bar-text", dir: "auto" }, text), count, filled);
}

function copyButton(text) {
  const button = make("button", { type: "button", class: "plain" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = (await copied(text)) ? "Copied" : "Not copied";
    setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
  });
  return button;
}

/** In a frame, or without https, the page may not use the clipboard by itself. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make("textarea", { class: "quiet", value: text, "aria-hidden": "true" });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function vcardLink(vcard, name) {
  const button = make("button", { type: "button", class: "plain" }, "Save vCard");
  button.addEventListener("click", () => {
    const href = URL.createObjectURL(new Blob([vcard], { type: "text/vcard" }));
    make("a", { href, download: `${name || "contact"}.vcf` }).click();
    URL.revokeObjectURL(href);
  });
  return button;
}
