// What happens after a press on a card's button.
import { attachAlwaysAllow } from "/page/allow.js";
import * as api from "/page/api.js";
import { openAll } from "/page/call.js";
import { openDialog } from "/page/dialog.js";
import { buildFields } from "/page/fields.js";
import { items, loadChat, onChat } from "/page/store.js";
import { toast } from "/page/toast.js";

const NEEDS_FULL_VIEW = new Set(["approve", "always_allow"]);
const CHANGED = "This card has changed meanwhile. Close this to see how it stands now.";
const drafts = new Map();
let checkOpen = null;

onChat((email) => checkOpen?.(email));

const cardNode = (as, card) =>
  document.querySelector(`[data-chat="${CSS.escape(as)}"] [data-card="${CSS.escape(card)}"]`);

function focusCard(as, card, actionId) {
  const node = cardNode(as, card);
  (node?.querySelector(`[data-action="${CSS.escape(actionId)}"]`) ?? node?.querySelector("h3"))?.focus();
}

/** Runs a card's action for `as`: opens its dialog, or sends it at once. */
export function runAction(item, action, as, button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  if (NEEDS_FULL_VIEW.has(action.id) && openAll(cardNode(as, item.card))) {
    toast("Something was folded away. It is open now: read it, then press again.", "info");
    return;
  }
  if (action.dialog) openActionDialog(item, action, as);
  else sendAtOnce(item, action, as);
}

async function sendAtOnce(item, action, as) {
  const all = [...cardNode(as, item.card).querySelectorAll("[data-action]")];
  for (const one of all) one.setAttribute("aria-disabled", "true");
  try {
    const answer = await api.act(as, item.card, action.id, {});
    toast(answer.message);
  } catch (error) {
    toast(error.message, error.status === 409 ? "info" : "bad");
  }
  await loadChat(as).catch(() => null);
  for (const one of all) one.removeAttribute("aria-disabled");
  if (document.activeElement === document.body) focusCard(as, item.card, action.id);
}

function openActionDialog(item, action, as) {
  const { dialog } = action;
  const fields = buildFields(dialog.fields ?? []);
  const draft = `${as} ${item.card} ${action.id}`;
  fields.restore(drafts.get(draft));
  const allow = action.id === "always_allow" ? attachAlwaysAllow(fields, item, as) : null;
  let sent = false;

  const controls = openDialog({
    title: dialog.title || action.label.replace(/…$/, ""),
    // The summary states the rule as preselected; the preview says it as it is now.
    summary: allow ? item.title : dialog.summary || item.title,
    body: fields.node,
    aside: allow?.node,
    submitLabel: dialog.submit || action.label.replace(/…$/, ""),
    submitStyle: action.style === "danger" ? "danger" : "primary",
    onSubmit: send,
    onClosed: () => {
      checkOpen = null;
      allow?.stop();
      if (sent) drafts.delete(draft);
      else drafts.set(draft, fields.writing());
      focusCard(as, item.card, action.id);
    },
  });
  checkOpen = (email) => {
    if (email !== as || sent) return;
    const now = (items(as) ?? []).find((one) => one.card === item.card);
    if (!now?.actions?.some((one) => one.id === action.id)) controls.notice(CHANGED, "info");
  };
  allow?.start(controls);

  async function send() {
    controls.notice("");
    if (!fields.check()) return;
    controls.busy("Sending…");
    try {
      const answer = await api.act(as, item.card, action.id, fields.values());
      sent = true;
      await loadChat(as).catch(() => null);
      controls.close();
      toast(answer.message);
    } catch (error) {
      controls.busy(null);
      if (error.status === 409) {
        checkOpen = null;
        controls.notice(error.message, "info");
        controls.finish();
        loadChat(as).catch(() => null);
        return;
      }
      if (!fields.showErrors(error.fields)) controls.notice(error.message);
    }
  }
}

