// The box in which one writes: counts, sends without leaving the page, and keeps all where something goes wrong.

import { completing } from "./complete.js";
import { drafting } from "./drafts.js";
import { all } from "./enhance.js";
import { lengthOf } from "./length.js";
import { keep } from "./outbox.js";
import { polls } from "./polls.js";
import { missed, wayTo } from "./reach.js";
import { shared } from "./shared.js";
import { uploading } from "./uploads.js";
import { undescribed } from "./waits.js";
import { say } from "./words.js";

function countLetters(form) {
  const text = form.elements.text, warning = form.elements.warning;
  const left = form.querySelector("[data-left]");
  const count = () => {
    const rest = Number(text.dataset.limit) - lengthOf(text.value) - lengthOf(warning ? warning.value : "");
    left.textContent = String(rest);
    left.classList.toggle("over", rest < 0);
    left.title = say(rest < 0 ? "too-long" : "left");
  };
  form.addEventListener("input", count);
  form.addEventListener("reset", () => setTimeout(count));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-send]"));
    }
  });
  count();
}

// A new name for what is about to be written: under one name a post is sent once.
function named(form) {
  if (form.elements.key) form.elements.key.value = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
}

function inZone(form) {
  const zone = form.querySelector("[data-zone]");
  if (zone && !zone.value) {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const name = form.querySelector("[data-zone-name]");
    if (name) name.textContent = zone.value;
  }
  const at = form.querySelector("[data-at]");
  if (at && !at.value) at.value = clock(new Date(at.dataset.at));
}

// A time as a field for it takes it, here.
function clock(at) {
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// One's own language of posts is remembered on this device, for what answers nothing and was not written before.
function language(form) {
  const chosen = form.elements.language;
  if (!chosen || ["answers", "redraft", "later"].some((name) => form.elements[name]) || !form.dataset.account) return;
  const name = `language ${form.dataset.account}`, before = localStorage.getItem(name);
  if (before !== null && [...chosen.options].some((one) => one.value === before)) chosen.value = before;
  chosen.addEventListener("change", () => localStorage.setItem(name, chosen.value));
}

export function tell(form, problem, { bare = false, way } = {}) {
  const note = form.querySelector("[data-problem]");
  note.hidden = !problem;
  note.querySelector("[data-text]").replaceChildren(problem, ...(way ? [" ", wayTo(way)] : []));
  note.querySelector("[data-bare]").hidden = !bare;
  if (problem) note.scrollIntoView({ block: "nearest" });
}

function entries(form, button) {
  const given = new FormData(form);
  if (button?.name) given.append(button.name, button.value);
  return [...given].filter(([, value]) => !(value instanceof File && !value.size));
}

// To another page, or to this one anew.
function go(to) {
  const url = new URL(to, location.href);
  if (url.hash && url.pathname + url.search === location.pathname + location.search) {
    sessionStorage.setItem("go to", url.hash);
    history.replaceState(null, "", url);
    // Else one is taken back to where one wrote, after landing.
    history.scrollRestoration = "manual";
    location.reload();
  } else {
    location.replace(url);
  }
}

async function send(form, button) {
  tell(form, "");
  await form.uploads?.settled();
  if (form.uploads?.problem) {
    tell(form, form.uploads.problem);
    return;
  }
  const given = entries(form, button), body = new FormData();
  for (const [name, value] of given) body.append(name, value);
  const headers = "stays" in form.dataset ? { part: "compose", stays: "yes" } : { part: "compose" };
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", headers, body });
  } catch {
    await later(form, given);
    return;
  }
  if (SILENT.includes(answer.status)) {
    await later(form, given);
    return;
  }
  await answered(form, answer);
}

// The place does not answer, or has lost its database: with the key of the post it is sent again, and is out once.
const SILENT = [502, 503, 504];

async function answered(form, answer) {
  if (answer.status === 429) {
    form.drafts?.save();
    tell(form, missed(answer.status, answer.headers.get("retry-after")));
    return;
  }
  if (answer.redirected || !answer.headers.get("content-type")?.includes("json")) {
    form.drafts?.save();
    if (answer.redirected) location.assign(answer.url);
    else HTMLFormElement.prototype.submit.call(form);
    return;
  }
  const said = await answer.json();
  if (!answer.ok) {
    if (said.kept) form.uploads?.restore([...said.kept, ...said.lost.map((description) => ({ description }))]);
    for (const name of ["key", "later"]) if (form.elements[name] && name in said) form.elements[name].value = said[name];
    tell(form, said.problem, { bare: said.undescribed, way: said.way });
    return;
  }
  form.drafts?.forget();
  if (said.to) go(said.to);
  else form.dispatchEvent(new CustomEvent("sent", { bubbles: true, detail: said }));
}

// Without a network it waits on this device.
async function later(form, given) {
  const bare = undescribed(given);
  if (bare) {
    tell(form, say("describe", { num: bare }), { bare: true });
    return;
  }
  await keep({
    key: form.elements.key.value,
    account: form.dataset.account,
    action: form.getAttribute("action"),
    at: Date.now(),
    entries: given,
  });
  form.drafts?.forget();
  form.uploads?.clear();
  form.reset();
  form.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
}

// What is no new post (a change, a message) goes as any form does: see sending.js.
function sending(form) {
  if (!form.dataset.account) return;
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    try {
      await send(form, event.submitter);
    } finally {
      form.removeAttribute("aria-busy");
      delete form.dataset.sent;
    }
  });
}

// A link to a post of this place that is pasted can become a quote.
function quoting(form) {
  const link = form.querySelector("[data-quoted-link]");
  if (!link) return;
  form.elements.text.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (!text.startsWith(`${location.origin}/@`) || !/\/\d+$/.test(text) || link.value) return;
    event.preventDefault();
    link.value = text;
    link.closest("details").open = true;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

export function composers(root) {
  for (const form of all(root, "[data-compose]")) {
    if (form.dataset.ready) continue;
    if (!("again" in form.dataset)) named(form);
    form.addEventListener("reset", () => named(form));
    inZone(form);
    language(form);
    uploading(form, (problem) => tell(form, problem));
    polls(form);
    drafting(form);
    countLetters(form);
    completing(form.elements.text);
    quoting(form);
    sending(form);
    if (form.dataset.draft === "new") shared(form).catch(() => {});
    form.dataset.ready = "yes";
  }
  for (const form of all(root, ".later-acts")) inZone(form);
  if (root === document && location.hash === "#text") document.getElementById("text")?.focus();
}

export function landing() {
  const hash = sessionStorage.getItem("go to");
  if (!hash) return;
  sessionStorage.removeItem("go to");
  addEventListener("load", () => setTimeout(() => { history.scrollRestoration = "auto"; }), { once: true });
  const there = document.querySelector(hash);
  if (!there) return;
  there.scrollIntoView({ block: "center" });
  // The next Tab goes on from there, as from the place in a page that a link names.
  there.tabIndex = -1;
  there.focus({ preventScroll: true });
  there.blur();
  there.removeAttribute("tabindex");
}
