// The place as an app: kept up to date by the service worker, read without a network, and what waits is sent.

import { ask } from "./asking.js";
import { sendAll, takeBack, waiting } from "./outbox.js";
import { PARTING } from "./parting.js";
import { elsewhere, LASTING } from "./pointer.js";
import { keepTyped } from "./typed.js";
import { button, rowOf } from "./waits.js";
import { say } from "./words.js";

const KEPT = ["/home", "/compose", "/notifications"];

function line(words, ...within) {
  const made = Object.assign(document.createElement("p"), { className: "note" });
  made.setAttribute("role", "status");
  made.append(Object.assign(document.createElement("span"), { textContent: words }), ...within);
  return made;
}

// One line of each kind stands on top of the page at a time, the newest first.
function put(kind, made) {
  document.querySelector(`[data-line="${kind}"]`)?.remove();
  if (!made) return;
  made.dataset.line = kind;
  const lines = document.querySelector("main > .lines") ?? Object.assign(document.createElement("div"), { className: "lines" });
  if (!lines.isConnected) document.querySelector("main").prepend(lines);
  lines.prepend(made);
}

function offer(act) {
  put("version", line(say("new-version"), button(say("reload"), act)));
}

function anew() {
  keepTyped();
  location.reload();
}

// A newer version takes over when somebody says so on one page; that page is loaded anew, the others say what is up.
function newer(worker) {
  offer(() => {
    navigator.serviceWorker.addEventListener("controllerchange", anew, { once: true });
    worker.postMessage("take over");
  });
}

function takenOver() {
  let had = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) offer(anew);
    had = navigator.serviceWorker.controller;
  });
}

async function register() {
  takenOver();
  const known = await navigator.serviceWorker.register("/sw.js", { type: "module", updateViaCache: "none" });
  if (known.waiting && navigator.serviceWorker.controller) newer(known.waiting);
  known.addEventListener("updatefound", () => {
    const coming = known.installing;
    coming?.addEventListener("statechange", () => {
      if (coming.state === "installed" && navigator.serviceWorker.controller) newer(coming);
    });
  });
  await navigator.serviceWorker.ready;
  await warm();
}

// What one needs most without a network is there from the beginning.
async function warm() {
  const cache = await caches.open("pages");
  for (const path of KEPT) {
    const address = new URL(path, location.href).href;
    if (await cache.match(address)) continue;
    const answer = await fetch(address);
    if (answer.ok && !answer.redirected) await cache.put(address, answer);
  }
}

function told(sent) {
  put("network", null);
  put("sent", line(say("sent-now", { num: sent })));
  outbox();
}

// Where the place does not answer it is asked again, more and more seldom; when it does, what waits is sent.
const SOON = 3000, SELDOM = 60000;
let watching = 0;

async function answers() {
  const answer = await fetch("/health", { cache: "no-store" }).catch(() => null);
  return !!answer?.ok;
}

function watch(pause = SOON) {
  clearTimeout(watching);
  watching = setTimeout(async () => {
    watching = 0;
    if (!await answers()) {
      watch(Math.min(pause * 2, SELDOM));
      return;
    }
    network(true);
    await send().catch(() => {});
    if ((await waiting(me())).some((post) => post.problem === undefined)) watch(Math.min(pause * 2, SELDOM));
  }, pause);
}

// Whose device it is now. The page that stands for those that were not kept is nobody's: it is of who was here last.
const LAST = "account";

function me() {
  const account = document.getElementById("words").dataset.account;
  return account ?? (document.querySelector("[data-kept-pages]") && localStorage.getItem(LAST)) ?? "nobody";
}

async function send() {
  const csrf = document.querySelector("input[name=csrf]")?.value;
  if (!navigator.onLine) return;
  // Where the page has no token, each post goes with that of the page on which it was written.
  const before = await stopped();
  const sent = await sendAll({ account: me(), csrf });
  if (sent) told(sent);
  else if (await stopped() !== before) await outbox();
}

// What stands beside those that wait.
async function stopped() {
  return (await waiting(me())).map((post) => post.problem).join("\n");
}

// A device may think that it has a network where none leads here; the service worker knows better.
function was(kind) {
  const [opening] = performance.getEntriesByType("navigation");
  return !!opening?.serverTiming?.some((one) => one.name === kind);
}

function network(there = navigator.onLine, silent = false) {
  put("network", there ? null : line(say(silent ? "silent" : "offline")));
}

// What waits: told on every page, and to be changed or taken back on its own.
async function outbox() {
  const posts = await waiting(me());
  const list = document.querySelector("[data-outbox]");
  if (list) {
    list.replaceChildren(...posts.map((post) => rowOf(post, { send, anew: outbox })));
    document.querySelector("[data-outbox-empty]").hidden = !!posts.length;
    return;
  }
  const link = Object.assign(document.createElement("a"), { href: "/outbox", textContent: say("look") });
  const stuck = posts.filter((post) => post.problem !== undefined).length;
  put("outbox", posts.length ? line(stuck ? say("stuck", { num: stuck }) : say("waiting", { num: posts.length }), " ", link) : null);
}

async function keptPages() {
  const list = document.querySelector("[data-kept-pages]");
  if (!list) return;
  const cache = await caches.open("pages");
  const rows = [];
  for (const request of (await cache.keys()).reverse()) {
    const made = new DOMParser().parseFromString(await (await cache.match(request)).text(), "text/html");
    const row = document.createElement("li");
    row.append(Object.assign(document.createElement("a"), { href: request.url, textContent: made.title || request.url }));
    rows.push(row);
  }
  list.replaceChildren(...rows);
  list.closest("section").hidden = !rows.length;
  await elsewhere(document);
}

// What the device shows of notifications outside of the pages.
async function quiet() {
  await navigator.clearAppBadge?.();
  const known = await navigator.serviceWorker?.getRegistration();
  for (const told of await known?.getNotifications() ?? []) told.close();
}

// Who signs out, or deletes their account, leaves nothing of theirs on the device. What they wrote and did not send goes
// too, so they are asked; and it goes when the place has said that they are out.
const LEAVES = "parting";

const keptFor = (account, kind = "") => Object.keys(localStorage).filter((name) => name.startsWith(kind) && name.split(" ")[1] === account);

function leaving() {
  document.addEventListener("submit", async (event) => {
    const form = event.target, to = form.getAttribute("action");
    if (!PARTING.includes(to) || !navigator.onLine) return;
    sessionStorage.setItem(LEAVES, me());
    if (to !== "/sign-out" || form.dataset.sure) return;
    event.preventDefault();
    const posts = await waiting(me()).catch(() => []);
    const unsent = posts.length + keptFor(me(), "draft ").length;
    if (unsent && !await ask(say("leave", { num: unsent }), { verb: say("sign-out"), danger: true })) return;
    form.dataset.sure = "yes";
    form.requestSubmit();
    delete form.dataset.sure;
  });
}

async function parted() {
  const account = sessionStorage.getItem(LEAVES);
  sessionStorage.removeItem(LEAVES);
  if (!account || !document.querySelector("[data-parted]")) return;
  sessionStorage.clear();
  for (const name of [LAST, ...keptFor(account)]) localStorage.removeItem(name);
  for (const post of await waiting(account)) await takeBack(post.key);
  const kept = await globalThis.caches?.keys() ?? [];
  for (const name of kept) if (name !== LASTING && !name.startsWith("program ")) await caches.delete(name);
  await quiet();
}

function installing() {
  addEventListener("beforeinstallprompt", (event) => {
    const offer = document.querySelector("[data-install]");
    if (!offer) return;
    event.preventDefault();
    offer.hidden = false;
    offer.addEventListener("click", async () => {
      await event.prompt();
      offer.hidden = true;
    }, { once: true });
  });
}

export function installed() {
  parted().catch(() => {});
  keptPages().catch(() => {});
  const signedIn = document.querySelector("[data-bell]");
  if (signedIn) localStorage.setItem(LAST, me());
  if (!signedIn && !document.querySelector("[data-outbox]")) return;
  network(navigator.onLine && !was("kept"), navigator.onLine && was("silent"));
  if (was("kept")) watch();
  addEventListener("online", () => {
    network(true);
    send().catch(() => {});
  });
  addEventListener("offline", () => network(false));
  document.addEventListener("kept", () => {
    outbox();
    if (navigator.onLine) {
      network(false, true);
      watch();
    }
  });
  navigator.serviceWorker?.addEventListener("message", (event) => event.data.sent && told(event.data.sent));
  outbox().then(send).catch(() => {});
  if (!signedIn) return;
  leaving();
  installing();
  if (navigator.serviceWorker) register().catch(() => {});
}
