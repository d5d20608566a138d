// Turns Block Kit into HTML: reads {name: {blocks, modal, submit}} from one file, writes {name: html} to another.
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const css = readFileSync(createRequire(import.meta.url).resolve("slack-blocks-to-jsx/dist/style.css"), "utf8");
const logo = "data:image/svg+xml," + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="6" fill="#2b5d8a"/><path d="M9 19l6 6 12-14" fill="none" stroke="#fff" stroke-width="4"/></svg>',
);
// What Slack does and the renderer does not: keep line breaks, put each paragraph on a line of its own.
const own = `
  body { margin: 0; padding: 16px; background: #fff; font: 15px/1.46668 Lato, "Liberation Sans", sans-serif; color: #1d1c1d; }
  .slack_blocks_to_jsx__rich_text { padding: 4px 0; }
  .slack_blocks_to_jsx__rich_text_section_element { display: block; white-space: pre-wrap; overflow-wrap: anywhere; }
  .slack_blocks_to_jsx__rich_text_quote_element p { white-space: pre-wrap; overflow-wrap: anywhere; }
  .slack_blocks_to_jsx__rich_text_preformatted_element pre { margin-left: 0; }
  body.dark { background: #1a1d21; color: #d1d2d3; }
  .message { padding-left: 46px; }
  .part section > .shrink-0, .part .slack_blocks_to_jsx--header { display: none !important; }
  .field .menu { display: block; margin-top: 4px; width: fit-content; }
  .modal { max-width: 520px; border: 1px solid #8886; border-radius: 8px; box-shadow: 0 4px 16px #0003; padding: 12px 20px; }
  .modal > h1 { font-size: 22px; font-weight: 900; margin: 4px 0 12px; }
  .below { display: flex; justify-content: flex-end; gap: 12px; border-top: 1px solid #8884; margin: 16px -20px 0; padding: 12px 20px 4px; }
  .row { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0 8px; align-items: center; }
  .button, .menu { font-size: 13px; font-weight: 700; border: 1px solid #8888; border-radius: 4px; padding: 4px 12px; white-space: nowrap; }
  .button.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
  .button.danger { background: #e01e5a; border-color: #e01e5a; color: #fff; }
  .menu { font-weight: 400; min-width: 150px; }
  .menu::after { content: "▾"; float: right; margin-left: 8px; }
  .empty { color: #8a8a8a; }
  .field { margin: 14px 0; }
  .field label { display: flex; gap: 8px; margin: 4px 0; }
  .field .box { border: 1px solid #8888; border-radius: 4px; padding: 6px 10px; margin-top: 4px; overflow-wrap: anywhere; }
  .field .tall { min-height: 66px; }
  .field .box i { font-style: normal; background: #1d9bd133; border-radius: 3px; padding: 0 6px; margin-right: 6px; display: inline-block; }
  .optional, .hint { color: #8a8a8a; font-weight: 400; }
  .hint { font-size: 13px; margin-top: 2px; }
`;

// The renderer reads markup in plain text, which Slack does not.
function literal(block) {
  if (block.type === "section" && block.text?.type === "plain_text" && !block.accessory) {
    const text = { type: "text", text: block.text.text };
    return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [text] }] };
  }
  return block;
}

// The renderer draws empty fields as large boxes and shows no chosen option, so fields and menus are drawn here.
const text = (found) => (found?.text ?? "").replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const said = (value) => text({ text: String(value) });

function options(element) {
  const chosen = [element.initial_option, ...(element.initial_options ?? [])].filter(Boolean);
  const every = element.options ?? element.option_groups?.flatMap((group) => group.options) ?? [];
  return { chosen, every, has: (one) => chosen.some((other) => other.value === one.value) };
}

function drawnElement(element) {
  const { chosen, every, has } = options(element);
  const style = `${element.style ?? ""}`;
  switch (element.type) {
    case "button":
      return `<span class="button ${style}">${text(element.text)}</span>`;
    case "static_select":
      return `<span class="menu ${chosen.length ? "" : "empty"}">${text(chosen[0]?.text ?? element.placeholder)}</span>`;
    case "external_select":
    case "multi_static_select":
    case "multi_external_select": {
      const tags = chosen.map((one) => (element.type.startsWith("multi") ? `<i>${text(one.text)}</i>` : text(one.text)));
      return `<div class="box wide ${tags.length ? "" : "empty"}">${tags.join("") || text(element.placeholder)}</div>`;
    }
    case "radio_buttons":
    case "checkboxes":
      return every.map((one) => `<label><input type="${element.type === "checkboxes" ? "checkbox" : "radio"}" ${
        has(one) ? "checked" : ""}>${text(one.text)}</label>`).join("");
    default: {
      const value = element.initial_value ?? element.initial_date ?? "";
      const shown = said(value) || text(element.placeholder) || "&nbsp;";
      return `<div class="box wide ${element.multiline ? "tall" : ""} ${value ? "" : "empty"}">${shown}</div>`;
    }
  }
}

function drawnInput(block) {
  const optional = block.optional ? ' <span class="optional">(optional)</span>' : "";
  const hint = block.hint ? `<div class="hint">${text(block.hint)}</div>` : "";
  return `<div class="field"><b>${text(block.label)}</b>${optional}${drawnElement(block.element)}${hint}</div>`;
}

function drawn(blocks, theme) {
  let found = "";
  let plain = [];
  const flush = () => {
    if (plain.length) {
      const message = { name: "Countersign", logo, time: new Date(0), blocks: plain.map(literal), theme };
      found += `<div class="part">${renderToStaticMarkup(createElement(Message, message))}</div>`;
    }
    plain = [];
  };
  for (const block of blocks) {
    if (block.type === "input") {
      flush();
      found += drawnInput(block);
    } else if (block.type === "actions") {
      flush();
      found += `<div class="row">${block.elements.map(drawnElement).join("")}</div>`;
    } else {
      plain.push(block);
    }
  }
  flush();
  return found;
}

const [source, target] = process.argv.slice(2);
const cards = JSON.parse(readFileSync(source, "utf8"));
const pages = {};
for (const [name, { blocks, modal, submit }] of Object.entries(cards)) {
  for (const theme of ["light", "dark"]) {
    const shown = drawn(blocks, theme);
    const send = submit ? `<span class="button primary">${said(submit)}</span>` : "";
    const body = modal
      ? `<div class="modal"><h1>${said(modal)}</h1>${shown}<div class="below"><span class="button">Close</span>${send}</div></div>`
      : `<div class="message">${shown}</div>`;
    pages[`${name}/${theme}`] =
      `<!doctype html><meta charset="utf-8"><style>${css}${own}</style><body class="${theme}">${body}`;
  }
}
writeFileSync(target, JSON.stringify(pages));
