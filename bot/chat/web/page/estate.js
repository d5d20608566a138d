// The last changes in the demo company's systems: beside the chats, or in a dialog where there is no room.
import * as api from "/page/api.js";
import { el } from "/page/dom.js";
import { openDialog } from "/page/dialog.js";
import { timeTag } from "/page/time.js";

const places = new Set();
let changes = null;
let fetching = null;
let again = false;

function fill(place, { flash }) {
  if (changes === null) return;
  if (changes.length === 0) {
    place.replaceChildren(
      el("p", { class: "hint" }, "Nothing yet. When a request is approved and runs, the change it made appears here."),
    );
    return;
  }
  const known = new Set([...place.querySelectorAll("li")].map((row) => row.dataset.key));
  const fresh = flash && known.size > 0;
  place.replaceChildren(
    el(
      "ol",
      { class: "changes" },
      changes.map((change) => {
        const key = `${change.at} ${change.text}`;
        const news = fresh && !known.has(key);
        return el("li", { "data-key": key, class: news ? "news" : null }, el("p", { dir: "auto" }, change.text), timeTag(change.at));
      }),
    ),
  );
}

/** Fetches the changes and shows them. A failure leaves the old list; the next event tries again. */
export function refreshEstate() {
  if (fetching) {
    again = true;
    return fetching;
  }
  fetching = api
    .estate()
    .then((answer) => {
      changes = answer.changes;
      for (const place of places) fill(place, { flash: true });
    })
    .catch(() => null)
    .finally(() => {
      fetching = null;
      if (again) {
        again = false;
        refreshEstate();
      }
    });
  return fetching;
}

/** Shows the list in its place, and in a dialog at the button's press. */
export function startEstate(place, button) {
  places.add(place);
  button.addEventListener("click", () => {
    const list = el("div", { class: "estate-dialog" });
    places.add(list);
    fill(list, { flash: false });
    openDialog({
      title: "What changed in Acme’s systems",
      body: list,
      cancelLabel: "Close",
      onClosed: () => {
        places.delete(list);
        button.focus();
      },
    });
    refreshEstate();
  });
}
