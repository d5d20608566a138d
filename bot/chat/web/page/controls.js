// The control for each kind of field: how it looks, what it gives, and what it can find wrong by itself.
import { el } from "/page/dom.js";

const FEW = 5;

const trimmed = (input) => (input.value.trim() === "" ? undefined : input.value);

function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { wrong: true };
  }
}

function typed(field, id, type, more = {}) {
  const input = el("input", { id, type, autocomplete: "off", spellcheck: type === "text" ? null : "false", ...more });
  input.value = field.value ?? "";
  return { node: input, input, value: () => trimmed(input) };
}

function area(field, id, { rows = 3, text = field.value ?? "", mono = false } = {}) {
  const input = el("textarea", { id, rows, class: mono ? "mono" : null, spellcheck: mono ? "false" : null, dir: "auto" });
  input.value = text;
  return { node: input, input, value: () => trimmed(input) };
}

function number(field, id) {
  const whole = field.kind === "integer";
  const control = typed(field, id, "number", {
    step: whole ? "1" : "any", min: field.minimum, max: field.maximum, inputmode: whole ? "numeric" : "decimal",
  });
  return {
    ...control,
    value: () => (control.input.value === "" ? undefined : Number(control.input.value)),
    problem() {
      const { validity } = control.input;
      if (validity.badInput) return "Write a number.";
      if (validity.stepMismatch) return "Write a whole number.";
      if (validity.rangeUnderflow) return `Write ${field.minimum} or more.`;
      if (validity.rangeOverflow) return `Write ${field.maximum} or less.`;
      return "";
    },
  };
}

function email(field, id) {
  const control = typed(field, id, "email", { inputmode: "email" });
  const problem = () => (control.input.validity.typeMismatch ? "Write a whole e-mail address, like name@example.com." : "");
  return { ...control, problem };
}

function checkbox(field, id) {
  const input = el("input", { id, type: "checkbox" });
  input.checked = field.value === true;
  // An optional argument that nobody touched stays out, so that the tool's own default holds.
  const unticked = field.required || field.value !== undefined ? false : undefined;
  return { node: input, input, value: () => (input.checked ? true : unticked) };
}

// Options may carry any JSON value (an enum of numbers, say), so the control's own value is the option's place.
function select(field, id) {
  const options = field.options ?? [];
  const start = options.findIndex((option) => option.value === field.value);
  const input = el(
    "select",
    { id },
    start < 0 || !field.required ? el("option", { value: "" }, field.required ? "Choose…" : "—") : null,
    options.map((option, index) => el("option", { value: index }, option.label)),
  );
  input.value = start < 0 ? "" : String(start);
  return { node: input, input, value: () => (input.value === "" ? undefined : options[Number(input.value)].value) };
}

function boxes(field, id, type) {
  const options = field.options ?? [];
  const chosen = type === "radio" ? [field.value] : field.value ?? [];
  const inputs = options.map((option, index) => {
    const input = el("input", { type, name: id, id: `${id}-${index}`, value: index });
    input.checked = chosen.includes(option.value);
    return input;
  });
  const node = el(
    "div",
    { class: "boxes" },
    options.map((option, index) => el("label", { class: "box", for: `${id}-${index}` }, inputs[index], el("span", { dir: "auto" }, option.label))),
  );
  const picked = () => options.filter((_, index) => inputs[index].checked).map((option) => option.value);
  const value = () => {
    if (type === "radio") return picked()[0];
    return picked().length || field.required ? picked() : undefined;
  };
  return { node, input: inputs[0] ?? node, grouped: true, value };
}

function lines(field, id) {
  const control = area(field, id, { text: (field.value ?? []).join("\n") });
  const value = () => control.input.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return { ...control, value: () => (value().length || field.required ? value() : undefined) };
}

function json(field, id) {
  const text = field.value === undefined ? "" : JSON.stringify(field.value, null, 2);
  const control = area(field, id, { rows: 5, text, mono: true });
  const answer = () => parsed(control.input.value);
  return {
    ...control,
    value: () => (control.input.value.trim() === "" ? undefined : answer().value),
    problem: () =>
      control.input.value.trim() !== "" && answer().wrong
        ? "This is not JSON yet. Check quotes, commas and brackets, like {\"name\": \"value\"}."
        : "",
  };
}

/** Builds the control of a field; an unknown kind is a line of text. */
export function buildControl(field, id) {
  switch (field.kind) {
    case "paragraph": return area(field, id);
    case "number":
    case "integer": return number(field, id);
    case "date": return typed(field, id, "date");
    case "email": return email(field, id);
    case "checkbox": return checkbox(field, id);
    case "choice": return (field.options ?? []).length <= FEW && (field.required || field.value) ? boxes(field, id, "radio") : select(field, id);
    case "choices": return boxes(field, id, "checkbox");
    case "lines": return lines(field, id);
    case "json": return json(field, id);
    default: return typed(field, id, "text", { dir: "auto" });
  }
}
