// The agent's page, put together: sign in, then inbox, conversation, composer and live stream.

import { Api, forgetToken, keepToken, takeToken } from "./api.js";
import { Blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { Finder } from "./finder.js";
import { Changes } from "./changes.js";
import { byId, showError } from "./dom.js";
import { InboxList } from "./inbox.js";
import { Inboxes } from "./inboxes.js";
import { Links } from "./links.js";
import { listen } from "./live.js";
import { Sorting } from "./sorting.js";
import { Thread } from "./thread.js";

const GATHER_MS = 150; // events that come together lead to one reading

function askForToken(message = "") {
  byId("desk").hidden = true;
  byId("sign-in").hidden = false;
  showError(byId("sign-in-error"), message ? { message } : null);
  byId("token").focus();
}

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  try {
    await new Api(token, () => {}).get("/api/v1/conversations?limit=1");
    keepToken(token);
    location.reload();
  } catch (error) {
    showError(byId("sign-in-error"), error);
  }
});

byId("sign-out").addEventListener("click", () => {
  forgetToken();
  location.replace(location.pathname);
});

function start(token) {
  const ending = new AbortController();
  const api = new Api(token, () => {
    ending.abort();
    forgetToken();
    askForToken("This token is not valid any more.");
  });
  let myName = "";
  const me = () => myName;
  api.get("/api/v1/me").then(({ name }) => (myName = name)).catch(() => {});
  const inboxes = new Inboxes(api, () => {
    thread.redraw();
    composer.redraw();
  });
  const thread = new Thread(api, inboxes, {
    changed: (conversation, lastHeard) => {
      composer.show(conversation, lastHeard);
      sorting.show(conversation);
      blocks.show(conversation);
    },
    answer: (entry, quote, all) => composer.answer(entry, quote, all),
    retry: (pending) => composer.send(pending),
    edit: (pending) => composer.edit(pending),
    acts: {
      edit: (entry, form) => composer.rework(entry, form),
      remove: (entry) => changes.remove(entry),
      react: (entry, emoji) => changes.react(entry, emoji),
    },
  });
  const changes = new Changes(api, thread);
  const composer = new Composer(api, thread, inboxes, open);
  const inbox = new InboxList(api, open, me);
  const sorting = new Sorting(api, me, () => refresh());
  const blocks = new Blocks(api);
  new Finder(api, open);
  const links = new Links(api, () => refresh());

  async function open(reference, place = null) {
    try {
      const conversation = await thread.open(reference);
      inbox.select(conversation);
      history.replaceState(null, "", `#${conversation.number}`);
      showError(byId("list-error"), null);
      byId("desk").dataset.shown = "thread";
      thread.toEnd(); // where it is narrow, it could not scroll before it was shown
      if (place) await thread.showAt(place);
      else if (byId("back").checkVisibility()) byId("thread-name").focus();
    } catch (error) {
      showError(byId("list-error"), error);
    }
  }

  async function refresh() {
    await Promise.all([inbox.refresh(), thread.refresh()]);
    inbox.select(thread.conversation);
  }

  let gathering = 0;
  let concerned = false;
  function told(event) {
    concerned ||= thread.concerns(event);
    gathering ||= setTimeout(() => {
      gathering = 0;
      if (concerned) thread.refresh();
      concerned = false;
      inbox.refresh();
    }, GATHER_MS);
  }

  byId("back").addEventListener("click", () => {
    byId("desk").dataset.shown = "list";
    document.querySelector(".row[aria-current=true]")?.focus();
  });
  byId("link-open").addEventListener("click", () => links.show(thread.conversation));

  byId("sign-in").hidden = true;
  byId("desk").hidden = false;
  const wanted = decodeURIComponent(location.hash.slice(1));
  listen(api, ending.signal, {
    told,
    reset: refresh,
    state: (on) => {
      byId("live").classList.toggle("on", on);
      byId("live").textContent = on ? "Live" : "Reconnecting…";
    },
  });
  if (wanted) open(wanted);
}

const token = takeToken();
if (token) start(token);
else askForToken();
