// What only the settings need: passkeys, what a chosen picture looks like, and the switch for this device's notifications.

import { all, learn } from "./enhance.js";
import "./passkeys.js";
import { previews } from "./previews.js";
import { on, post, tell } from "./push.js";
import { say } from "./words.js";

// Of what the device tells: the ticks that stand in the place, if any do.
function chosen(place) {
  const ticks = [...place.querySelectorAll("input[name='alerts[]']")];
  const wanted = ticks.filter((tick) => tick.checked).map((tick) => ["alerts[]", tick.value]);
  return ticks.length ? [["chosen", "true"], ...wanted] : [];
}

async function off() {
  const worker = await navigator.serviceWorker.ready;
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  await post("/push/end", []);
}

async function build(place) {
  const answer = await fetch("/push");
  if (!answer.ok || answer.redirected) return;
  const known = await answer.json();
  const worker = await navigator.serviceWorker.ready;
  let active = known.on && !!(await worker.pushManager.getSubscription());
  const words = document.createElement("p"), button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button" });
  words.setAttribute("role", "status");
  const kinds = place.querySelector("fieldset");
  for (const tick of place.querySelectorAll("input[name='alerts[]']")) tick.checked = known.alerts.includes(tick.value);
  const show = (problem = "") => {
    words.textContent = problem || say(active ? "push-is-on" : "push-is-off");
    button.textContent = say(active ? "push-off" : "push-on");
    if (kinds) kinds.hidden = !active;
  };
  kinds?.addEventListener("change", async () => {
    try {
      await tell(await worker.pushManager.getSubscription(), chosen(place));
      show();
    } catch {
      show(say("push-failed"));
    }
  });
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await (active ? off() : on(known.key, chosen(place)));
      active = !active;
      show();
    } catch {
      show(say(Notification.permission === "denied" ? "push-denied" : "push-failed"));
    }
    button.disabled = false;
  });
  show();
  const switched = place.querySelector("[data-switch]") ?? place;
  switched.replaceChildren(words, button);
  place.hidden = false;
}

function pushSwitch(root) {
  if (!("PushManager" in globalThis) || !navigator.serviceWorker) return;
  for (const place of all(root, "[data-push]")) build(place).catch(() => {});
}

learn(previews, pushSwitch);
