// Where a person writes: Enter sends, Shift+Enter breaks the line; suggestions for the first step.
import * as api from "/page/api.js";
import { el, freshId, icon } from "/page/dom.js";
import { openForm } from "/page/form.js";
import { toast } from "/page/toast.js";

const TALLEST_PX = 168;

/** Builds the composer of a person's chat. `onSent` runs after a message was taken. */
export function buildComposer(person, onSent) {
  const id = freshId("message");
  const first = person.name.split(/\s+/)[0];
  const input = el("textarea", { id, rows: "1", dir: "auto", placeholder: `Write as ${first}…`, "aria-describedby": `${id}-keys` });
  const send = el("button", { type: "submit", class: "button primary icon-only", "aria-label": `Send as ${person.name}` }, icon("send"));
  const form = el("button", { type: "button", class: "button quiet", "data-form": true }, icon("form"), "Use the form");
  const ideas = el("button", { type: "button", class: "button quiet", "aria-expanded": "false", "aria-controls": `${id}-ideas`, hidden: true }, icon("idea"), "Ideas");
  const suggestions = el("div", { id: `${id}-ideas`, class: "suggestions", role: "group", "aria-label": "Things to try", hidden: true });
  const node = el(
    "form",
    { class: "composer", novalidate: true },
    suggestions,
    el("div", { class: "write" }, el("label", { class: "unseen", for: id }, `Message to Countersign as ${person.name}`), input, send),
    el("div", { class: "under" }, form, ideas, el("span", { class: "keys", id: `${id}-keys` }, "Enter sends", el("span", { class: "unseen" }, ", Shift and Enter breaks the line"))),
  );

  let messageId = "";
  let busy = false;
  let empty = false;
  let opened = false;

  const grow = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight + 2, TALLEST_PX)}px`;
  };

  const showIdeas = () => {
    const some = suggestions.children.length > 0;
    ideas.hidden = !some || empty;
    suggestions.hidden = !some || !(empty || opened);
    ideas.setAttribute("aria-expanded", String(!suggestions.hidden));
  };

  async function submit() {
    const text = input.value;
    if (busy || text.trim() === "") {
      input.focus();
      return;
    }
    busy = true;
    // A repeated try carries the same id, so that a lost answer does not become a second request.
    messageId ||= api.uuid();
    send.setAttribute("aria-busy", "true");
    try {
      await api.say(person.email, text, messageId);
      messageId = "";
      if (input.value === text) input.value = "";
      if (document.activeElement === send) input.focus();
      opened = false;
      showIdeas();
      grow();
      onSent();
    } catch (error) {
      toast(error.message, "bad");
    }
    busy = false;
    send.removeAttribute("aria-busy");
  }

  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("keydown", (event) => {
    // While an input method is composing, Enter chooses a word and must not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", () => {
    messageId = "";
    grow();
  });
  form.addEventListener("click", () => openForm(person, () => form.focus()));
  ideas.addEventListener("click", () => {
    opened = !opened;
    showIdeas();
  });

  return {
    node,
    focus: () => input.focus(),
    /** Tells whether the chat is empty: then the suggestions are open by themselves. */
    setEmpty(value) {
      empty = value;
      showIdeas();
    },
    async loadIdeas() {
      const list = await api.suggestions(person.email).catch(() => []);
      suggestions.replaceChildren(
        ...list.map((text) =>
          el("button", {
            type: "button",
            class: "suggestion",
            dir: "auto",
            onclick: () => {
              input.value = text;
              messageId = "";
              grow();
              input.focus();
            },
          }, text),
        ),
      );
      showIdeas();
    },
  };
}
