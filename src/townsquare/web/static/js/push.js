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

async function on(key) {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON();
  await post("/push", [["endpoint", endpoint], ["p256dh", keys.p256dh], ["auth", keys.auth]]);
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
  const show = (problem = "") => {
    words.textContent = problem || say(active ? "push-is-on" : "push-is-off");
    button.textContent = say(active ? "push-off" : "push-on");
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await (active ? off() : on(known.key));
      active = !active;
      show();
    } catch {
      show(say(Notification.permission === "denied" ? "push-denied" : "push-failed"));
    }
    button.disabled = false;
  });
  show();
  place.replaceChildren(words, button);
  place.hidden = false;
}

export function pushSwitch(root) {
  if (!("PushManager" in globalThis) || !navigator.serviceWorker) return;
  for (const place of all(root, "[data-push]")) build(place).catch(() => {});
}
