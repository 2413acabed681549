// The next case stands ready while one looks at this one, and is on the screen as soon as this one is decided.
// It is kept for a short time only, and let go by whoever leaves.

import { enhance } from "./enhance.js";
import { say } from "./words.js";

const KEPT = 150_000;
const PATIENCE = 1500;
let next = null;
let sending = Promise.resolve();
let moved = false;

export const settled = () => sending;

const ask = (path, body) => fetch(path, { method: "POST", body: new URLSearchParams(body) });
const csrf = () => document.querySelector("[data-decide] [name=csrf]")?.value ?? "";

function pageOf(text, id) {
  const read = new DOMParser().parseFromString(text, "text/html");
  const main = read.querySelector("main");
  return main && { id, main, title: read.title, path: `/desk/cases/${id}`, at: Date.now() };
}

async function load(form) {
  await sending;
  const kept = await ask("/desk/ahead", { csrf: form.elements.csrf.value, case: form.dataset.decide });
  const id = kept.ok ? (await kept.json()).case : null;
  if (!id) return null;
  const answer = await fetch(`/desk/cases/${id}`, { headers: { part: "ahead" } });
  return answer.ok && !answer.redirected ? pageOf(await answer.text(), id) : null;
}

function prepare(form) {
  const one = { at: Date.now(), page: null };
  one.loading = load(form).catch(() => null).then((page) => (one.page = page));
  next = one;
}

const fresh = () => next !== null && Date.now() - next.at < KEPT;

function show(page) {
  document.querySelector("main").replaceWith(page.main);
  document.title = page.title;
  history.pushState(null, "", page.path);
  moved = true;
  enhance(page.main);
  scrollTo(0, 0);
  const heading = page.main.querySelector("h1");
  if (heading) heading.tabIndex = -1;
  heading?.focus({ preventScroll: true });
}

// As it was sent, with what is wrong; or as it was, where there was no answer.
async function send(action, body, before) {
  try {
    const answer = await fetch(action, { method: "POST", body, headers: { part: "desk" }, keepalive: true });
    if (answer.status === 204) return;
    const again = pageOf(await answer.text(), before.id);
    if (again) return show(again);
  } catch {
    // The network is gone: below.
  }
  show(before);
  const said = before.main.querySelector("[data-desk-said]");
  said.hidden = false;
  said.querySelector("span").textContent = say("not-sent");
}

function go(form, page) {
  const body = new URLSearchParams(new FormData(form));
  const before = { id: form.dataset.decide, main: document.querySelector("main"), title: document.title, path: location.pathname };
  const shown = page.main.querySelector("[data-decide] [name=shown]");
  if (shown) shown.value = Number(shown.value) + (Date.now() - page.at) / 1000;
  const said = page.main.querySelector("[data-desk-said]");
  if (said) said.hidden = false;
  next = null;
  sending = sending.then(() => send(form.getAttribute("action"), body, before));
  ask("/desk/ahead/shown", { csrf: csrf(), case: page.id }).then((answer) => answer.ok || answer.status >= 500 || lose(page), () => {});
  show(page);
}

// Somebody else has it by now. What is chosen and written meanwhile stays where it is.
function lose(page) {
  page.main.querySelector("[data-desk-lost]").hidden = false;
}

async function decided(form, event) {
  if (event.defaultPrevented || event.submitter?.hasAttribute("formaction")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  if (!fresh()) return;
  event.preventDefault();
  const late = new Promise((done) => setTimeout(done, PATIENCE, null));
  const page = next.page ?? (await Promise.race([next.loading, late]));
  if (!page) return form.submit();
  delete form.dataset.sent;
  go(form, page);
}

function leave() {
  if (!next?.page) return;
  navigator.sendBeacon("/desk/ahead/end", new URLSearchParams({ csrf: csrf(), let_go: next.page.id }));
  next = null;
}

export function ready(form) {
  form.addEventListener("submit", (event) => decided(form, event));
  form.addEventListener("change", () => fresh() || prepare(form));
  prepare(form);
}

addEventListener("pagehide", leave);
addEventListener("popstate", () => moved && location.reload());
