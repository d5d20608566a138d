// From a tool's JSON Schema to form fields.
import { humanise } from "/page/dom.js";

const PARAGRAPH_CHARACTERS = 160;

// Follows local references; a schema that refers to itself in a circle is given up as it stands.
function resolve(schema, root, depth = 0) {
  const target = schema?.$ref;
  if (typeof target !== "string" || !target.startsWith("#/") || depth > 8) return schema ?? {};
  const found = target
    .slice(2)
    .split("/")
    .reduce((node, step) => node?.[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")], root);
  const { $ref, ...beside } = schema;
  return resolve({ ...found, ...beside }, root, depth + 1);
}

// "X or nothing" is an optional X; that is how many tool servers write optional arguments.
function withoutNull(schema, root) {
  const plain = resolve(schema, root);
  if (Array.isArray(plain.type)) {
    const types = plain.type.filter((type) => type !== "null");
    return types.length === 1 ? { ...plain, type: types[0] } : { ...plain, type: undefined };
  }
  const choices = plain.anyOf ?? plain.oneOf;
  if (!Array.isArray(choices)) return plain;
  const real = choices.map((choice) => resolve(choice, root)).filter((choice) => choice.type !== "null");
  if (real.length === 1) return { ...plain, anyOf: undefined, oneOf: undefined, ...real[0], ...beside(plain) };
  if (real.every((choice) => choice.const !== undefined)) {
    return { ...plain, anyOf: undefined, oneOf: undefined, options: real.map((choice) => ({ value: choice.const, label: choice.title ?? String(choice.const) })) };
  }
  return plain;
}

const beside = ({ title, description, default: value }) =>
  Object.fromEntries(Object.entries({ title, description, default: value }).filter(([, one]) => one !== undefined && one !== null));

const optionsOf = (values) => values.filter((value) => value !== null).map((value) => ({ value, label: typeof value === "string" ? value : JSON.stringify(value) }));

function kindOf(schema, root) {
  if (schema.options) return { kind: "choice", options: schema.options };
  if (Array.isArray(schema.enum)) return { kind: "choice", options: optionsOf(schema.enum) };
  if (schema.const !== undefined) return { kind: "choice", options: optionsOf([schema.const]), value: schema.const };
  switch (schema.type) {
    case "boolean": return { kind: "checkbox" };
    case "integer":
    case "number": return { kind: schema.type, minimum: schema.minimum, maximum: schema.maximum };
    case "string": return stringKind(schema);
    case "array": return arrayKind(withoutNull(schema.items ?? {}, root));
    default: return { kind: "json" };
  }
}

function stringKind(schema) {
  if (schema.format === "date") return { kind: "date" };
  if (schema.format === "email" || schema.format === "idn-email") return { kind: "email" };
  return { kind: schema.maxLength > PARAGRAPH_CHARACTERS || schema.format === "textarea" ? "paragraph" : "text" };
}

function arrayKind(entry) {
  if (Array.isArray(entry.enum)) return { kind: "choices", options: optionsOf(entry.enum) };
  if (entry.type === "string") return { kind: "lines", hint: "One on each line." };
  return { kind: "json" };
}

function hintOf(schema, kind) {
  if (kind.hint) return kind.hint;
  if (kind.kind === "json") return schema.type === "array" ? "A list, written as JSON." : "Written as JSON, like {\"name\": \"value\"}.";
  if (schema.format === "date-time") return "A moment, like 2030-01-31T09:00:00Z.";
  if (kind.minimum !== undefined && kind.maximum !== undefined) return `From ${kind.minimum} to ${kind.maximum}.`;
  return "";
}

/** Gives the fields of a form for the arguments of a tool, the required ones first, in the schema's order. */
export function fieldsOf(root) {
  const schema = resolve(root ?? {}, root);
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const plain = withoutNull(raw, root);
    const kind = kindOf(plain, root);
    return {
      ...kind,
      name,
      label: plain.title ?? humanise(name),
      required: required.has(name),
      value: plain.default ?? kind.value,
      help: [plain.description, hintOf(plain, kind)].filter(Boolean).join(" "),
    };
  });
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}
