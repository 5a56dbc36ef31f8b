// Forms work without this module: it hides what does not apply, adds and removes rows in place, and keeps
// drafts (form[data-draft] is the address, empty the form's own; it answers {"version": n, "at": "10:32"}, or
// 409 with {"text": "…", "is_old": true}).

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

// What was typed is kept after some seconds of rest and on leaving; the button does the same by hand.
function keepDraft(form) {
  let changed = false, over = false, timer = 0, sending = null;
  const said = form.querySelector("[data-draft-said]");
  const version = form.elements.draft_version;
  const rest = Number(form.dataset.draftSeconds ?? 3) * 1000;
  const later = () => { clearTimeout(timer); timer = setTimeout(() => keep(), rest); };
  const tell = (text, isBad, isOld) => {
    if (!said) return;
    said.replaceChildren(text);
    said.classList.toggle("tone-bad", isBad);
    if (isOld) said.append(" ", Object.assign(document.createElement("a"), { href: location.href, textContent: said.dataset.reload }));
  };
  const body = () => {
    const sent = new FormData(form);
    sent.set("draft", "1");
    form.querySelectorAll('input[type="file"]').forEach((input) => sent.delete(input.name));
    form.querySelectorAll('input[type="hidden"]').forEach((kept) => { if (!sent.has(kept.name)) sent.append(kept.name, kept.value); });
    return sent;
  };
  async function send(leaving) {
    changed = false;
    try {
      const answer = await fetch(form.dataset.draft || form.action, { method: "POST", body: body(), headers: { Accept: "application/json" }, keepalive: leaving });
      const data = await answer.json();
      if (answer.ok) { version.value = data.version; tell(said?.dataset.kept.replace("{at}", data.at) ?? "", false); }
      else { over = true; tell(data.text, true, data.is_old); }
    } catch {
      changed = true; // no connection: tried again after a rest, or on leaving
    }
    if (changed) later();
  }
  const isDue = () => changed && !over;
  function keep(leaving = false) {
    if (isDue() && !sending) sending = send(leaving).finally(() => { sending = null; });
    return sending;
  }
  // The next page may show this draft, and would be asked for before the draft has arrived: a link waits for it.
  async function leave(event) {
    const link = event.target.closest("a[href]");
    const isPlain = link && !event.defaultPrevented && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!isPlain || link.target || link.hasAttribute("download") || !link.href.startsWith(`${location.origin}/`)) return;
    if (link.href.split("#")[0] === location.href.split("#")[0] || !(isDue() || sending)) return;
    event.preventDefault();
    const enough = new Promise((done) => { setTimeout(done, 2000); });
    await Promise.race([enough, (async () => { await sending; await keep(true); })()]);
    if (over) said?.scrollIntoView({ block: "center" }); // not kept, and says why: the next click leaves it so
    else location.assign(link.href);
  }
  form.addEventListener("input", (event) => { if (event.target.type === "file") return; changed = true; later(); });
  form.addEventListener("submit", () => { clearTimeout(timer); changed = false; over = true; });
  document.addEventListener("click", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  addEventListener("pagehide", () => keep(true));
  // Come back to from the browser's memory, the page would not know what was kept on leaving it.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
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
    if ("draft" in form.dataset) keepDraft(form);
  });
  root.querySelector("[data-form-errors]")?.focus();
}

start();
document.addEventListener("htmx:afterSettle", (event) => start(event.target.parentElement ?? document));
