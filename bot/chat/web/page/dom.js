// Building blocks for the page. Text from outside only ever becomes a text node: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 100 18 9 9 0 000-18",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  inbox: "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1 2.5h4L15 13h5",
  alert: "M12 9v4.5M12 17h.01M10.4 4.2L2.9 17.5A1.9 1.9 0 004.5 20h15a1.9 1.9 0 001.6-2.5L13.6 4.2a1.9 1.9 0 00-3.2 0z",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5",
  pencil: "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7",
  ban: "M12 3a9 9 0 100 18 9 9 0 000-18M5.6 5.6l12.8 12.8",
  undo: "M4 9h10a5.5 5.5 0 010 11H8M4 9l4-4M4 9l4 4",
  send: "M5 12h14M13 6l6 6-6 6",
  form: "M6 3.5h12v17H6zM9 8h6M9 12h6M9 16h3.5",
  idea: "M9 17.5h6M10 20.5h4M12 3.5a6 6 0 00-3.5 10.9V17h7v-2.6A6 6 0 0012 3.5z",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z",
  auto: "M12 3a9 9 0 100 18zM12 3a9 9 0 010 18",
  down: "M12 5v14M6 13l6 6 6-6",
  back: "M19 12H5M11 6l-6 6 6 6",
  arrow: "M9 6l6 6-6 6",
  info: "M12 11v5.5M12 7.5h.01M12 3a9 9 0 100 18 9 9 0 000-18",
};

let counter = 0;

/** Gives an id that no other element of this page has. */
export function freshId(stem) {
  counter += 1;
  return `${stem}-${counter}`;
}

/** Builds an element. `onclick: f` listens; other attributes are set as text; null and false are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Gives a decorative icon; the words beside it carry the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.info);
  svg.append(path);
  return svg;
}

/** Gives a round picture of a person's initials, in a calm colour of their own. */
export function avatar(person, size = "") {
  const words = person.name.trim().split(/\s+/);
  const initials = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...word][0] ?? "").join("");
  const node = el("span", { class: `avatar ${size}`, "aria-hidden": "true" }, initials.toUpperCase());
  node.style.setProperty("--hue", String(person.hue ?? 70));
  return node;
}

/** Gives "Add user to group" for "add_user_to_group" or "addUserToGroup". */
export function humanise(word) {
  const spaced = String(word).replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** Says whether the reader asked for less movement. */
export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
