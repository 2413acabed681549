// Small comforts that need no module of their own.

import { all } from "./enhance.js";
import { say } from "./words.js";

const NOTED = 8000;

// What an action led to stays in sight for a while, then it goes back to its place.
export function notes(root) {
  for (const note of all(root, ".note[role=status]")) setTimeout(() => note.classList.add("read"), NOTED);
}

export function copying(root) {
  for (const button of all(root, "[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = say("copied");
    });
  }
}

export function selecting(root) {
  for (const field of all(root, "[data-select]")) field.addEventListener("focus", () => field.select());
}
