// The one way to open a dialog: title, summary, body, and a footer with the buttons.
import { el, freshId, icon } from "/page/dom.js";

/**
 * Opens a modal dialog and gives its controls.
 *
 * `onSubmit(controls)` runs at the submit button or Enter; without it the dialog only closes.
 * `onClosed` runs once after closing by any way; it is the place to give the focus back.
 * Controls: `close()`, `notice(sentence, tone)` (tone bad or info), `busy(words|null)`, `finish()` (leaves only Close), `dialog`.
 */
export function openDialog({
  title, summary, body, aside, submitLabel, submitStyle = "primary", cancelLabel = "Cancel", wide, onSubmit, onClosed,
}) {
  const heading = freshId("dialog");
  const about = freshId("dialog");
  const noticePlace = el("div", { class: "notice", role: "status", "aria-live": "polite", tabindex: "-1", hidden: true });
  const cancel = el("button", { type: "button", class: "button plain", "data-cancel": true }, cancelLabel);
  const submit = onSubmit ? el("button", { type: "submit", class: `button ${submitStyle}`, "data-submit": true }, submitLabel) : null;
  const cross = el("button", { type: "button", class: "button quiet icon-only", "aria-label": "Close" }, icon("close"));
  const form = el(
    "form",
    { novalidate: true },
    el("header", {}, el("h2", { id: heading, tabindex: "-1", dir: "auto" }, title), cross),
    el(
      "div",
      { class: "dialog-body" },
      summary ? el("p", { class: "summary", id: about, dir: "auto" }, summary) : null,
      body,
    ),
    el("footer", {}, aside, noticePlace, el("div", { class: "dialog-buttons" }, cancel, submit)),
  );
  const dialog = el(
    "dialog",
    { class: wide ? "wide" : "", "aria-labelledby": heading, "aria-describedby": summary ? about : null },
    form,
  );

  let left = false;
  // Cleans up at once: the browser's own close event comes later, when the next dialog may already be open.
  const leave = () => {
    if (left) return;
    left = true;
    dialog.close();
    dialog.remove();
    onClosed?.();
  };

  const controls = {
    dialog,
    submit,
    close: leave,
    notice(sentence, tone = "bad") {
      noticePlace.hidden = !sentence;
      noticePlace.className = `notice ${tone}`;
      noticePlace.replaceChildren(...(sentence ? [icon(tone === "bad" ? "alert" : "info"), el("span", {}, sentence)] : []));
    },
    busy(words) {
      if (!submit) return;
      submit.textContent = words ?? submitLabel;
      if (words) submit.setAttribute("aria-disabled", "true");
      else submit.removeAttribute("aria-disabled");
    },
    finish() {
      if (submit) submit.hidden = true;
      cancel.textContent = "Close";
      cancel.focus();
    },
  };

  cancel.addEventListener("click", controls.close);
  cross.addEventListener("click", controls.close);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit && !submit.hidden && submit.getAttribute("aria-disabled") !== "true") onSubmit(controls);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit) form.requestSubmit();
  });
  dialog.addEventListener("cancel", (event) => {
    // A file or colour picker inside would send its own.
    if (event.target !== dialog) return;
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("close", leave);
  document.body.append(dialog);
  dialog.showModal();
  const field = form.querySelector(".dialog-body .field:not([hidden])");
  const first = field?.querySelector("input:checked") ?? field?.querySelector("input, textarea, select");
  (first ?? submit ?? cancel).focus();
  return controls;
}
