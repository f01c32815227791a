// The page: who you are, which pane is shown, and the live feed that keeps both views fresh.

import { coalesced, follow, get } from "./api.js";
import { Chat } from "./chat.js";
import { Discord } from "./discord.js";
import { byId, make } from "./dom.js";
import { Mail } from "./mail.js";

const PANES = ["chat", "discord", "mail", "desk"];
const MESSENGERS = ["chat", "discord"]; // one of them at a time where there is room for three panes

async function start() {
  const [about, persons] = await Promise.all([get(""), get("/persons")]);
  const chat = new Chat();
  const discord = new Discord();
  const mail = new Mail(about.support_address, persons);
  showAgent(about.agent_url);
  wireTabs();
  const become = choosePerson(persons, (person) => Promise.all([chat.become(person), discord.become(person), mail.become(person)]));
  await become(persons.find(({ key }) => key === remembered()) ?? persons[0]);
  watch(chat, discord, mail);
}

function watch(chat, discord, mail) {
  let connected = false;
  const tell = (error) => {
    byId("live").textContent = !connected ? "Reconnecting…" : error ? `Not up to date: ${error.message}` : "Live";
    byId("live").classList.toggle("on", connected && !error);
  };
  // What could not be read is read with the next change, or when the feed is back.
  const reading = (pane) => coalesced(() => pane.refresh().then(() => tell(), tell));
  const refreshChat = reading(chat);
  const refreshDiscord = reading(discord);
  const refreshMail = reading(mail);
  const refreshAll = () => [refreshChat, refreshDiscord, refreshMail].forEach((refresh) => refresh());
  const onChange = (change) => {
    if (change.kind === "agent_url") location.reload(); // the policy of the page names its origin
    if (change.kind === "reset") refreshAll();
    if (change.kind === "discord") refreshDiscord();
    if (change.person !== chat.person.key) return;
    if (change.kind === "telegram.action") chat.showAction(change);
    else if (change.kind === "telegram.callback_answer") chat.showToast(change.text);
    else if (change.kind.startsWith("telegram.")) refreshChat();
    else if (change.kind.startsWith("mail.")) refreshMail();
  };
  follow(onChange, (state) => {
    connected = state;
    tell();
    if (connected) refreshAll();
  });
}

function choosePerson(persons, onChoice) {
  const group = byId("persons");
  const become = async (person, focus = false) => {
    for (const button of group.children) {
      const chosen = button.dataset.key === person.key;
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      if (chosen && focus) button.focus();
    }
    remember(person.key);
    await onChoice(person);
  };
  group.append(...persons.map((person) => make(
    "button",
    { type: "button", class: "person", role: "radio", "aria-label": person.name, "data-key": person.key, onclick: () => become(person) },
    make("span", { class: "avatar", "aria-hidden": "true" }, initials(person)),
    make("span", { class: "person-name" }, person.name),
  )));
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = persons.findIndex(({ key }) => key === document.activeElement.dataset.key);
    become(persons.at((at + step) % persons.length), true);
  });
  return become;
}

function wireTabs() {
  const show = (name) => {
    byId("panes").dataset.shown = name;
    if (MESSENGERS.includes(name)) byId("panes").dataset.messenger = name;
    for (const other of PANES) byId(`tab-${other}`).setAttribute("aria-pressed", String(other === name));
  };
  for (const name of PANES) byId(`tab-${name}`).addEventListener("click", () => show(name));
  for (const name of MESSENGERS) byId(`to-${name}`).addEventListener("click", () => show(name));
}

function showAgent(url) {
  const desk = byId("desk");
  desk.hidden = !url;
  byId("desk-empty").hidden = Boolean(url);
  if (url) desk.src = url;
}

const initials = ({ first_name, last_name }) => `${first_name[0] ?? ""}${last_name[0] ?? ""}`;

// Private windows refuse storage; the choice is then forgotten, which does no harm.
function remembered() {
  try {
    return localStorage.getItem("sandbox-person");
  } catch {
    return null;
  }
}

function remember(key) {
  try {
    localStorage.setItem("sandbox-person", key);
  } catch {
    return;
  }
}

start().catch((error) => {
  byId("live").textContent = `The sandbox does not answer: ${error.message}`;
});
