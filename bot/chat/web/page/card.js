// A card: who wants what, what it changes, who is asked, until when, and the buttons.
import { runAction } from "/page/actions.js";
import { buildCall } from "/page/call.js";
import { openDetails } from "/page/details.js";
import { el, freshId, icon } from "/page/dom.js";
import { isSettled, statusChip } from "/page/status.js";
import { timeTag } from "/page/time.js";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const folds = new Map();

function facts(list) {
  if (!list?.length) return null;
  return el(
    "dl",
    { class: "facts" },
    list.map(({ label, value }) =>
      el(
        "div",
        {},
        el("dt", {}, label),
        el("dd", { dir: "auto" }, MOMENT.test(value) ? timeTag(value) : String(value ?? "")),
      ),
    ),
  );
}

function warnings(list) {
  if (!list?.length) return null;
  return el("ul", { class: "warnings", "aria-label": "Warnings" }, list.map((text) => el("li", { dir: "auto" }, icon("alert"), el("span", {}, text))));
}

function quotes(list) {
  return (list ?? []).filter(({ text }) => text).map(({ label, text }) =>
    el(
      "figure",
      { class: "quote" },
      el("figcaption", {}, el("span", {}, label), /not checked/i.test(label) ? null : el("span", { class: "unchecked" }, "not checked")),
      el("blockquote", { dir: "auto" }, text),
    ),
  );
}

function calls(item, as) {
  const list = item.calls ?? [];
  if (list.length === 0) return null;
  const key = `${as} ${item.card}`;
  const steps = list.map((call, index) => buildCall(call, `${key} ${index}`, list.length === 1 ? item.title : ""));
  const open = folds.get(key) ?? ((item.actions ?? []).length > 0 || !isSettled(item.status));
  const words = list.length === 1 ? "What runs" : `What runs, in ${list.length} steps`;
  const body = list.length === 1 ? steps : el("ol", { class: "steps" }, steps.map((step) => el("li", {}, step)));
  const fold = el("details", { class: "calls", open }, el("summary", { "data-fold": "calls" }, icon("arrow"), words), body);
  // The first toggle event only reports how the fold was built.
  fold.addEventListener("toggle", () => {
    if (fold.open !== open || folds.has(key)) folds.set(key, fold.open);
  });
  return fold;
}

function buttons(item, as) {
  return (item.actions ?? []).map((action) =>
    el(
      "button",
      {
        type: "button",
        class: `button ${["primary", "danger"].includes(action.style) ? action.style : "plain"}`,
        "data-action": action.id,
        "aria-haspopup": action.dialog ? "dialog" : null,
        onclick: (event) => runAction(item, action, as, event.currentTarget),
      },
      action.label + (action.dialog && !/…|\.\.\.$/.test(action.label) ? "…" : ""),
    ),
  );
}

/** Builds the card of one chat item, as the person `as` sees it. */
export function buildCard(item, as) {
  const title = freshId("card");
  const details = item.request
    ? el("button", { type: "button", class: "link", "data-details": item.request, onclick: () => openDetails(item, as) }, "Details")
    : null;
  return el(
    "article",
    { class: `card ${isSettled(item.status) ? "settled" : ""}`, "data-card": item.card, "data-status": item.status, "aria-labelledby": title },
    el("header", {}, statusChip(item.status), item.at ? timeTag(item.at) : null, details),
    el("h3", { id: title, tabindex: "-1", dir: "auto" }, item.title),
    warnings(item.warnings),
    facts(item.facts),
    calls(item, as),
    quotes(item.quotes),
    item.actions?.length ? el("footer", { class: "actions" }, buttons(item, as)) : null,
  );
}
