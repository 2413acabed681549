// A device tells of notifications while no page is open, where its owner wants that.

const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export async function post(address, fields) {
  const body = new URLSearchParams([["csrf", csrf()], ...fields]);
  const answer = await fetch(address, { method: "POST", body });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
}

export async function tell(made, wanted) {
  const { endpoint, keys } = made.toJSON();
  await post("/push", [["endpoint", endpoint], ["p256dh", keys.p256dh], ["auth", keys.auth], ...wanted]);
}

export async function on(key, wanted) {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  await tell(made, wanted);
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
