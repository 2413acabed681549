// Whether this device tells of notifications while no page is open: a switch for the settings.

import { all } from "./enhance.js";
import { say } from "./words.js";

const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function post(address, fields) {
  const body = new URLSearchParams([["csrf", csrf()], ...fields]);
  const answer = await fetch(address, { method: "POST", body });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
}

// Of what the device tells: the ticks that stand in the place, if any do.
function chosen(place) {
  const ticks = [...place.querySelectorAll("input[name='alerts[]']")];
  const wanted = ticks.filter((tick) => tick.checked).map((tick) => ["alerts[]", tick.value]);
  return ticks.length ? [["chosen", "true"], ...wanted] : [];
}

async function tell(made, wanted) {
  const { endpoint, keys } = made.toJSON();
  await post("/push", [["endpoint", endpoint], ["p256dh", keys.p256dh], ["auth", keys.auth], ...wanted]);
}

async function on(key, wanted) {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  await tell(made, wanted);
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

// A device that may show notifications and is not told any more, though its owner wants that: the place has moved to
// another domain, or the browser has forgotten. It is made known anew, once in a tab.
export async function keepPush() {
  if (!("PushManager" in globalThis) || !navigator.serviceWorker || Notification.permission !== "granted") return;
  if (!csrf() || sessionStorage.getItem("push-looked")) return;
  const worker = await navigator.serviceWorker.ready;
  if (await worker.pushManager.getSubscription()) return;
  sessionStorage.setItem("push-looked", "yes");
  const answer = await fetch("/push");
  if (!answer.ok || answer.redirected) return;
  const known = await answer.json();
  const alerts = known.alerts.map((name) => ["alerts[]", name]);
  if (known.on) await on(known.key, [["chosen", "true"], ["policy", known.policy], ...alerts]);
}

export function pushSwitch(root) {
  if (!("PushManager" in globalThis) || !navigator.serviceWorker) return;
  for (const place of all(root, "[data-push]")) build(place).catch(() => {});
}
