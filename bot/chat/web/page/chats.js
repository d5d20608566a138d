// Which chats are on the screen: columns where there is room, a single one where there is not.
import { buildChat } from "/page/chat.js";
import { calm, el } from "/page/dom.js";
import { startPeople } from "/page/people.js";
import { recall, remember } from "/page/prefs.js";
import { groupOf } from "/page/roles.js";
import { items, markSeen, onChat, people, person, unread } from "/page/store.js";

const NARROW = matchMedia("(max-width: 859px)");
const COLUMN_PX = 360;
const FEWEST = 3;

/** Starts the chats in `place` and the person list in `rail`; gives `draw()` for when the people were loaded. */
export function startChats(place, rail) {
  const columns = new Map();
  const hidden = new Set(recall("hidden", []));
  let shown = recall("shown", []);
  let active = recall("active", null);
  let ready = false;
  const list = startPeople(rail, pick);
  const nobody = el("p", { class: "lonely", hidden: true }, "Every chat is hidden. Choose a person to open theirs.");
  place.append(nobody);

  const room = () => Math.max(FEWEST, Math.floor(place.clientWidth / COLUMN_PX));
  const inView = (email) => (NARROW.matches ? email === active : shown.includes(email));

  function column(email) {
    let chat = columns.get(email);
    if (!chat) {
      chat = buildChat(person(email), { onHide: () => hide(email) });
      columns.set(email, chat);
      chat.update(items(email) ?? []);
      chat.loadIdeas();
    }
    return chat;
  }

  function hide(email) {
    const at = shown.indexOf(email);
    shown = shown.filter((one) => one !== email);
    hidden.add(email);
    render();
    const next = shown[Math.min(at, shown.length - 1)];
    if (next) column(next).focus();
    else rail.querySelector(`[data-person="${CSS.escape(email)}"]`)?.focus();
  }

  function pick(email) {
    hidden.delete(email);
    if (!shown.includes(email)) shown = [...shown, email];
    active = email;
    render();
    const chat = column(email);
    chat.section.scrollIntoView({ inline: "nearest", block: "nearest", behavior: calm() ? "auto" : "smooth" });
    chat.settle();
    // On a phone the focus stays in the strip: the keyboard would cover half the chat.
    if (!NARROW.matches) chat.focus();
  }

  // A first-time visitor sees the whole story: someone who asks, their manager, and a technician.
  function cast() {
    const asker = people().find((one) => groupOf(one) === "employee" && one.manager) ?? people().find((one) => groupOf(one) === "employee") ?? people()[0];
    const manager = people().find((one) => asker?.manager && [one.name, one.email, one.id].includes(asker.manager));
    const technician = people().find((one) => groupOf(one) === "technician") ?? people().find((one) => groupOf(one) === "admin");
    return [...new Set([asker, technician, manager].filter(Boolean).map((one) => one.email))];
  }

  function arrange() {
    const known = new Set(people().map((one) => one.email));
    shown = shown.filter((email) => known.has(email));
    if (shown.length === 0) shown = cast().filter((email) => !hidden.has(email));
    for (const one of people()) welcome(one.email);
    if (!known.has(active)) active = shown[0] ?? people()[0]?.email ?? null;
  }

  // Activity opens a column while there is room, unless that chat was hidden on purpose.
  function welcome(email) {
    if (shown.includes(email) || hidden.has(email) || !items(email)?.length) return;
    if (shown.length < room()) shown = [...shown, email];
  }

  function render() {
    const narrow = NARROW.matches;
    const visible = narrow ? [active].filter(Boolean) : shown;
    for (const email of visible) column(email);
    for (const [email, chat] of columns) chat.section.hidden = !visible.includes(email);
    const wanted = visible.map((email) => columns.get(email).section);
    place.append(...wanted.filter((section) => !section.isConnected));
    // Moving a section loses its scroll position and focus, so it is done only when the order is wrong.
    const placed = [...place.children].filter((section) => wanted.includes(section));
    if (placed.some((section, index) => section !== wanted[index])) place.append(...wanted);
    nobody.hidden = visible.length > 0;
    remember("shown", shown);
    remember("hidden", [...hidden]);
    remember("active", active);
    mark();
    if (narrow && active) list.reveal(active);
  }

  function mark() {
    if (document.visibilityState === "visible") {
      for (const one of people()) if (inView(one.email)) markSeen(one.email);
    }
    list.mark({ shown, active: NARROW.matches ? active : null, unread });
    const waiting = people().reduce((sum, one) => sum + unread(one.email), 0);
    document.title = waiting ? `(${waiting}) Countersign playground` : "Countersign playground";
  }

  onChat((email) => {
    columns.get(email)?.update(items(email));
    if (!ready) return;
    const count = shown.length;
    welcome(email);
    if (shown.length !== count) render();
    else mark();
  });
  NARROW.addEventListener("change", () => ready && render());
  document.addEventListener("visibilitychange", () => ready && mark());

  return {
    draw() {
      list.draw();
      for (const [email, chat] of columns) {
        if (people().some((one) => one.email === email)) continue;
        chat.section.remove();
        columns.delete(email);
      }
      arrange();
      ready = true;
      render();
      for (const chat of columns.values()) chat.loadIdeas();
    },
  };
}
