// The list of people: who you can be, whose chat is shown, and where something waits.
import { avatar, el } from "/page/dom.js";
import { GROUPS, groupOf, roleWords } from "/page/roles.js";
import { people } from "/page/store.js";

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Makes the person list in `place`; `onPick(email)` runs at a press. */
export function startPeople(place, onPick) {
  const rows = new Map();

  const buttons = () => [...place.querySelectorAll("button[data-person]")];

  const rove = (target) => {
    for (const button of buttons()) button.tabIndex = button === target ? 0 : -1;
  };

  place.addEventListener("keydown", (event) => {
    const all = buttons();
    const here = all.indexOf(document.activeElement);
    if (here < 0) return;
    const step = STEPS[event.key];
    const target = step ? all[(here + step + all.length) % all.length] : { Home: all[0], End: all.at(-1) }[event.key];
    if (!target) return;
    event.preventDefault();
    rove(target);
    target.focus();
  });

  function row(one) {
    const badge = el("span", { class: "badge", hidden: true });
    const words = el("span", { class: "unseen" });
    const [, givenName, surname] = one.name.match(/^(\S+)(.*)$/s) ?? ["", one.name, ""];
    const button = el(
      "button",
      { type: "button", class: "person", "data-person": one.email, tabindex: "-1", onclick: () => { rove(button); onPick(one.email); } },
      avatar(one),
      el("span", { class: "names" }, el("span", { class: "name", dir: "auto" }, givenName, el("span", { class: "surname" }, surname)), el("span", { class: "title", dir: "auto" }, one.title || roleWords(one))),
      badge,
      words,
    );
    rows.set(one.email, { button, badge, words });
    return button;
  }

  return {
    /** Draws the list anew, for when the people changed. */
    draw() {
      rows.clear();
      const groups = GROUPS.map(([id, label]) => [label, people().filter((one) => groupOf(one) === id)]);
      place.replaceChildren(
        ...groups
          .filter(([, members]) => members.length > 0)
          .map(([label, members]) => el("div", { class: "group", role: "group", "aria-label": label }, el("h2", { "aria-hidden": "true" }, label), members.map(row))),
      );
      const first = buttons()[0];
      if (first) first.tabIndex = 0;
    },
    /** Shows whose chat is in view (`shown`), which one is the only one (`active` or null), and what waits (`unread(email)`). */
    mark({ shown, active, unread }) {
      for (const [email, { button, badge, words }] of rows) {
        const open = active === null ? shown.includes(email) : email === active;
        const count = unread(email);
        button.classList.toggle("open", open);
        if (active !== null && open) {
          button.setAttribute("aria-current", "true");
          rove(button);
        } else {
          button.removeAttribute("aria-current");
        }
        badge.hidden = count === 0;
        badge.textContent = count > 99 ? "99+" : String(count);
        words.textContent = [open ? ", chat shown" : "", count ? `, ${count} unread` : ""].join("");
      }
    },
    /** Brings a person's button into view, where the list is a strip. */
    reveal(email) {
      rows.get(email)?.button.scrollIntoView({ block: "nearest", inline: "nearest" });
    },
  };
}
