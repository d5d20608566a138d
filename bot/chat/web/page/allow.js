// Always allow: fields that depend on each other, and a live preview of the rule in words.
import * as api from "/page/api.js";
import { el, icon } from "/page/dom.js";

const DEPENDS = { group: ["holder", "group"], pinned: ["arguments", "pinned"] };
const WAIT_MS = 250;

/** Ties the fields of an Always allow dialog together; gives the preview's node and `start(controls)`, `stop()`. */
export function attachAlwaysAllow(fields, item, as) {
  const node = el("section", { class: "preview", "aria-live": "polite", "aria-label": "What you are about to allow" });
  let timer = 0;
  let turn = 0;
  let controls = null;
  let asked = "";

  // The reason is kept with the rule but does not change what the rule says.
  const rule = () => JSON.stringify({ ...fields.values(), reason: undefined });

  const showDependent = () => {
    for (const [name, [other, value]] of Object.entries(DEPENDS)) {
      const field = fields.get(name);
      const ruler = fields.get(other);
      if (field && ruler) field.show(ruler.value() === value);
    }
  };

  const show = (preview) => {
    const settles = preview.settles ?? [];
    node.className = "preview";
    node.replaceChildren(
      el("p", { class: "sentence", dir: "auto" }, preview.sentence),
      preview.history ? el("p", { class: "history", dir: "auto" }, icon("clock"), el("span", {}, preview.history)) : "",
      settles.length
        ? el(
            "div",
            { class: "settles" },
            el("p", {}, settles.length === 1 ? "It also settles this open request:" : `It also settles these ${settles.length} open requests:`),
            el("ul", {}, settles.map((sentence) => el("li", { dir: "auto" }, sentence))),
          )
        : el("p", { class: "history" }, icon("inbox"), el("span", {}, "It settles no other open request.")),
    );
  };

  const refresh = async () => {
    turn += 1;
    const mine = turn;
    asked = rule();
    try {
      const preview = await api.preview(as, item.card, fields.values());
      if (mine !== turn) return;
      show(preview);
    } catch (error) {
      if (mine !== turn) return;
      node.className = "preview doubtful";
      node.replaceChildren(el("p", { class: "history" }, icon("info"), el("span", {}, error.message)));
    }
    node.removeAttribute("aria-busy");
    controls?.busy(null);
  };

  const later = () => {
    showDependent();
    if (rule() === asked) return;
    asked = rule();
    // Nobody saves a rule whose sentence they have not seen.
    turn += 1;
    node.setAttribute("aria-busy", "true");
    controls?.busy("Checking…");
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT_MS);
  };

  showDependent();
  node.append(el("p", { class: "history" }, "Working out the rule in words…"));
  return {
    node,
    start(dialog) {
      controls = dialog;
      fields.node.addEventListener("input", later);
      fields.node.addEventListener("change", later);
      controls.busy("Checking…");
      refresh();
    },
    stop() {
      clearTimeout(timer);
      turn += 1;
    },
  };
}
