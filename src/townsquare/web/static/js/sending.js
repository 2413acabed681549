// Forms that go as the browser sends them: what was pressed shows that it is at work, and without a network nothing is
// sent and nothing is lost.

import { complain, hush } from "./reach.js";
import { keepTyped } from "./typed.js";
import { say } from "./words.js";

export function listenForForms() {
  addEventListener("submit", (event) => {
    const form = event.target, pressed = event.submitter ?? form;
    if (event.defaultPrevented || form.method !== "post") return;
    const place = pressed.closest(".doors") ?? pressed;
    hush(place);
    if (navigator.onLine) {
      keepTyped();
      pressed.setAttribute("aria-busy", "true");
    } else {
      event.preventDefault();
      complain(place, say("no-network"));
    }
  });
  addEventListener("pageshow", () => {
    for (const one of document.querySelectorAll("form[aria-busy], form [aria-busy], [form][aria-busy]")) one.removeAttribute("aria-busy");
  });
}
