// Short notices, and words for people who listen to the page.
import { el, icon } from "/page/dom.js";

const PICTURES = { good: "check", info: "info", bad: "alert" };
const STAYS_MS = { good: 6_000, info: 9_000, bad: 12_000 };

/** Shows a notice: `tone` is good, info or bad. It waits while the pointer or the focus is on it. */
export function toast(sentence, tone = "good") {
  const region = document.getElementById("toasts");
  const notice = el(
    "div",
    { class: `toast ${tone}`, role: tone === "bad" ? "alert" : null },
    icon(PICTURES[tone]),
    el("p", {}, sentence),
    el("button", { type: "button", class: "button quiet icon-only", "aria-label": "Dismiss", onclick: () => leave() }, icon("close")),
  );
  let timer = 0;
  const leave = () => {
    clearTimeout(timer);
    notice.remove();
  };
  const wait = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, STAYS_MS[tone]);
  };
  for (const name of ["pointerenter", "focusin"]) notice.addEventListener(name, wait);
  for (const name of ["pointerleave", "focusout"]) notice.addEventListener(name, go);
  while (region.children.length > 2) region.firstElementChild.remove();
  region.append(notice);
  if (tone !== "bad") announce(sentence);
  go();
}

let pending = [];

/** Has a screen reader say a sentence when it is free; sentences of the same moment are said together. */
export function announce(sentence) {
  pending.push(sentence);
  if (pending.length > 1) return;
  setTimeout(() => {
    document.getElementById("announcer").textContent = pending.slice(-4).join(" ");
    pending = [];
  }, 150);
}
