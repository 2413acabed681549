// The buttons below a post act without leaving the page; those that ask first do so here.

import { askFirst } from "./asking.js";
import { enhance } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";

async function react(button) {
  if (button.hasAttribute("aria-busy")) return;
  const form = button.form, row = button.closest(".actions");
  button.setAttribute("aria-busy", "true");
  hush(row);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await reach(button.formAction, { method: "POST", headers: { part: "actions" }, body });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".actions");
    const kind = [...button.classList].find((name) => name !== "act");
    row.replaceWith(document.adoptNode(fresh));
    enhance(fresh);
    fresh.querySelector(`.${kind}`).focus();
  } catch (error) {
    button.removeAttribute("aria-busy");
    if (error.words) {
      complain(row, error.words);
      return;
    }
    form.action = button.formAction;
    HTMLFormElement.prototype.submit.call(form);
  }
}

export function listenForActions() {
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.dataset.ask) {
      event.preventDefault();
      askFirst(button);
    } else if (button?.matches(".actions .act")) {
      event.preventDefault();
      react(button);
    }
  });
}
