// Asks before what cannot be taken back, above the page: the question, what follows from a yes, and a word for each.

import { say } from "./words.js";

let dialog, question, follows, yes, no;  // `no` comes first, and so has the focus.

function made(name, values) {
  return Object.assign(document.createElement(name), values);
}

function built() {
  dialog = made("dialog", { className: "asking" });
  const form = made("form", { method: "dialog" });
  question = made("h2", { id: "asking" });
  follows = made("p", { id: "asking-follows" });
  yes = made("button", { value: "yes" });
  no = made("button", { className: "button", value: "" });
  const doors = made("p", { className: "doors" });
  doors.append(no, yes);
  form.append(question, follows, doors);
  dialog.append(form);
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", question.id);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
  document.body.append(dialog);
}

// Whether the person says yes. `danger`: the word for it warns.
export function ask(text, { words = "", verb, danger = false }) {
  if (!dialog) built();
  question.textContent = text;
  follows.textContent = words;
  follows.hidden = !words;
  dialog.toggleAttribute("aria-describedby", false);
  if (words) dialog.setAttribute("aria-describedby", follows.id);
  yes.textContent = verb;
  yes.className = `button ${danger ? "danger" : "main"}`;
  no.textContent = say("no");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((tell) => {
    dialog.addEventListener("close", () => tell(dialog.returnValue === "yes"), { once: true });
  });
}

// Back to where one was: a button in a menu that is shut meanwhile cannot have the focus, so the menu gets it.
function back(button) {
  const menu = button.closest("details.menu");
  if (menu) menu.open = false;
  (menu?.querySelector("summary") ?? button).focus();
}

// Ask what a button says that is to be asked, and send its form where the answer is yes.
export async function askFirst(button) {
  const { ask: text, askWords: words } = button.dataset;
  const verb = button.textContent.trim() || button.ariaLabel;
  const danger = button.matches(".danger");
  if (!await ask(text, { words, verb, danger })) {
    back(button);
    return;
  }
  const form = button.form;
  const sure = made("input", { type: "hidden", name: "sure", value: "true" });
  form.append(sure);
  addEventListener("pageshow", () => sure.remove(), { once: true });
  delete button.dataset.ask;
  form.requestSubmit(button);
  button.dataset.ask = text;
}
