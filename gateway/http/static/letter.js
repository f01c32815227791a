// A mail as it was sent: its HTML form, in a frame that has no origin and asks nobody for anything.

import { icon, make } from "./dom.js";
import { whileBusy } from "./files.js";
import { leadsElsewhere } from "./leads.js";

const FRAME = "/static/letter.html";
const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox";
const HEIGHT_MAX = 20_000;
const PICTURES_MAX = 50;
const PICTURE = /\bsrc="cid:([^"]+)"/g; // as the cleaned form spells it
const AS = { text: "Show as sent", letter: "Show as text" };

const shown = new Set(); // digests of the forms that an agent chose to see

/**
 * The text of a mail with a way to see it as it was sent. `pictures` are the attachments that its
 * form may show; where it does, they are not shown once more below.
 */
export function letterNode(part, text, pictures, files) {
  const word = make("span", {}, AS.text);
  const button = make("button", { type: "button", class: "as-sent", "aria-pressed": "false" }, icon("letter"), word);
  const node = make("div", { class: "letter" }, text, button);
  let frame = null;
  const turn = async (on) => {
    if (on && !frame) {
      frame = await framed(part.html, pictures, files);
      node.insertBefore(frame.node, button);
    }
    text.hidden = on;
    if (frame) frame.node.hidden = !on;
    for (const id of frame?.used ?? []) hide(node, id, on);
    word.textContent = on ? AS.letter : AS.text;
    button.setAttribute("aria-pressed", String(on));
    if (on) shown.add(part.html);
    else shown.delete(part.html);
  };
  button.addEventListener("click", () => whileBusy(button, () => turn(text.hidden === false)));
  if (shown.has(part.html)) whileBusy(button, () => turn(true));
  return node;
}

function hide(node, id, on) {
  const below = node.closest(".bubble")?.querySelector(`[data-attachment="${CSS.escape(id)}"]`);
  if (below) below.hidden = on;
}

async function framed(digest, pictures, files) {
  const html = await files.form(digest);
  const named = new Set([...html.matchAll(PICTURE)].map(([, id]) => id));
  const used = pictures.filter((one) => named.has(one.id)).slice(0, PICTURES_MAX);
  const bytes = await Promise.all(used.map(async (one) => [one.id, await files.picture(one).catch(() => null)]));
  const here = new Map(bytes.filter(([, blob]) => blob));
  const node = make("iframe", { class: "letter-frame", title: "Mail as it was sent", src: FRAME });
  node.setAttribute("sandbox", SANDBOX);
  node.addEventListener("load", () => handOver(node, { html, pictures: here })); // again, should it be moved
  return { node, used: [...here.keys()] };
}

function handOver(node, letter) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: { height, links } }) => {
    if (links) port1.postMessage(links.map(([words, address]) => leadsElsewhere(words, address)));
    if (height) node.style.blockSize = `${Math.min(height, HEIGHT_MAX)}px`;
  };
  node.contentWindow.postMessage(letter, "*", [port2]); // it has no origin to be named
}
