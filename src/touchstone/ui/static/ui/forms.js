// Forms work without this module: it hides what does not apply, adds and removes rows in place, and
// saves drafts (form[data-draft] is the address; it answers {"version": n}, or 409 with {"text": "…"}).

const norm = (text) => text.normalize("NFKC").replace(/[,\s¥]/g, "");
const numbers = new Set(["integer", "decimal", "money"]);
const tests = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };

function valueOf(form, name) {
  let found = "";
  for (const input of form.elements) {
    if (input.name !== name || input.closest("[data-visible-if][hidden]")) continue;
    if ((input.type === "radio" || input.type === "checkbox") && !input.checked) continue;
    found = input.value;
  }
  return found.trim();
}

export function holds(condition, read) {
  if (condition.all) return condition.all.every((part) => holds(part, read));
  if (condition.any) return condition.any.some((part) => holds(part, read));
  const typed = read(condition.field);
  if (typed === "") return false;
  const isNumber = numbers.has(condition.kind);
  const value = isNumber ? Number(norm(typed)) : typed;
  if (isNumber && Number.isNaN(value)) return false;
  const wanted = (text) => (isNumber ? Number(text) : text);
  if (condition.is) return condition.is.some((text) => wanted(text) === value);
  return tests[condition.op](value, wanted(condition.value));
}

function show(form) {
  // In the order of the page: a condition asks only for fields above it.
  form.querySelectorAll("[data-visible-if]").forEach((item) => {
    item.hidden = !holds(JSON.parse(item.dataset.visibleIf), (name) => valueOf(form, name));
    item.querySelectorAll("[data-required]").forEach((input) => { input.required = !item.hidden; });
  });
  form.querySelectorAll("[data-form-part]").forEach((part) => {
    part.hidden = [...part.querySelectorAll(":scope > .form-item")].every((item) => item.hidden);
  });
}

function addRow(button) {
  const rows = button.closest("[data-rows]");
  const next = Number(rows.dataset.next ?? rows.querySelectorAll(":scope > [data-row]").length);
  rows.dataset.next = String(next + 1);
  const holder = document.createElement("template");
  holder.innerHTML = rows.querySelector("[data-row-blank]").innerHTML.replaceAll("__row__", String(next));
  const row = holder.content.querySelector("[data-row]");
  rows.insertBefore(row, button);
  row.querySelector("input, select, textarea")?.focus();
}

function removeRow(button) {
  const rows = button.closest("[data-rows]");
  rows.dataset.next ??= String(rows.querySelectorAll(":scope > [data-row]").length);
  button.closest("[data-row]").remove();
  rows.querySelector("[data-row-add]").focus();
}

function keepDraft(form) {
  let changed = false;
  let busy = false;
  const said = form.querySelector("[data-draft-said]");
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  setInterval(async () => {
    if (!changed || busy || document.hidden) return;
    changed = false;
    busy = true;
    const sent = new FormData(form);
    form.querySelectorAll('input[type="file"]').forEach((input) => { if (input.files.length) sent.delete(input.name); });
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const data = await answer.json();
      if (answer.ok) form.querySelector('input[name="_version"]').value = data.version;
      if (said) said.textContent = answer.ok ? said.dataset.draftSaid : data.text ?? "";
    } catch {
      changed = true;
    } finally {
      busy = false;
    }
  }, Number(form.dataset.draftSeconds ?? 20) * 1000);
}

export function start(root = document) {
  root.querySelectorAll("form").forEach((form) => {
    if (form.dataset.formStarted || !form.querySelector(".form-item")) return;
    form.dataset.formStarted = "yes";
    show(form);
    form.addEventListener("input", () => show(form));
    form.addEventListener("change", () => show(form));
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-row-add], [data-row-remove]");
      if (!button) return;
      event.preventDefault();
      if (button.matches("[data-row-add]")) addRow(button); else removeRow(button);
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    if (form.dataset.draft) keepDraft(form);
  });
  root.querySelector("[data-form-errors]")?.focus();
}

start();
document.addEventListener("htmx:afterSettle", (event) => start(event.target.parentElement ?? document));
