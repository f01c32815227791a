// What is rarely asked about a message, folded away behind a small sign: times, ids, what was left out.

import { icon, make } from "./dom.js";
import { fullTime } from "./words.js";

const OF_SENDER = /^(author|member|from)\./; // their profile, of which every message tells again

/** A disclosure; a number beside its sign says how many fields of what was said found no place. */
export function detailsNode({ leg, position, message, delivery }) {
  const left = (message.lost ?? []).filter((name) => !OF_SENDER.test(name));
  const node = make("details", { class: left.length ? "details" : "details act" });
  const name = left.length ? `Details, ${left.length} not carried over` : "Details";
  const summary = make("summary", { title: name, "aria-label": name }, icon("info"), left.length || null);
  node.append(summary);
  node.addEventListener("toggle", () => node.open && fill(node, leg, position, message, delivery), { once: true });
  return node;
}

function fill(node, leg, position, message, delivery) {
  const rows = [
    ["At", [fullTime(message.at)]],
    ["Received", message.received_at ? [fullTime(message.received_at)] : []],
    ["Deleted", message.deleted_at ? [fullTime(message.deleted_at)] : []],
    ["Message", [message.id, `${leg} no. ${position}`]],
    ["On the platform", message.refs ?? []],
    ["From", [message.sender.id]],
    ["How sure", message.sender.evidence ? [`${message.sender.level ?? "verified"}: ${message.sender.evidence}`] : []],
    ["Delivery", delivery ? [deliveryWords(delivery)] : []],
    ["Not carried over", message.lost ?? []],
  ].filter(([, values]) => values.length);
  const list = make("dl", { class: "details-list" });
  for (const [name, values] of rows) {
    list.append(make("dt", {}, name), ...values.map((value) => make("dd", { dir: "auto" }, value)));
  }
  node.append(list);
}

function deliveryWords({ state, attempts = 0, at, reason = "" }) {
  const tried = attempts > 1 ? `${attempts} attempts` : "";
  return [state, at && fullTime(at), tried, reason].filter(Boolean).join(" · ");
}
