// Pictures at their full size, above the page: one after another by the arrow keys, with what is to be seen on them.

import { all } from "./enhance.js";
import { say } from "./words.js";

const SWIPED = 50;
let dialog, picture, words, links = [], place = 0;

function button(kind, sign, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: `button round ${kind}`, textContent: sign, ariaLabel: say(kind) });
  made.addEventListener("click", act);
  return made;
}

function built() {
  dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", say("picture"));
  picture = document.createElement("img");
  words = document.createElement("p");
  dialog.append(
    button("close", "✕", () => dialog.close()),
    button("before", "‹", () => turn(-1)),
    picture,
    button("after", "›", () => turn(1)),
    words,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const forward = document.dir === "rtl" ? -1 : 1;
    if (event.key === "ArrowRight") turn(forward);
    if (event.key === "ArrowLeft") turn(-forward);
  });
  dialog.addEventListener("close", () => {
    picture.removeAttribute("src");
    links[place]?.focus();
  });
  swiping();
  document.body.append(dialog);
}

// A finger turns to the next one; two fingers, or one in what is enlarged, are the browser's.
function swiping() {
  let from = null;
  dialog.addEventListener("touchstart", (event) => {
    const [finger] = event.touches;
    from = event.touches.length === 1 && visualViewport.scale === 1 ? { x: finger.clientX, y: finger.clientY } : null;
  }, { passive: true });
  dialog.addEventListener("touchend", (event) => {
    if (!from || event.touches.length) return;
    const [finger] = event.changedTouches, across = finger.clientX - from.x, along = finger.clientY - from.y;
    if (Math.abs(across) < SWIPED || Math.abs(across) < 2 * Math.abs(along)) return;
    turn((across < 0 ? 1 : -1) * (document.dir === "rtl" ? -1 : 1));
  });
}

function turn(steps) {
  place = (place + steps + links.length) % links.length;
  const shown = links[place].querySelector("img");
  picture.removeAttribute("src");
  picture.src = links[place].href;
  picture.alt = shown.alt;
  words.textContent = shown.alt;
  for (const one of dialog.querySelectorAll(".before, .after")) one.hidden = links.length < 2;
}

export function viewer(root) {
  for (const group of all(root, "[data-viewer]")) {
    const within = [...group.querySelectorAll("a:has(img)")];
    for (const [number, link] of within.entries()) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (!dialog) built();
        links = within;
        place = number;
        turn(0);
        dialog.showModal();
      });
    }
  }
}
