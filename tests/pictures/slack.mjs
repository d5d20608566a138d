// Turns Block Kit into HTML: reads {name: {blocks, modal}} from standard input, writes {name: html} to standard output.
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";
import { readFileSync } from "node:fs";
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
  .modal { max-width: 520px; border: 1px solid #ddd; border-radius: 8px; box-shadow: 0 4px 16px #0003; padding: 12px 20px; }
  .modal > h1 { font-size: 22px; margin: 4px 0 12px; display: flex; justify-content: space-between; }
  .modal > h1 span { font-size: 15px; font-weight: 700; border: 1px solid #bbb; border-radius: 4px; padding: 4px 12px; }
  .modal section > .shrink-0, .modal .slack_blocks_to_jsx--header { display: none; }
`;

// The renderer reads markup in plain text, which Slack does not.
function literal(block) {
  if (block.type === "section" && block.text?.type === "plain_text" && !block.accessory) {
    const text = { type: "text", text: block.text.text };
    return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [text] }] };
  }
  return block;
}

const cards = JSON.parse(readFileSync(0, "utf8"));
const pages = {};
for (const [name, { blocks, modal }] of Object.entries(cards)) {
  const shown = renderToStaticMarkup(
    createElement(Message, { name: "Countersign", logo, time: new Date(0), blocks: blocks.map(literal) }),
  );
  const body = modal ? `<div class="modal"><h1>${modal}<span>Close</span></h1>${shown}</div>` : shown;
  pages[name] = `<!doctype html><meta charset="utf-8"><style>${css}${own}</style>${body}`;
}
process.stdout.write(JSON.stringify(pages));
