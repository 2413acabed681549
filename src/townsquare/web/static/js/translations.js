// A post is translated where it stands, and is itself again.

import { all, enhance } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";

async function translated(address) {
  const answer = await reach(address, { headers: { part: "translation" } });
  const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".translation");
  return document.adoptNode(made);
}

async function turn(link) {
  const line = link.closest(".translate"), words = link.querySelector("span");
  const shown = line.previousElementSibling;
  hush(line);
  if (shown.matches(".translation")) {
    shown.previousElementSibling.hidden = false;
    shown.remove();
  } else {
    link.setAttribute("aria-busy", "true");
    try {
      const made = await translated(link.href);
      line.before(made);
      enhance(made);
      shown.hidden = true;
    } catch (error) {
      if (error.words) complain(line, error.words);
      else location.assign(link.href);
      return;
    } finally {
      link.removeAttribute("aria-busy");
    }
  }
  [words.textContent, link.dataset.back] = [link.dataset.back, words.textContent];
}

export function translations(root) {
  for (const link of all(root, "[data-translate]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (!link.hasAttribute("aria-busy")) turn(link);
    });
  }
}
