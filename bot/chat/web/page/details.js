// The whole way of one request: its calls with their results, and who was asked.
import * as api from "/page/api.js";
import { buildCall, written } from "/page/call.js";
import { openDialog } from "/page/dialog.js";
import { el, humanise } from "/page/dom.js";
import { statusChip } from "/page/status.js";
import { onChat, person } from "/page/store.js";

let refreshOpen = null;

onChat(() => refreshOpen?.());

// Several people come as one text: "ann@x.example, ben@x.example".
const named = (who) => (who ?? "").split(", ").map((one) => (one ? person(one).name : "")).join(", ");

function approvalRow(approval) {
  const asked = !approval.by && (approval.asked ? named(approval.asked) : approval.group);
  const facts = [
    approval.by ? `by ${named(approval.by)}` : "",
    asked ? `asked: ${asked}` : "",
    approval.reason ? `“${approval.reason}”` : "",
  ];
  return el(
    "li",
    {},
    el("strong", {}, humanise(approval.seat)),
    statusChip(approval.status),
    el("span", { dir: "auto" }, facts.filter(Boolean).join(", ")),
    approval.explanation ? el("span", { class: "hint", dir: "auto" }, approval.explanation) : null,
  );
}

function result(call) {
  if (call.result === undefined || call.result === null || call.result === "") return null;
  return el(
    "div",
    { class: "result" },
    el("span", { class: "label" }, "Answer of the system"),
    el("pre", { dir: "auto", tabindex: "0", "aria-label": "Answer of the system" }, written(call.result).text),
  );
}

function steps(calls, key) {
  if (calls.length === 0) return el("p", { class: "hint" }, "Nothing.");
  const rows = calls.map((call, index) => el("li", {}, buildCall(call, `${key} ${index}`), result(call)));
  return el("ol", { class: calls.length > 1 ? "steps" : "single" }, rows);
}

function show(place, id, answer) {
  const { approvals = [], calls = [], reads = [] } = answer;
  const parts = [
    el("p", { class: "details-status" }, statusChip(answer.status), `Asked by ${named(answer.requester)}`),
    answer.outcome ? el("p", { class: "outcome", dir: "auto" }, answer.outcome) : null,
    el("h3", {}, "Who was asked"),
    approvals.length
      ? el("ul", { class: "approvals" }, approvals.map(approvalRow))
      : el("p", { class: "hint" }, "Nobody had to be asked."),
    el("h3", {}, "What runs"),
    steps(calls, `details ${id}`),
    reads.length ? [el("h3", {}, "What was looked up first"), steps(reads, `reads ${id}`)] : null,
  ];
  place.replaceChildren(...parts.flat().filter(Boolean));
}

/** Opens the details of a card's request; they stay true while they are open. */
export function openDetails(item, as) {
  const place = el("div", { class: "details", "aria-live": "polite" }, el("p", { class: "hint" }, "Looking it up…"));
  let last = "";
  const refresh = async () => {
    try {
      const answer = await api.request(item.request);
      const fresh = JSON.stringify(answer);
      if (fresh !== last) show(place, item.request, answer);
      last = fresh;
    } catch (error) {
      if (last === "") place.replaceChildren(el("p", { class: "hint" }, error.message));
    }
  };
  refreshOpen = refresh;
  openDialog({
    title: item.title,
    body: place,
    cancelLabel: "Close",
    wide: true,
    onClosed: () => {
      refreshOpen = null;
      const chat = document.querySelector(`[data-chat="${CSS.escape(as)}"]`);
      chat?.querySelector(`[data-card="${CSS.escape(item.card)}"] [data-details]`)?.focus();
    },
  });
  refresh();
}
