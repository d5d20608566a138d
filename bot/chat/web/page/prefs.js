// What the page remembers on this computer. A browser that forbids storage just forgets.

const PREFIX = "countersign.";

/** Gives the remembered value, or the fallback. */
export function recall(name, fallback) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** Remembers a value that JSON can hold. */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full or forbidden storage loses comfort only.
  }
}
