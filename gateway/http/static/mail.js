// What mail says besides its words: from which address, how surely, to whom else, by what machine.

import { icon, make } from "./dom.js";

const MACHINES = {
  absence: "Out of office", reply: "Automatic reply", bulk: "List or notification", report: "Report",
};
const PROTECTIONS = {
  smime_signed: ["check", "Signed (S/MIME), not checked"],
  smime_encrypted: ["lock", "Encrypted (S/MIME), cannot be read here"],
  pgp_signed: ["check", "Signed (PGP), not checked"],
  pgp_encrypted: ["lock", "Encrypted (PGP), cannot be read here"],
};
const ROLES = { to: "Also to", cc: "Copy to" };
const NAMED_MAX = 4;
const NUMBER = /\s*\[T-[^\]]{2,24}\]/gi;
const MARK = /^\p{L}{1,4}(?:\[\d+\])?\s?[:：]\s*/u; // "Re:" in any language is short

/** The address of somebody known by mail; "" for whoever is known otherwise. */
export function addressOf(identity = "") {
  const [channel, , ...rest] = identity.split(":");
  return channel === "email" ? rest.join(":") : "";
}

/** An address reads from left to right wherever it stands. */
export const addressNode = (address) => make("bdi", { class: "address", dir: "ltr" }, address);

/** What stands beside the sender's name. */
export function senderNodes({ direction, sender, automatic, protection }) {
  const address = direction === "in" ? addressOf(sender.id) : "";
  const [sign, word] = PROTECTIONS[protection] ?? [];
  return [
    address && address !== sender.name ? addressNode(address) : null,
    address ? levelNode(sender) : null,
    MACHINES[automatic] ? make("span", { class: "chip" }, icon("machine"), MACHINES[automatic]) : null,
    word ? make("span", { class: "chip" }, icon(sign), word) : null,
  ];
}

/** Quiet where it is proven or cannot be known; what is disproven has a line of its own. */
function levelNode({ level = "verified", evidence = "" }) {
  if (level === "unverified") {
    return make("span", { class: "level", title: evidence || "Nothing proves who wrote this" }, "Not verified");
  }
  if (level !== "verified" || !evidence) return null;
  const title = `Verified: ${evidence}`;
  return make("span", { class: "level good", role: "img", title, "aria-label": title }, icon("check"));
}

/** Loud: somebody else may have written it. */
export function forgedNode({ sender }) {
  if (sender.level !== "failed") return null;
  const address = addressOf(sender.id);
  const what = address ? ["This may not be from ", addressNode(address), "."] : ["This may not be from who it says."];
  const why = sender.evidence ? ` ${sender.evidence}.` : "";
  return make("p", { class: "forged", role: "note" }, icon("warn"), make("span", {}, make("b", {}, ...what), why));
}

/** The same in a list. */
export const forgedChip = ({ sender }) =>
  sender.level === "failed" ? make("span", { class: "chip bad" }, icon("warn"), "May be forged") : null;

/** Who else has it, by role; many are folded. */
export function recipientNodes({ recipients = [] }) {
  return Object.entries(ROLES).map(([role, word]) => {
    const people = recipients.filter((one) => (one.role ?? "to") === role);
    if (!people.length) return null;
    const rest = people.slice(NAMED_MAX);
    const more = rest.length
      ? make("details", {}, make("summary", {}, `and ${rest.length} more`), ...listed(rest))
      : null;
    return make("div", { class: "recipients" }, `${word}: `, ...listed(people.slice(0, NAMED_MAX)), more);
  });
}

const listed = (people) => people.flatMap((one, at) => (at ? [", ", personNode(one)] : [personNode(one)]));

function personNode({ name = "", address }) {
  const known = name && name !== address ? [make("bdi", {}, name), " "] : [];
  return make("span", { class: "person" }, ...known, addressNode(address));
}

/** What their machine answered is seldom worth reading; through a list people write, too. */
export function folded({ automatic, direction }, nodes) {
  if (direction === "out" || !MACHINES[automatic] || automatic === "bulk") return nodes;
  return [make("details", { class: "folded" }, make("summary", {}, "Show what it says"), ...nodes)];
}

/** Whether two subjects are one, but for marks of answering before them and our number behind. */
export const isSameSubject = (one, other) => bare(one) === bare(other);

function bare(subject) {
  const words = subject.replace(NUMBER, "").trim();
  return MARK.test(words) ? bare(words.replace(MARK, "")) : words;
}
