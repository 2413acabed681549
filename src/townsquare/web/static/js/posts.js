// What a post can do by itself: take a vote where it stands, and give its address away.

import { all, enhance } from "./enhance.js";
import { say } from "./words.js";

const TOLD = 3000;

async function vote(button) {
  const poll = button.closest(".poll");
  button.disabled = true;
  try {
    const form = document.getElementById("acts");
    const answer = await fetch(button.formAction, {
      method: "POST",
      headers: { part: "poll" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${answer.url}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".poll");
    fresh.tabIndex = -1;
    poll.replaceWith(fresh);
    enhance(fresh);
    fresh.focus({ preventScroll: true });
  } catch {
    button.disabled = false;
    button.removeAttribute("data-vote");
    button.form.requestSubmit(button);
  }
}

export function polls(root) {
  for (const button of all(root, "[data-vote]")) {
    button.addEventListener("click", (event) => {
      if (!("vote" in button.dataset)) return;
      event.preventDefault();
      vote(button);
    });
  }
}

export function links(root) {
  for (const button of all(root, "[data-copy-text]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const words = button.textContent;
      try {
        await navigator.clipboard.writeText(button.dataset.copyText);
      } catch {
        return;
      }
      button.textContent = say("copied");
      setTimeout(() => {
        button.textContent = words;
      }, TOLD);
    });
  }
}
