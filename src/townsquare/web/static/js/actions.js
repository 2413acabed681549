// The buttons below a post act without leaving the page; those that ask first do so here.

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

function sure(form, button) {
  if (!confirm(button.dataset.ask)) return false;
  const yes = Object.assign(document.createElement("input"), { type: "hidden", name: "sure", value: "true" });
  form.append(yes);
  addEventListener("pageshow", () => yes.remove(), { once: true });
  return true;
}

export function listenForActions() {
  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (button?.dataset.ask) {
      if (!sure(form, button)) event.preventDefault();
    } else if (button?.matches(".actions .act")) {
      event.preventDefault();
      react(button);
    }
  });
}
