// Light, dark, or as the system says; remembered.
import { icon } from "/page/dom.js";

const NEXT = { system: "light", light: "dark", dark: "system" };
const WORDS = { system: "as your system", light: "light", dark: "dark" };
const PICTURES = { system: "auto", light: "sun", dark: "moon" };

/** Makes the button step through the three choices. */
export function startTheme(button) {
  let theme = document.documentElement.dataset.theme ?? "system";
  const show = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const words = `Colours: ${WORDS[theme]}`;
    button.replaceChildren(icon(PICTURES[theme]));
    button.setAttribute("aria-label", `${words}. Change to ${WORDS[NEXT[theme]]}`);
    button.title = words;
  };
  button.addEventListener("click", () => {
    theme = NEXT[theme];
    try {
      localStorage.setItem("countersign.theme", theme);
    } catch {
      // Not remembered, still shown.
    }
    show();
  });
  show();
}
