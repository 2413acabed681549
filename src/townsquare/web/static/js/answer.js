// An answer is written below the post that it answers, without leaving the page.

import { all, enhance } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";
import { say } from "./words.js";

let boxes = 0;

// Several boxes can be on a page: each has ids of its own.
function renamed(form) {
  boxes += 1;
  for (const one of form.querySelectorAll("[id]")) {
    const before = one.id, now = `${before}-${boxes}`;
    one.id = now;
    for (const label of form.querySelectorAll(`[for="${CSS.escape(before)}"]`)) label.htmlFor = now;
    for (const told of form.querySelectorAll(`[aria-describedby~="${CSS.escape(before)}"]`)) told.setAttribute("aria-describedby", now);
  }
}

function note(words, to) {
  const line = Object.assign(document.createElement("p"), { className: "note good" });
  line.setAttribute("role", "status");
  const said = Object.assign(document.createElement("span"), { textContent: words });
  line.append(said);
  if (to) line.append(" ", Object.assign(document.createElement("a"), { href: to, textContent: say("look") }));
  return line;
}

// A number that is shortened (1.2K) stays as it is.
function oneMore(link) {
  const count = link.querySelector("span"), before = Number(count.textContent);
  if (!Number.isInteger(before)) return;
  count.textContent = String(before + 1);
  const said = link.getAttribute("aria-label");
  link.setAttribute("aria-label", said.replace(/\d+/, String(before + 1)));
}

async function open(link) {
  const article = link.closest("article"), id = link.dataset.reply;
  const there = article.nextElementSibling;
  if (there?.matches(".answer-box")) {
    there.querySelector("textarea").focus();
    return;
  }
  const answer = await reach(`/compose?answer=${id}`);
  const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-compose]");
  if (!made) throw new Error(answer.url);
  const form = document.adoptNode(made);
  form.dataset.stays = "";
  form.classList.remove("alone");
  renamed(form);
  const box = Object.assign(document.createElement("div"), { className: "answer-box" });
  const close = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: say("close") });
  form.querySelector(".send").prepend(close);
  const shut = () => {
    box.remove();
    link.focus();
  };
  close.addEventListener("click", shut);
  form.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && shut());
  form.addEventListener("sent", (event) => {
    const { id: made_id, said } = event.detail;
    box.replaceChildren(note(say(said === "scheduled" ? "scheduled" : "posted"), said === "scheduled" ? "/scheduled" : `${link.pathname}#post-${made_id}`));
    if (said !== "scheduled") oneMore(link);
    link.focus();
  });
  form.addEventListener("kept", () => box.replaceChildren(note(say("waits"), "/outbox")));
  box.append(form);
  article.after(box);
  enhance(box);
  const text = form.elements.text;
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  form.scrollIntoView({ block: "nearest" });
}

async function begin(link) {
  if (link.hasAttribute("aria-busy")) return;
  const row = link.closest(".actions");
  link.setAttribute("aria-busy", "true");
  hush(row);
  try {
    await open(link);
  } catch (error) {
    if (error.words) complain(row, error.words);
    else location.assign(link.href);
  } finally {
    link.removeAttribute("aria-busy");
  }
}

export function answering(root) {
  for (const link of all(root, "article[id^=post-] .actions > a[href$='#reply']")) {
    link.dataset.reply ??= link.closest("article").id.slice(5);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (document.querySelector("main .thread form[data-compose]") && link.closest(".focused")) return;
      event.preventDefault();
      begin(link);
    });
  }
}
