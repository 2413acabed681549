// What a post can do by itself: take a vote where it stands, and give its address away.

import { all, enhance } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";
import { say } from "./words.js";

const TOLD = 3000;

async function vote(button) {
  const poll = button.closest(".poll");
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  hush(poll);
  try {
    const body = new URLSearchParams(new FormData(button.form));
    const answer = await reach(button.formAction, { method: "POST", headers: { part: "poll" }, body });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".poll");
    fresh.tabIndex = -1;
    poll.replaceWith(fresh);
    enhance(fresh);
    fresh.focus({ preventScroll: true });
  } catch (error) {
    button.removeAttribute("aria-busy");
    if (error.words) {
      complain(poll, error.words);
      return;
    }
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
