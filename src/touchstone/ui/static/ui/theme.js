// Light, dark, or as the machine says, and the size of text; kept in this browser only. Loaded before the page is drawn.
(() => {
  const root = document.documentElement;
  const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => {
    try { if (value) localStorage.setItem(name, value); else localStorage.removeItem(name); } catch { /* a private window keeps nothing */ }
  };
  const show = (theme) => {
    root.dataset.bsTheme = theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  };
  const size = (text) => { if (text) root.dataset.textSize = text; else delete root.dataset.textSize; };
  const mark = () => {
    for (const [name, kept] of [["themeChoice", stored("theme")], ["sizeChoice", stored("text-size")]]) {
      const attribute = name === "themeChoice" ? "data-theme-choice" : "data-size-choice";
      document.querySelectorAll(`[${attribute}]`).forEach((one) => one.setAttribute("aria-pressed", String(one.dataset[name] === (kept ?? ""))));
    }
  };
  show(stored("theme"));
  size(stored("text-size"));
  document.addEventListener("DOMContentLoaded", mark);
  document.addEventListener("click", (event) => {
    const target = event.target;
    const theme = target.closest?.("[data-theme-choice]");
    const text = target.closest?.("[data-size-choice]");
    if (target.closest?.("[data-theme-switch]")) {
      const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
      keep("theme", next); show(next);
    } else if (theme) {
      keep("theme", theme.dataset.themeChoice); show(theme.dataset.themeChoice);
    } else if (text) {
      keep("text-size", text.dataset.sizeChoice); size(text.dataset.sizeChoice);
    }
    mark();
  });
})();
