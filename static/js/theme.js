// Light or dark as the reader chose it, else as the system has it. Not a module: it runs before the first paint, so nothing flashes.
(() => {
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  const stored = localStorage.getItem("theme");
  if (stored) root.dataset.theme = stored;

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-toggles-theme]")) return;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches;
    const wanted = isDark ? "light" : "dark";
    if ((wanted === "dark") === systemIsDark.matches) {
      localStorage.removeItem("theme"); // the system's own choice again: keep following it
      delete root.dataset.theme;
    } else {
      localStorage.setItem("theme", wanted);
      root.dataset.theme = wanted;
    }
  });

  addEventListener("storage", (event) => {
    if (event.key !== "theme") return;
    if (event.newValue) root.dataset.theme = event.newValue;
    else delete root.dataset.theme;
  });
})();
