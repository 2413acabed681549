// What was typed outlives that a page is loaded anew for a newer version, that no answer comes to a form, and that one
// goes back to it. Boxes for posts have drafts of their own.

const NAME = "typed";
const NEVER = ["hidden", "password", "file", "submit", "button"];

const here = () => location.pathname + location.search;
const ticks = (field) => ["checkbox", "radio"].includes(field.type);

function fields() {
  const found = [...document.querySelectorAll("main :is(input, textarea, select)[name]")];
  return found.filter((field) => !NEVER.includes(field.type) && field.autocomplete !== "one-time-code" && field.form && !field.form.dataset.draft);
}

function changed(field) {
  if (ticks(field)) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

export function keepTyped() {
  const found = fields().flatMap((field, place) => (changed(field) ? [[place, field.name, ticks(field) ? field.checked : field.value]] : []));
  sessionStorage.setItem(NAME, JSON.stringify({ at: here(), found }));
}

// The page that stands in for an answer leads back to the form, where all is put in again.
function unsent(kept) {
  const told = document.querySelector("[data-unsent]");
  told.hidden = false;
  told.querySelector("a").href = kept.at;
  sessionStorage.setItem(NAME, JSON.stringify({ ...kept, back: true }));
}

export function typedBefore() {
  const kept = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
  if (!kept) return;
  const [opening] = performance.getEntriesByType("navigation");
  const told = new Set(opening?.serverTiming?.map((one) => one.name));
  if (told.has("unsent")) {
    unsent(kept);
    return;
  }
  if (!told.has("kept")) sessionStorage.removeItem(NAME);
  if (kept.at !== here() || (opening?.type === "navigate" && !kept.back)) return;
  const known = fields();
  for (const [place, name, value] of kept.found) {
    const field = known[place];
    if (field?.name !== name) continue;
    if (ticks(field)) field.checked = value;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
