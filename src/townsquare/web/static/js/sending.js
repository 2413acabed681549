// Forms that go as the browser sends them: what was pressed shows that it is at work, without a network nothing is sent
// and nothing is lost, and what is written is sent once, however often one presses.

import { complain, hush } from "./reach.js";
import { keepTyped } from "./typed.js";
import { say } from "./words.js";

export function listenForForms() {
  addEventListener("submit", (event) => {
    const form = event.target, pressed = event.submitter ?? form;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const place = pressed.closest(".sheet") ? pressed : pressed.closest(".doors") ?? pressed;
    hush(place);
    if (navigator.onLine) {
      if ("compose" in form.dataset) form.dataset.sent = "yes";
      keepTyped();
      pressed.setAttribute("aria-busy", "true");
    } else {
      event.preventDefault();
      complain(place, say("no-network"));
    }
  });
  addEventListener("pageshow", () => {
    for (const one of document.querySelectorAll("[data-compose]")) delete one.dataset.sent;
    for (const one of document.querySelectorAll("form[aria-busy], form [aria-busy], [form][aria-busy]")) one.removeAttribute("aria-busy");
  });
}
