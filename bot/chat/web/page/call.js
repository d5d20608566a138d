// A tool call as an approver must see it: every argument, its true value, nothing cut off unnoticed.
import { el, humanise } from "/page/dom.js";
import { decisionWords, effectChip, statusChip } from "/page/status.js";

const LONG_CHARACTERS = 280;
const LONG_LINES = 7;
const opened = new Set();

/** Gives what is shown for a value, and a mark where the look alone would mislead: "42" as text is not the number 42. */
export function written(value) {
  if (typeof value !== "string") return { text: JSON.stringify(value, null, 2), kind: "" };
  if (value === "") return { text: "", kind: "empty" };
  try {
    JSON.parse(value);
    return { text: value, kind: "text" };
  } catch {
    return { text: value, kind: "" };
  }
}

const isLong = (text) => text.length > LONG_CHARACTERS || text.split("\n").length > LONG_LINES;

function valueNode(value, key) {
  const { text, kind } = written(value);
  const lines = text.split("\n");
  const code = el("code", { class: "value", dir: "auto" }, text);
  const mark = kind ? el("span", { class: "kind" }, kind) : null;
  if (!isLong(text)) return [code, mark];
  const size = lines.length > LONG_LINES ? `${lines.length} lines` : `${text.length.toLocaleString("en")} characters`;
  const button = el("button", { type: "button", class: "link", "data-expand": key });
  const show = () => {
    const all = opened.has(key);
    code.classList.toggle("cut", !all);
    button.setAttribute("aria-expanded", String(all));
    button.textContent = all ? "Show less" : `Show all ${size}`;
  };
  button.addEventListener("click", () => {
    if (opened.has(key)) opened.delete(key);
    else opened.add(key);
    show();
  });
  show();
  return [code, mark, button];
}

function argumentRows(values, key) {
  const names = Object.keys(values ?? {});
  if (names.length === 0) return el("p", { class: "hint" }, "No arguments.");
  return el(
    "dl",
    { class: "arguments" },
    names.map((name) => {
      const tall = written(values[name]).text.includes("\n") || isLong(written(values[name]).text);
      return el("div", { class: tall ? "tall" : null }, el("dt", { dir: "auto" }, name), el("dd", {}, valueNode(values[name], `${key} ${name}`)));
    }),
  );
}

/**
 * Builds one call. `key` names it across live updates, so that opened values stay open;
 * `above` is the title that already stands over it and is not said twice.
 */
export function buildCall(call, key, above = "") {
  const [connector, ...rest] = String(call.tool).split(":");
  const title = call.title || humanise(rest.join(":") || connector);
  return el(
    "div",
    { class: "call", "data-tool": call.tool },
    title === above ? null : el("strong", { class: "call-title", dir: "auto" }, title),
    el(
      "p",
      { class: "call-facts" },
      call.effect ? effectChip(call.effect) : null,
      // "Proposed" is where every call starts; a chip for it would say nothing.
      call.status && call.status !== "proposed" ? statusChip(call.status) : null,
      call.decision ? el("span", {}, decisionWords(call.decision)) : null,
    ),
    call.reason ? el("p", { class: "call-reason", dir: "auto" }, call.reason) : null,
    el("code", { class: "tool-name" }, call.tool),
    argumentRows(call.arguments, key),
  );
}

/** Opens every folded step and every cut value inside a node; says whether there was one. */
export function openAll(node) {
  const folds = [...node.querySelectorAll("details.calls:not([open])")];
  const buttons = [...node.querySelectorAll("[data-expand][aria-expanded='false']")];
  for (const fold of folds) fold.open = true;
  for (const button of buttons) button.click();
  return folds.length + buttons.length > 0;
}
