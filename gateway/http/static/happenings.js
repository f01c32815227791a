// What happened rather than was said, in words: "opened the chat", "joined the group".

import { momentWord, statusWord } from "./words.js";

/** code -> what the sender did; `text` is what else is known, shown only where it means something. */
const ACTS = {
  started: (text) => `opened the chat${text ? ` (link: ${text})` : ""}`,
  status: (text) => `set the status to ${statusWord(text)}`,
  priority: (text) => `set the priority to ${text}`,
  tags: (text) => (text ? `set the tags to ${text}` : "took all tags away"),
  assigned: (text) => `assigned this to ${text || "nobody"}`,
  snoozed: (text) => `snoozed this until ${momentWord(text)}`,
  spam: () => "marked this as spam",
  no_spam: () => "marked this as no spam",
  blocked: () => "blocked the bot: nothing reaches them until they unblock it",
  unblocked: () => "unblocked the bot",
  removed: () => "removed the bot from the group",
  joined: () => "added the bot to the group",
  rights_changed: (text) => `changed what the bot may do here${text ? ` (now ${words(text)})` : ""}`,
  business_connected: () => "connected their business account",
  business_disconnected: () => "disconnected their business account",
  migrated: () => "turned the group into a supergroup",
  message_deleted_of_unknown: () => "deleted a message that is not known here",
  reacted_of_unknown: () => "reacted to a message that is not known here",
};
/** code -> what happened; `text` begins with by whom. */
const DONE = { handed_over: "Handed to support", opened_by_manager: "Opened" };
const TOLD = { woken: "Open again: it was snoozed until now" };
const MEMBERS = {
  joined: ["joined", "added"],
  left: ["left", "removed"],
  removed: ["was removed from", "removed"],
  banned: ["was banned from", "banned"],
};
const MEMBER = "member_";
const NOW = "now_";

/** -> { act }: what the sender did; or { told }: a sentence of its own, which needs no sender. */
export function happening({ code, text = "" }, sender) {
  if (Object.hasOwn(ACTS, code)) return { act: ACTS[code](text) };
  if (code.startsWith(MEMBER)) return { act: membership(code.slice(MEMBER.length), text, sender) };
  if (Object.hasOwn(DONE, code)) return { told: `${DONE[code]} ${text}` };
  return { told: TOLD[code] ?? capital(text || words(code)) };
}

/** Of everything that one line tells. */
export function happenings(parts, sender) {
  const [first, ...others] = parts.map((part) => happening(part, sender));
  return first.act && others.length ? { act: [first, ...others].map(({ act }) => act).join(", ") } : first;
}

/** The same in one line, for lists and quotes. */
export function happeningWords(part, sender) {
  const { act, told } = happening(part, sender);
  return told ?? capital(act);
}

/** `member` is the platform's id of the one it is about, who may be somebody else than the sender. */
function membership(change, member, sender) {
  const self = sender?.id.endsWith(`:${member}`);
  if (change.startsWith(NOW)) {
    const rank = words(change.slice(NOW.length));
    return self ? `is ${rank} now` : `made ${member} ${rank}`;
  }
  const [own, others] = MEMBERS[change] ?? [words(change), words(change)];
  return self ? `${own} the group` : `${others} ${member}`;
}

const words = (code) => code.replaceAll("_", " ");
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
