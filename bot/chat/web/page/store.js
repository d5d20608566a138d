// What the page knows: the people, their chats, and which items of a chat nobody has looked at yet.
import * as api from "/page/api.js";

// No answer at all, or a proxy that speaks for a server that is not there.
const AWAY = new Set([0, 502, 503, 504]);
const chats = new Map();
const seen = new Map();
const running = new Map();
const listeners = new Set();
let everyone = [];

/** Registers `f(email)`, called after a person's chat changed. */
export function onChat(listener) {
  listeners.add(listener);
}

/** Gives all people, in the server's order. */
export const people = () => everyone;

/** Gives a person by e-mail address; an unknown address still gets a name to show. */
export function person(email) {
  return everyone.find((one) => one.email === email) ?? { id: email, name: email, email, roles: [] };
}

/** Gives the items of a person's chat; undefined until they were fetched. */
export const items = (email) => chats.get(email);

/** Gives what identifies an item across fetches. */
export function keysOf(list) {
  const times = new Map();
  return list.map((item) => {
    const stem = item.kind === "card" ? `card ${item.card}` : `${item.kind} ${item.at} ${item.from}`;
    const count = times.get(stem) ?? 0;
    times.set(stem, count + 1);
    return count === 0 ? stem : `${stem} ${count}`;
  });
}

/** Fetches the people; their order is kept. */
export async function loadPeople() {
  const answer = await api.people();
  // Steps of the golden angle keep neighbours in the list far apart in colour.
  everyone = answer.map((one, index) => ({ ...one, roles: one.roles ?? [], hue: Math.round(250 + index * 137.5) % 360 }));
}

/** Fetches one chat. A call while a fetch runs makes it fetch once more, so that no change is missed. Raises ApiError. */
export function loadChat(email) {
  const entry = running.get(email);
  if (entry) {
    entry.again = true;
    return entry.done;
  }
  const fresh = { again: true, done: null };
  fresh.done = (async () => {
    try {
      while (fresh.again) {
        fresh.again = false;
        await fetchChat(email);
      }
    } finally {
      running.delete(email);
    }
  })();
  running.set(email, fresh);
  return fresh.done;
}

async function fetchChat(email) {
  const answer = await api.chat(email);
  const first = !chats.has(email);
  chats.set(email, answer.items);
  if (first) markSeen(email, (item) => !(item.actions ?? []).some((action) => action.style === "primary"));
  for (const listener of listeners) listener(email);
}

/** Fetches all chats; one that is refused stays as it was. Raises ApiError when the server is away. */
export async function loadAll() {
  await Promise.all(
    everyone.map((one) =>
      loadChat(one.email).catch((error) => {
        if (AWAY.has(error.status)) throw error;
      }),
    ),
  );
}

/** Marks the items of a chat as looked at; with `which`, only those it picks. */
export function markSeen(email, which = () => true) {
  const list = chats.get(email) ?? [];
  const keys = keysOf(list);
  const known = seen.get(email) ?? new Map();
  list.forEach((item, index) => {
    if (which(item)) known.set(keys[index], stateOf(item));
  });
  seen.set(email, known);
}

/** Counts the items of a chat that are new, or changed since they were looked at. */
export function unread(email) {
  const list = chats.get(email) ?? [];
  const keys = keysOf(list);
  const known = seen.get(email) ?? new Map();
  return list.filter((item, index) => item.from !== email && known.get(keys[index]) !== stateOf(item)).length;
}

// A card that only counts down again is not news; a changed status or other buttons are.
function stateOf(item) {
  if (item.kind !== "card") return item.text;
  return JSON.stringify([item.status, item.title, (item.actions ?? []).map((action) => action.id)]);
}
