// Light, dark, or as the machine says; kept in this browser only. Loaded before the page is drawn.
(() => {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const show = (theme) => {
    root.dataset.bsTheme = theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  };
  show(stored());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) return;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* a private window keeps nothing */ }
    show(next);
  });
})();
