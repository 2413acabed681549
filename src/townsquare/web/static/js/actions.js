// The buttons below a post act without leaving the page; those that ask first do so here.

import { askFirst } from "./asking.js";
import { enhance } from "./enhance.js";

async function react(button) {
  const form = button.form, row = button.closest(".actions");
  button.disabled = true;
  try {
    const answer = await fetch(button.formAction, {
      method: "POST",
      headers: { part: "actions" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${answer.url}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".actions");
    const kind = [...button.classList].find((name) => name !== "act");
    row.replaceWith(document.adoptNode(fresh));
    enhance(fresh);
    fresh.querySelector(`.${kind}`).focus();
  } catch {
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
