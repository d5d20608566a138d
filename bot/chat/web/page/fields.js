// Form fields: a labelled control each, with its help and its error beside it.
import { buildControl } from "/page/controls.js";
import { el, freshId, icon } from "/page/dom.js";

/**
 * Builds one field from `{name, label, kind, required, value, options, help}`.
 *
 * The result has `value()` (undefined when left empty or hidden), `problem()` (a sentence or ""), `setError(sentence)`,
 * `show(visible)` and `focus()`.
 */
export function buildField(field) {
  const id = freshId("field");
  const control = buildControl(field, id);
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const words = [
    field.label,
    field.required
      ? el("span", { class: "required" }, " required")
      : field.kind === "checkbox" ? null : el("span", { class: "optional" }, " optional"),
  ];
  const help = field.help ? el("p", { class: "help", id: helpId, dir: "auto" }, field.help) : null;
  const error = el("p", { class: "field-error", id: errorId, hidden: true });
  const described = [help ? helpId : "", errorId].filter(Boolean).join(" ");
  const node = control.grouped
    ? el("fieldset", { class: "field", "data-field": field.name, "aria-describedby": described }, el("legend", {}, words), help, control.node, error)
    : el(
        "div",
        { class: `field ${field.kind === "checkbox" ? "inline" : ""}`, "data-field": field.name },
        field.kind === "checkbox" ? control.node : null,
        el("label", { for: id }, words),
        help,
        field.kind === "checkbox" ? null : control.node,
        error,
      );
  if (!control.grouped) {
    control.input.setAttribute("aria-describedby", described);
    if (field.required && field.kind !== "checkbox") control.input.setAttribute("aria-required", "true");
  }

  const setError = (sentence) => {
    error.hidden = !sentence;
    error.replaceChildren(...(sentence ? [icon("alert"), el("span", {}, sentence)] : []));
    node.classList.toggle("wrong", Boolean(sentence));
    for (const input of node.querySelectorAll("input, textarea, select")) {
      if (sentence) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  };
  for (const name of ["input", "change"]) node.addEventListener(name, () => setError(""));

  return {
    name: field.name,
    kind: field.kind,
    node,
    control,
    setError,
    value: () => (node.hidden ? undefined : control.value()),
    problem() {
      if (node.hidden) return "";
      const wrong = control.problem?.() ?? "";
      if (wrong) return wrong;
      const value = control.value();
      const empty = value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
      if (!field.required || !empty) return "";
      return control.grouped || field.kind === "choice" ? "Choose one of these." : "Please fill this in.";
    },
    show(visible) {
      node.hidden = !visible;
    },
    focus() {
      (node.querySelector("input:checked") ?? control.input).focus();
    },
  };
}

// "arguments.members[0]", "/members/0" and "$.members" all mean the field "members".
function fieldOf(path, names) {
  const steps = String(path).split(/[./[\]$'"]+/).filter(Boolean);
  for (const candidate of [steps, steps.slice(1)]) {
    for (let size = candidate.length; size > 0; size -= 1) {
      const name = candidate.slice(0, size).join(".");
      if (names.has(name)) return name;
    }
  }
  return names.has(path) ? path : null;
}

/** Builds a list of fields and what a form does with all of them together. */
export function buildFields(list) {
  const fields = list.map(buildField);
  const byName = new Map(fields.map((field) => [field.name, field]));

  /** Shows errors by path and moves the focus to the first; says whether every error found its field. */
  const showErrors = (errors) => {
    const paths = Object.entries(errors ?? {});
    for (const field of fields) field.setError("");
    let placed = 0;
    for (const [path, sentence] of paths) {
      const field = byName.get(fieldOf(path, byName));
      if (!field || field.node.hidden) continue;
      field.setError(sentence);
      placed += 1;
    }
    fields.find((field) => field.node.classList.contains("wrong"))?.focus();
    return paths.length > 0 && placed === paths.length;
  };

  return {
    node: el("div", { class: "fields" }, fields.map((field) => field.node)),
    get: (name) => byName.get(name),
    showErrors,
    check() {
      const wrong = fields.map((field) => [field.name, field.problem()]).filter(([, sentence]) => sentence);
      showErrors(Object.fromEntries(wrong));
      return wrong.length === 0;
    },
    values() {
      const pairs = fields.map((field) => [field.name, field.value()]);
      return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
    },
    /** Gives what was typed in free text, for a later `restore`; choices start from their narrowest again. */
    writing() {
      const typed = fields.filter((field) => ["text", "paragraph"].includes(field.kind));
      return Object.fromEntries(typed.map((field) => [field.name, field.control.input.value]));
    },
    restore(writing) {
      for (const [name, text] of Object.entries(writing ?? {})) {
        const input = byName.get(name)?.control.input;
        if (input && text) input.value = text;
      }
    },
  };
}
