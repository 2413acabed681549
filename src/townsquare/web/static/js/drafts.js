// What was begun stays on this device until it is sent: a closed tab, an error or a lost network lose nothing.

import { ask } from "./asking.js";

const SOON = 300;
const FIELDS = ["text", "warning", "visibility", "language", "quote_policy", "reply_policy", "quoted_link", "at", "poll[lasts]"];
const TICKS = ["sensitive", "poll[multiple]", "poll[hide_totals]"];

function stateOf(form) {
  const state = { fields: {}, ticks: {}, choices: [], files: form.uploads?.states() ?? [], saved: Date.now() };
  for (const name of FIELDS) if (form.elements[name]) state.fields[name] = form.elements[name].value;
  for (const name of TICKS) if (form.elements[name]) state.ticks[name] = form.elements[name].checked;
  for (const choice of form.querySelectorAll("[name='poll[options][]']")) state.choices.push(choice.value);
  state.key = form.elements.key?.value;
  return state;
}

function same(one, other) {
  const plain = ({ saved, key, ...rest }) => JSON.stringify(rest);
  return plain(one) === plain(other);
}

function fill(form, state) {
  for (const [name, value] of Object.entries(state.fields)) if (form.elements[name]) form.elements[name].value = value;
  for (const [name, on] of Object.entries(state.ticks)) if (form.elements[name]) form.elements[name].checked = on;
  form.querySelectorAll("[name='poll[options][]']").forEach((choice, place) => {
    choice.value = state.choices[place] ?? "";
  });
  for (const part of form.querySelectorAll("details.extra")) {
    if ([...part.querySelectorAll("input:not([type=hidden], [type=checkbox])")].some((field) => field.value)) part.open = true;
  }
  form.uploads?.restore(state.files);
  // Under this name it may have been sent already, and no answer have come.
  if (state.key) form.elements.key.value = state.key;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

export function draftName(account, name) {
  return `draft ${account} ${name}`;
}

// A button throws all of it away, where there is something.
function discarding(form, begun) {
  const button = form.querySelector("[data-discard]");
  const look = () => {
    button.hidden = !begun();
  };
  for (const kind of ["input", "change"]) form.addEventListener(kind, look);
  form.addEventListener("reset", () => setTimeout(look));
  button.addEventListener("click", async () => {
    if (!await ask(`${button.title}?`, { words: button.dataset.askWords, verb: button.title, danger: true })) return;
    form.uploads?.drop();
    form.reset();
    form.drafts.forget();
    form.elements.text.focus();
  });
}

export function drafting(form) {
  const { draft, account } = form.dataset;
  if (!draft || !account) return;
  const name = draftName(account, draft), begin = stateOf(form);
  let waiting = 0;
  const save = () => {
    clearTimeout(waiting);
    waiting = 0;
    const now = stateOf(form);
    if (same(now, begin) && !("again" in form.dataset)) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(now));
  };
  const forget = () => {
    clearTimeout(waiting);
    waiting = 0;
    localStorage.removeItem(name);
  };
  form.drafts = { save, forget };
  discarding(form, () => !same(stateOf(form), begin));
  const kept = localStorage.getItem(name);
  if (kept && !("again" in form.dataset)) {
    fill(form, JSON.parse(kept));
    form.dataset.restored = "yes";
  }
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, SOON);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  addEventListener("pagehide", () => waiting && save());
  // What another tab has sent does not stand here any more, unless one has gone on writing here.
  addEventListener("storage", ({ key, oldValue, newValue }) => {
    if (key === name && oldValue && newValue === null && same(stateOf(form), JSON.parse(oldValue))) form.reset();
  });
}
