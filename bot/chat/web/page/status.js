// The words, tones and pictures for statuses, effects and decisions. Never colour alone.
import { el, humanise, icon } from "/page/dom.js";

const STATUSES = {
  received: ["Received", "busy", "inbox"],
  planning: ["Planning", "busy", "dots"],
  waiting: ["Waiting", "wait", "clock"],
  executing: ["Running", "busy", "dots"],
  answered: ["Answered", "good", "check"],
  done: ["Done", "good", "check"],
  failed: ["Failed", "bad", "alert"],
  denied: ["Denied", "bad", "ban"],
  expired: ["Expired", "calm", "clock"],
  withdrawn: ["Withdrawn", "calm", "undo"],
  attention: ["Needs attention", "warn", "alert"],
  noted: ["Noted", "calm", "pencil"],
  approved: ["Approved", "good", "check"],
  pending: ["Pending", "wait", "clock"],
  void: ["No longer valid", "calm", "ban"],
  succeeded: ["Succeeded", "good", "check"],
  refused: ["Refused", "bad", "ban"],
  skipped: ["Left out", "calm", "ban"],
  unknown: ["Outcome unknown", "warn", "alert"],
};

const SETTLED = new Set(["answered", "done", "failed", "denied", "expired", "withdrawn", "approved", "void",
  "accepted", "kept", "disabled", "overtaken"]);

const EFFECTS = {
  read: ["Only reads", "calm", "eye"],
  write: ["Changes data", "wait", "pencil"],
  destroy: ["Destroys data", "bad", "trash"],
};

const DECISIONS = {
  auto: "Runs without asking",
  step_up: "Needs a fresh sign-in",
  approval_needed: "Needs approval",
  disabled: "Switched off",
};

function chip(words, tone, picture, attributes = {}) {
  return el("span", { class: `chip ${tone}`, ...attributes }, icon(picture), words);
}

/** Gives the chip of a request's, call's or approval's status. */
export function statusChip(status) {
  const [words, tone, picture] = STATUSES[status] ?? [humanise(status), "calm", "info"];
  return chip(words, tone, picture, { "data-status": status });
}

/** Gives the chip of a tool's effect. */
export function effectChip(effect) {
  const [words, tone, picture] = EFFECTS[effect] ?? [humanise(effect), "calm", "info"];
  return chip(words, `effect ${tone}`, picture, { "data-effect": effect });
}

/** Gives a decision in words. */
export const decisionWords = (decision) => DECISIONS[decision] ?? humanise(decision);

/** Says whether nothing more will happen under this status. */
export const isSettled = (status) => SETTLED.has(status);
