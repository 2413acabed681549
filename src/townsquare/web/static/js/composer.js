// The box in which one writes.

import { all } from "./enhance.js";
import { lengthOf } from "./length.js";
import { say } from "./words.js";

function countLetters(form) {
  const text = form.querySelector("textarea"), warning = form.querySelector("[name=warning]");
  const left = form.querySelector("[data-left]");
  const count = () => {
    const rest = Number(text.dataset.limit) - lengthOf(text.value) - lengthOf(warning ? warning.value : "");
    left.textContent = String(rest);
    left.classList.toggle("over", rest < 0);
    left.title = say(rest < 0 ? "too-long" : "left");
  };
  form.addEventListener("input", count);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  count();
}

// One row for a picture, and another as soon as the first is filled.
function showPictures(form) {
  const rows = [...form.querySelectorAll("[data-picture]")];
  rows.forEach((row, place) => {
    const file = row.querySelector("input[type=file]"), preview = document.createElement("img");
    preview.alt = "";
    preview.hidden = true;
    row.append(preview);
    row.hidden = place > 0;
    file.addEventListener("change", () => {
      const chosen = file.files[0];
      if (preview.src) URL.revokeObjectURL(preview.src);
      preview.hidden = !chosen?.type.startsWith("image/");
      if (chosen) preview.src = URL.createObjectURL(chosen);
      if (chosen && rows[place + 1]) rows[place + 1].hidden = false;
    });
  });
}

// A post is sent once, however often its button is pressed.
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
}

export function composers(root) {
  for (const form of all(root, "[data-compose]")) {
    countLetters(form);
    showPictures(form);
    sendOnce(form);
  }
  if (root === document && location.hash === "#text") document.getElementById("text")?.focus();
}
