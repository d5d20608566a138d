// Runs before the first paint, so that a remembered choice of colours does not flash.
try {
  const theme = localStorage.getItem("countersign.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's own choice is used then.
}
