// One chat of a person with Countersign: the messages, the cards and the composer.
import { buildCard } from "/page/card.js";
import { buildComposer } from "/page/composer.js";
import { avatar, calm, el, icon } from "/page/dom.js";
import { roleWords, stepWords } from "/page/roles.js";
import { keysOf, person as personOf } from "/page/store.js";
import { timeTag } from "/page/time.js";
import { announce } from "/page/toast.js";

const BOT = "countersign";
const NEAR_END_PX = 60;

function buildText(item, owner) {
  const own = item.from === owner.email;
  const who = item.from === BOT ? "Countersign" : personOf(item.from).name;
  const kind = item.note ? "note" : own ? "own" : "theirs";
  return el(
    "div",
    { class: `message ${kind}`, "data-from": item.from },
    item.note ? el("p", { class: "note-label" }, icon("lock"), "Internal note · only technicians see this") : null,
    el("div", { class: "bubble", dir: "auto" }, item.text),
    el("p", { class: "byline" }, own ? el("span", { class: "unseen" }, who) : el("span", {}, who), timeTag(item.at)),
  );
}

// What to focus again after the focused card was drawn anew.
function focusedIn(log) {
  const active = document.activeElement;
  if (!active || !log.contains(active)) return null;
  const card = active.closest("[data-card]");
  if (!card) return null;
  const mark = ["data-action", "data-expand", "data-fold", "data-details"].find((name) => active.hasAttribute(name));
  return { card: card.dataset.card, selector: mark ? `[${mark}="${CSS.escape(active.getAttribute(mark))}"]` : "h3" };
}

/** Builds a person's chat. `onHide` runs when its owner wants the column away. */
export function buildChat(owner, { onHide }) {
  const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": `Messages of ${owner.name}`, tabindex: "0" });
  const empty = el(
    "div",
    { class: "empty" },
    avatar(owner, "large"),
    el("p", { class: "lead" }, `You are ${owner.name}.`),
    el("p", {}, stepWords(owner)),
  );
  const below = el("button", { type: "button", class: "button plain below", hidden: true }, icon("down"), "New below");
  const composer = buildComposer(owner, () => {
    stuck = true;
    toEnd();
  });
  const section = el(
    "section",
    { class: "chat", "aria-label": `Chat of ${owner.name}`, "data-chat": owner.email },
    el(
      "header",
      {},
      avatar(owner),
      el("div", { class: "who" }, el("h2", { dir: "auto" }, owner.name), el("p", {}, roleWords(owner))),
      el("button", { type: "button", class: "button quiet icon-only wide-only", "data-hide": true, title: "Hide this chat", "aria-label": `Hide ${owner.name}’s chat`, onclick: onHide }, icon("close")),
    ),
    el("div", { class: "log-frame" }, log, below),
    composer.node,
  );

  const drawn = new Map();
  let stuck = true;
  let started = false;

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    below.hidden = true;
  };
  log.addEventListener("scroll", () => {
    if (log.clientHeight === 0) return;
    stuck = atEnd();
    if (stuck) below.hidden = true;
  });
  below.addEventListener("click", () => {
    stuck = true;
    log.scrollTo({ top: log.scrollHeight, behavior: calm() ? "auto" : "smooth" });
    log.focus({ preventScroll: true });
  });
  new ResizeObserver(() => {
    if (stuck) toEnd();
  }).observe(log);

  // Shows the end, but no less than the whole last item: a card taller than the column begins at its top.
  const follow = (fresh) => {
    if (!stuck) {
      below.hidden = fresh.length === 0 || atEnd();
      return;
    }
    const top = fresh.at(-1)?.offsetTop ?? Infinity;
    log.scrollTop = started ? Math.min(log.scrollHeight, top - 12) : log.scrollHeight;
  };

  const say = (item) => {
    if (item.from === owner.email) return;
    const news = item.kind === "card" ? `Card: ${item.title}. ${item.status}.` : `${item.note ? "Internal note" : "Countersign"}: ${item.text}`;
    announce(`${owner.name}’s chat. ${news}`);
  };

  /** Draws the items; what did not change stays as it is, with its focus, selection and opened parts. */
  function update(items) {
    const keys = keysOf(items);
    const focus = focusedIn(log);
    const fresh = [];
    for (const [key, old] of drawn) {
      if (keys.includes(key)) continue;
      old.node.remove();
      drawn.delete(key);
    }
    items.forEach((item, index) => {
      const key = keys[index];
      const state = JSON.stringify(item);
      const old = drawn.get(key);
      let node = old?.node;
      if (old?.state !== state) {
        node = item.kind === "card" ? buildCard(item, owner.email) : buildText(item, owner);
        if (old) old.node.replaceWith(node);
        else fresh.push(node);
        if (started && (!old || old.status !== item.status)) {
          node.classList.add("fresh");
          say(item);
        }
        drawn.set(key, { node, state, status: item.status });
      }
      if (log.children[index] !== node) log.insertBefore(node, log.children[index] ?? null);
    });
    if (items.length === 0) log.replaceChildren(empty);
    else empty.remove();
    composer.setEmpty(items.length === 0);
    if (focus && !document.querySelector("dialog[open]") && !log.contains(document.activeElement)) {
      const card = log.querySelector(`[data-card="${CSS.escape(focus.card)}"]`);
      (card?.querySelector(focus.selector) ?? card?.querySelector("h3") ?? log).focus({ preventScroll: true });
    }
    follow(fresh);
    started = true;
  }

  return { section, update, focus: composer.focus, loadIdeas: composer.loadIdeas, settle: () => stuck && toEnd() };
}
