// The desk by keys: digits choose the policy, letters what is done, Enter decides. The forms work without.

import { all, learn } from "./enhance.js";
import { OFF } from "./keyboard.js";
import { ready, settled } from "./ahead.js";

const PAUSE = 700;
const KEEP = 5 * 60_000;
let typed = "";
let waiting = 0;
let listening = false;

const find = (selector) => document.querySelector(`[data-desk] ${selector}`);

function choose(input) {
  if (!input) return false;
  input.closest("details")?.setAttribute("open", "");
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

// "1" is the first policy at once, and the twelfth when "2" follows soon.
function digit(key) {
  clearTimeout(waiting);
  waiting = setTimeout(() => (typed = ""), PAUSE);
  typed += key;
  if (choose(find(`[data-digit="${typed}"]`))) return true;
  typed = key;
  return choose(find(`[data-digit="${typed}"]`));
}

function unfold(selector) {
  const box = find(selector);
  if (!box) return false;
  box.open = true;
  box.querySelector("input:not([type=hidden]), select")?.focus();
  return true;
}

function focus(selector) {
  const field = find(selector);
  field?.focus();
  return Boolean(field);
}

function press(selector) {
  const button = find(selector);
  button?.click();
  return Boolean(button);
}

function unveil() {
  const boxes = [...document.querySelectorAll("[data-desk] [data-unveil]")];
  const on = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = on;
  return boxes.length > 0;
}

function help() {
  const dialog = document.getElementById("desk-keys");
  dialog?.showModal();
  return Boolean(dialog);
}

function decide() {
  const form = find("[data-decide]");
  form?.requestSubmit();
  return Boolean(form);
}

// What was decided on the page before may still be on its way.
function undo() {
  const button = find("[data-undo]");
  if (button) settled().then(() => button.click());
  return Boolean(button);
}

// One of many things: its button, which takes it out of the case or puts it back, or gives it back.
function thing(step) {
  const buttons = [...document.querySelectorAll("[data-things] li button")];
  const at = buttons.indexOf(document.activeElement);
  const next = buttons[at < 0 && step < 0 ? buttons.length - 1 : at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return buttons.length > 0;
}

const acts = {
  ".": () => thing(1),
  ",": () => thing(-1),
  n: () => press("[data-next]"),
  u: undo,
  s: () => unfold("[data-snooze]"),
  h: () => unfold("[data-hand-over]"),
  x: unveil,
  t: () => focus("[data-macro]"),
  e: () => focus("[data-said]"),
  i: () => focus("#f-note"),
  "?": help,
};

function pressed(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.metaKey || event.altKey || event.isComposing || !(target instanceof Element)) return;
  if (target.closest("dialog[open], [role=menu]")) return;
  const field = target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
  if (key === "Escape" && field) field.blur();
  if (key === "Enter" && event.ctrlKey && field?.form?.matches("[data-decide]")) field.form.requestSubmit();
  if (field || event.ctrlKey || localStorage.getItem(OFF)) return;
  if (key === "Enter" && target.closest("a, button, summary")) return;
  const letter = /^[a-zA-Z]$/.test(key) && choose(find(`[data-decide] [data-key="${key}"]`));
  const done = letter || (/^[a-z]$/.test(key) && saved(find(`[data-saved-key="${key}"]`))) || (/^[0-9]$/.test(key) ? digit(key) : key === "Enter" ? decide() : acts[key]?.());
  if (done) {
    event.preventDefault();
    event.stopPropagation();
  }
}

// What is chosen is said beside the button, and what it means is shown: the text of the policy, and what is done.
function chosen(form) {
  const picks = [...form.querySelectorAll(".pick")].filter((one) => one.querySelector(":checked:not([name=account_action][value=none])"));
  const words = picks.map((one) => one.querySelector("span").textContent);
  form.querySelector("[data-chosen]").textContent = form.querySelector("[name=action]:checked") ? words.join(" · ") : "";
  const policy = form.querySelector("[name=policy]:checked")?.value;
  for (const text of form.querySelectorAll("[data-policy]")) text.hidden = text.dataset.policy !== policy;
  const action = form.querySelector("[name=action]:checked")?.value;
  for (const text of form.querySelectorAll("[data-why]")) text.hidden = text.dataset.why !== action;
}

// A text that is said again goes where it can still be changed.
function macro(select) {
  const said = select.form.querySelector("[data-said]"), text = select.selectedOptions[0]?.dataset.text;
  if (!text) return;
  said.value = said.value.trim() ? `${said.value.trimEnd()}\n${text}` : text;
  select.value = "";
  said.focus();
}

function write(field, text) {
  if (text && !field.value.includes(text)) field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
}

// A saved decision fills in the form, so that one sees what is decided; one that decides at once does so then.
function saved(button) {
  if (!button) return false;
  const form = button.form, one = button.dataset;
  for (const [name, value] of [["policy", one.policyOf], ["action", one.actionOf]]) choose(form.querySelector(`[name=${name}][value="${value}"]`));
  const account = form.querySelector(`[name=account_action][value="${one.accountOf}"]`);
  if (!account.checked) choose(account);
  form.elements.days.value = one.daysOf;
  write(form.elements.said, one.saidOf);
  write(form.elements.note, one.noteOf);
  if ("atOnce" in one) form.requestSubmit();
  return true;
}

// It is said of one thing, and what was chosen and written meanwhile stays. Where that fails, the page says why.
async function part(list, button) {
  const body = new URLSearchParams({ csrf: button.form.elements.csrf.value, [button.name]: button.value });
  const answer = await fetch(list.dataset.alike, { method: "POST", body }).catch(() => null);
  const found = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-alike]");
  if (!found) return button.form.requestSubmit(button);
  list.innerHTML = found.innerHTML;
  list.querySelector(`button[value="${button.value}"]`)?.focus();
}

// Whoever still works on a case keeps it.
function keeping(form) {
  let busy = false;
  for (const kind of ["pointermove", "keydown", "scroll"]) document.addEventListener(kind, () => (busy = true), { passive: true });
  const beat = setInterval(() => {
    if (!form.isConnected) return clearInterval(beat);
    if (!busy || document.hidden) return;
    busy = false;
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    fetch(form.getAttribute("action").replace(/decide$/, "keep"), { method: "POST", body, redirect: "manual" }).catch(() => {});
  }, KEEP);
}

function desk(root) {
  for (const place of all(root, "[data-desk]")) {
    if (!listening) document.addEventListener("keydown", pressed, { capture: true });
    listening = true;
    for (const button of place.querySelectorAll("[data-desk-help]")) {
      button.hidden = false;
      button.addEventListener("click", help);
    }
  }
  for (const list of all(root, "[data-alike]")) {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      event.preventDefault();
      part(list, button);
    });
  }
  for (const form of all(root, "[data-decide]")) {
    form.addEventListener("change", () => chosen(form));
    for (const button of form.querySelectorAll("[data-saved]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        saved(button);
      });
    }
    form.querySelector("[data-macro]")?.addEventListener("change", (event) => macro(event.target));
    chosen(form);
    keeping(form);
    ready(form);
  }
}

learn(desk);
