// Small behaviours; every act also works without this file.
const root = document.documentElement;

// A filter sends itself when it changes; the button beside it is for those without script, and for those
// who go through a list by keys: each arrow changes it, so it is sent by Enter or by the button.
let byKeys = false;
document.addEventListener("pointerdown", () => { byKeys = false; });
document.addEventListener("keydown", (event) => {
  byKeys = true;
  const form = event.target.closest("form[data-auto]");
  if (form && event.key === "Enter" && event.target.matches("select")) form.requestSubmit();
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (!form) return;
  if (byKeys && event.target.matches("select")) form.querySelectorAll("[data-auto-hide]").forEach((button) => { button.hidden = false; });
  else form.requestSubmit();
});
document.querySelectorAll("form[data-auto] [data-auto-hide]").forEach((button) => { button.hidden = true; });

// Clocks count down; the server says where they stand, this only keeps the words true for a minute.
const words = root.lang.startsWith("zh") ? [["天", 86400], ["时", 3600], ["分", 60]] : [["d", 86400], ["h", 3600], ["m", 60]];
const spell = (seconds) => {
  let left = Math.abs(Math.trunc(seconds)); const parts = [];
  for (const [word, size] of words) {
    const count = Math.floor(left / size); left -= count * size;
    if (count && parts.length < 2) parts.push(`${count}${word}`); else if (parts.length) break;
  }
  return parts.join(root.lang.startsWith("zh") ? "" : " ") || (root.lang.startsWith("zh") ? "不足1分" : "<1m");
};
const skew = Number(root.dataset.now || 0) * 1000 - Date.now();
const tick = () => document.querySelectorAll("[data-due]").forEach((place) => {
  place.textContent = spell((Number(place.dataset.due) * 1000 - Date.now() - skew) / 1000);
});
setInterval(tick, 30_000);

// Keys: / searches; in a list j and k move, enter opens, c takes.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-row]")];
const move = (step) => {
  const all = rows(); if (!all.length) return;
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  all.forEach((row) => row.removeAttribute("aria-selected"));
  next.setAttribute("aria-selected", "true"); next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const row = document.querySelector('[data-row][aria-selected="true"]');
  if (event.key === "/") { event.preventDefault(); document.querySelector("[data-search]")?.focus(); }
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "c" && row) row.querySelector("[data-claim]")?.click();
  else if (event.key === "?") document.querySelector("[data-keys]")?.showModal?.();
});

// Sent once: a second press of the same button does nothing while the first is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post" && !form.hasAttribute("data-again")) {
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  }
});
document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => print()));
document.querySelectorAll("[data-check-all]").forEach((box) => box.addEventListener("change", () => {
  document.querySelectorAll(`input[name="${box.dataset.checkAll}"]`).forEach((one) => { one.checked = box.checked; });
}));

// A picture wider than the page opens where the case stands.
document.querySelectorAll(".diagram").forEach((frame) => {
  const here = frame.querySelector(".bp-here, .bp-waiting");
  if (!here) return;
  const place = here.getBoundingClientRect(), around = frame.getBoundingClientRect();
  frame.scrollTop += place.top - around.top - around.height / 2 + place.height / 2;
  frame.scrollLeft += place.left - around.left - around.width / 2 + place.width / 2;
});
