// Live updates, and the way back when the server was away.
import { el, icon } from "/page/dom.js";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/**
 * Listens to the server's events for as long as the page lives.
 *
 * `onOpen` runs after every (re)connection and fetches everything afresh, because events may have been missed;
 * if it fails, the connection counts as failed. `onChanged` gets the e-mail addresses whose chats changed.
 */
export function listen({ banner, onOpen, onChanged }) {
  let source = null;
  let timer = 0;
  let retry = FIRST_RETRY_MS;
  let away = false;

  const sayAway = () => {
    if (away) return;
    away = true;
    banner.hidden = false;
    banner.className = "banner away";
    banner.replaceChildren(icon("alert"), el("span", {}, "The server is away. Your text is kept; trying again…"));
  };

  const sayBack = () => {
    if (!away) return;
    away = false;
    banner.className = "banner back";
    banner.replaceChildren(icon("check"), el("span", {}, "Back again. Everything is up to date."));
    setTimeout(() => {
      if (!away) banner.hidden = true;
    }, 4_000);
  };

  const fail = (failed) => {
    if (failed !== source) return;
    source?.close();
    source = null;
    sayAway();
    clearTimeout(timer);
    timer = setTimeout(connect, retry);
    retry = Math.min(retry * 1.7, LAST_RETRY_MS);
  };

  function connect() {
    clearTimeout(timer);
    const fresh = new EventSource("/api/events");
    source = fresh;
    fresh.addEventListener("open", async () => {
      try {
        await onOpen();
      } catch {
        fail(fresh);
        return;
      }
      if (fresh !== source) return;
      retry = FIRST_RETRY_MS;
      sayBack();
    });
    fresh.addEventListener("changed", (event) => {
      let chats = [];
      try {
        chats = JSON.parse(event.data).chats ?? [];
      } catch {
        // An unreadable event means "something changed": an empty list fetches all.
      }
      onChanged(chats);
    });
    fresh.addEventListener("error", () => fail(fresh));
  }

  const hurry = () => {
    if (source !== null || document.visibilityState === "hidden") return;
    retry = FIRST_RETRY_MS;
    connect();
  };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
  connect();
}
