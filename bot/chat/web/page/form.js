// The request form: choose a tool, fill in what it needs, send.
import * as api from "/page/api.js";
import { openDialog } from "/page/dialog.js";
import { el, freshId, humanise, icon } from "/page/dom.js";
import { buildFields } from "/page/fields.js";
import { fieldsOf } from "/page/schema.js";
import { decisionWords, effectChip } from "/page/status.js";
import { toast } from "/page/toast.js";

// Shares no name with a tool's own argument.
const NOTE = "countersign note";

function toolButton(tool, choose) {
  return el(
    "button",
    { type: "button", class: "tool", "data-tool": tool.tool, onclick: () => choose(tool) },
    el("span", { class: "tool-title" }, tool.title || humanise(tool.tool.split(":").slice(1).join(":"))),
    tool.description ? el("span", { class: "tool-about", dir: "auto" }, tool.description) : null,
    el("span", { class: "tool-facts" }, effectChip(tool.effect), el("span", {}, decisionWords(tool.decision))),
  );
}

const matches = (tool, words) => {
  const text = [tool.title, tool.tool, tool.description, tool.connector].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
};

function picker(tools, choose) {
  const id = freshId("search");
  const search = el("input", { id, type: "search", autocomplete: "off", placeholder: "Search, for example “group” or “password”" });
  const count = el("p", { class: "help", role: "status", "aria-live": "polite" });
  const list = el("div", { class: "catalog" });
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = tools.filter((tool) => matches(tool, words));
    const connectors = [...new Set(found.map((tool) => tool.connector))];
    count.textContent = found.length === 0 ? "No tool fits. Try fewer or other words." : `${found.length} of ${tools.length} tools`;
    list.replaceChildren(
      ...connectors.map((connector) =>
        el(
          "section",
          { "aria-label": connector },
          el("h3", {}, connector),
          found.filter((tool) => tool.connector === connector).map((tool) => toolButton(tool, choose)),
        ),
      ),
    );
  };
  search.addEventListener("input", show);
  const node = el("div", { class: "picker" }, el("label", { for: id }, "What should be done?"), search, count, list);
  node.addEventListener("keydown", (event) => {
    const stops = [search, ...list.querySelectorAll("button")];
    const here = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && here === 0) {
      event.preventDefault();
      stops[1]?.click();
    } else if (step && stops[here + step]) {
      event.preventDefault();
      stops[here + step].focus();
    }
  });
  show();
  return { node, search };
}

/** Opens the request form for a person; `onClosed` gets the focus back. */
export async function openForm(person, onClosed) {
  const body = el("div", { class: "request-form" }, el("p", { class: "hint" }, "Looking up what you can ask for…"));
  let chosen = null;
  let fields = null;
  const controls = openDialog({
    title: "Ask with a form",
    summary: `You ask as ${person.name}. The same rules apply as in the chat.`,
    body,
    submitLabel: "Send the request",
    wide: true,
    onSubmit: send,
    onClosed,
  });
  controls.submit.hidden = true;

  let tools;
  try {
    tools = await api.tools(person.email);
  } catch (error) {
    body.replaceChildren(el("p", { class: "hint" }, error.message));
    return;
  }
  const choice = picker(tools, choose);
  pick();

  function pick() {
    controls.notice("");
    controls.submit.hidden = true;
    body.replaceChildren(tools.length ? choice.node : el("p", { class: "hint" }, "There is no tool that you can ask for. An admin can switch some on."));
    const last = chosen && choice.node.querySelector(`[data-tool="${CSS.escape(chosen.tool)}"]`);
    if (tools.length) (last ?? choice.search).focus();
  }

  function choose(tool) {
    chosen = tool;
    const list = fieldsOf(tool.schema);
    fields = buildFields([...list, { name: NOTE, label: "Why do you need this?", kind: "paragraph", help: "Whoever decides reads this." }]);
    body.replaceChildren(
      el("button", { type: "button", class: "button quiet back", onclick: pick }, icon("back"), "All tools"),
      el(
        "div",
        { class: "chosen" },
        el("h3", { dir: "auto" }, tool.title || humanise(tool.tool)),
        tool.description ? el("p", { dir: "auto" }, tool.description) : null,
        el("p", { class: "tool-facts" }, effectChip(tool.effect), el("span", {}, decisionWords(tool.decision)), el("code", {}, tool.tool)),
      ),
      fields.node,
    );
    controls.submit.hidden = false;
    fields.node.querySelector("input, textarea, select").focus();
    body.closest(".dialog-body").scrollTop = 0;
  }

  async function send() {
    controls.notice("");
    if (!fields.check()) return;
    controls.busy("Sending…");
    const { [NOTE]: note = "", ...values } = fields.values();
    try {
      await api.ask(person.email, chosen.tool, values, note);
      controls.close();
      toast("Sent. Its progress is in the chat.");
    } catch (error) {
      controls.busy(null);
      if (!fields.showErrors(error.fields)) controls.notice(error.message, error.status === 409 ? "info" : "bad");
    }
  }
}
