// The service worker: what was read can be read without a network, what was written is sent when there is one again.
// `version` changes with every file of the program, so a new one is fetched whole before it takes over.

import { sendAll, SYNC } from "./outbox.js";
import { PARTING } from "./parting.js";
import { learn } from "./pointer.js";
import { SHARE, SHARED } from "./shared.js";

const PAGES = "pages", MEDIA = "media";
const MOST_PAGES = 60, MOST_MEDIA = 200;

// The pages on which one reads and writes, and no others: not those of the staff, not addresses that are a key.
const KEPT = new RegExp(
  "^/($|@|(about|announcements|bookmarks|collections|compose|explore|favourites|followed-tags|home|lists|messages"
  + "|notifications|outbox|p|privacy|public|rules|scheduled|search|tags|terms)(/|$))",
);

async function keep(name, request, answer, most) {
  const cache = await caches.open(name);
  await cache.delete(request);
  await cache.put(request, answer);
  const known = await cache.keys();
  await Promise.all(known.slice(0, Math.max(known.length - most, 0)).map((one) => cache.delete(one)));
}

async function forget() {
  await Promise.all([PAGES, MEDIA].map((name) => caches.delete(name)));
}

// An earlier version may have kept more.
async function sweep() {
  const cache = await caches.open(PAGES);
  const known = await cache.keys();
  await Promise.all(known.filter((one) => !KEPT.test(new URL(one.url).pathname)).map((one) => cache.delete(one)));
}

// Whether nobody is signed in, or not any more: the page after a sign-out is not kept either.
let leaving = false;

function signedOut(address) {
  const out = leaving || address.pathname === "/sign-in";
  leaving = false;
  return out;
}

// What whoever stands before the place says when the place itself does not answer.
const SILENT = [502, 503, 504];

// A page cannot read the headers of its own answer, but for this one: so it knows that it was kept, and whether the
// device has a network all the same.
function asKept(answer, ...more) {
  const headers = new Headers(answer.headers);
  headers.set("server-timing", ["kept", ...(self.navigator.onLine ? ["silent"] : []), ...more].join(", "));
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

async function visit(event, preloaded) {
  const { request } = event, address = new URL(request.url);
  address.hash = "";
  try {
    const answer = (await preloaded) ?? (await fetch(request));
    if (SILENT.includes(answer.status)) throw new Error("the place does not answer");
    event.waitUntil(learn());
    const out = signedOut(address);
    if (answer.ok && out) await forget();
    else if (answer.ok && answer.type === "basic" && KEPT.test(address.pathname)) {
      event.waitUntil(keep(PAGES, address.href, answer.clone(), MOST_PAGES));
    }
    return answer;
  } catch (error) {
    const kept = (await caches.match(address.href, { cacheName: PAGES })) ?? (await caches.match("/offline"));
    if (!kept) throw error;
    return asKept(kept);
  }
}

// A form to which no answer comes: what stands in leads back to it (typed.js). Of the place's own pages that say that
// something is amiss, each has what was typed, and says more. What another program shares has no form here to go back
// to: it waits for the next box (shared.js).
async function sent(request) {
  const shared = new URL(request.url).pathname === SHARE && request.clone();
  try {
    const answer = await fetch(request);
    // Only when it is done does the place lead on from there.
    if (answer.type === "opaqueredirect" && PARTING.includes(new URL(request.url).pathname)) leaving = true;
    if (!SILENT.includes(answer.status) || answer.headers.has("content-security-policy")) return answer;
  } catch {
    // The network is gone: below.
  }
  if (shared) {
    const cache = await caches.open(SHARED);
    await cache.put(SHARE, new Response(await shared.formData()));
    return Response.redirect("/compose", 303);
  }
  const kept = await caches.match("/offline");
  return kept ? asKept(kept, "unsent") : Response.error();
}

async function asset(request, name) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && name) {
    const cache = await caches.open(name);
    await cache.put(request, answer.clone());
  }
  return answer;
}

async function picture(event) {
  const kept = await caches.match(event.request, { cacheName: MEDIA });
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (answer.status === 200 && answer.type === "basic") event.waitUntil(keep(MEDIA, event.request, answer.clone(), MOST_MEDIA));
  return answer;
}

function answering(own) {
  return (event) => {
    const { request } = event, address = new URL(request.url);
    if (request.method === "POST" && request.mode === "navigate") event.respondWith(sent(request));
    if (request.method !== "GET" || address.origin !== location.origin) return;
    if (request.mode === "navigate") event.respondWith(visit(event, event.preloadResponse));
    else if (address.pathname.startsWith("/static/")) event.respondWith(asset(request, own));
    else if (address.pathname.startsWith("/media/") && request.destination === "image") event.respondWith(picture(event));
  };
}

async function tellPages(message) {
  for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage(message);
}

async function pushed(event) {
  const told = event.data?.json() ?? {};
  await self.registration.showNotification(told.title ?? "", {
    body: told.body,
    icon: told.icon || undefined,
    tag: told.tag,
    lang: told.language,
    data: { to: told.to ?? "/notifications" },
  });
  const answer = await fetch("/live/bell").catch(() => null);
  if (answer?.ok && !answer.redirected) await self.navigator.setAppBadge?.((await answer.json()).unread);
}

async function opened(event) {
  event.notification.close();
  const to = new URL(event.notification.data.to, location.origin).href;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Never in the place of another page: somebody may be writing there.
  const there = pages.find((page) => page.url === to);
  await (there ? there.focus() : self.clients.openWindow(to));
}

export function serve({ version, files }) {
  const own = `program ${version}`;
  self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(own).then((cache) => cache.addAll(files)));
  });
  self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith("program ") && name !== own).map((name) => caches.delete(name)));
      await sweep();
      await self.registration.navigationPreload?.enable();
      await learn();
      await self.clients.claim();
    })());
  });
  self.addEventListener("fetch", answering(own));
  self.addEventListener("message", (event) => {
    if (event.data === "take over") self.skipWaiting();
  });
  self.addEventListener("sync", (event) => {
    if (event.tag !== SYNC) return;
    event.waitUntil(sendAll().then((sent) => sent && tellPages({ sent })));
  });
  self.addEventListener("push", (event) => event.waitUntil(pushed(event)));
  self.addEventListener("notificationclick", (event) => event.waitUntil(opened(event)));
}
