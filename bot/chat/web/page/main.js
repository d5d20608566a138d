// Puts the page together.
import { startChats } from "/page/chats.js";
import { startEstate, refreshEstate } from "/page/estate.js";
import { listen } from "/page/events.js";
import { loadAll, loadChat, loadPeople, people } from "/page/store.js";
import { startTheme } from "/page/theme.js";
import { keepTimesTrue } from "/page/time.js";

const byId = (id) => document.getElementById(id);

const chats = startChats(byId("chats"), byId("people"));
startTheme(byId("theme"));
startEstate(byId("estate-list"), byId("show-estate"));
keepTimesTrue();

let peopleDrawn = "";

listen({
  banner: byId("banner"),
  async onOpen() {
    await loadPeople();
    await loadAll();
    const fresh = JSON.stringify(people());
    // Drawing the list anew would take the focus out of it.
    if (fresh !== peopleDrawn) chats.draw();
    peopleDrawn = fresh;
    await refreshEstate();
    document.body.dataset.ready = "true";
  },
  onChanged(emails) {
    const known = new Set(people().map((one) => one.email));
    const wanted = emails.length ? emails.filter((email) => known.has(email)) : [...known];
    for (const email of wanted) loadChat(email).catch(() => null);
    refreshEstate();
  },
});
