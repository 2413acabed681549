// What happens while a page is open: new posts announce themselves and never move what one is reading; what was
// changed, deleted, answered or liked shows it where it stands; the bell and the tab's title count.

import { all, enhance } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";
import { say } from "./words.js";

const SOON = 800, AGAIN = 1000, LONGEST = 60000, NUMBERS = 45000, MOST_PAGES = 5;
const title = document.title;
let source = null, after = "", tries = 0, again = 0, bell = 0, unread = 0;
const fresh = new Set();

const bar = () => document.querySelector("[data-live]");
const feedOf = () => document.querySelector("main .feed");
const article = (id) => document.getElementById(`post-${id}`);

async function page(address) {
  const answer = await reach(address);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function headline() {
  const many = fresh.size + unread;
  document.title = many ? `(${many}) ${title}` : title;
  navigator.setAppBadge?.(unread).catch(() => {});
}

function announce() {
  const place = bar();
  headline();
  if (!place) return;
  let button = place.querySelector("button");
  if (!fresh.size) {
    button?.remove();
    return;
  }
  if (!button) {
    button = Object.assign(document.createElement("button"), { type: "button", className: "button main" });
    button.addEventListener("click", show);
    place.append(button);
  }
  button.textContent = fresh.has("many") ? say("new-some") : say("new-posts", { num: fresh.size });
}

// What came meanwhile, the oldest page first, until the feed and the beginning meet.
async function newer(place, feed) {
  const first = feed.querySelector("article[id^=post-]");
  const found = [];
  let from = first?.dataset.place ?? first?.id.slice(5) ?? "";
  if (!from) return null;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const made = await page(`${place.dataset.newer}?min_id=${from}`);
    const articles = [...made.querySelectorAll("main .feed > article")];
    found.unshift(...articles);
    if (!made.querySelector(".pager a[rel=prev]") || !articles.length) return found;
    from = articles[0].dataset.place ?? articles[0].id.slice(5);
  }
  return null;
}

async function show() {
  const place = bar(), feed = feedOf(), button = place.querySelector("button");
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  hush(button);
  try {
    const found = feed ? await newer(place, feed) : null;
    if (!found) {
      location.assign(place.dataset.newer);
      return;
    }
    const known = new Set([...feed.querySelectorAll("article[id]")].map((one) => one.id));
    const added = found.filter((one) => !known.has(one.id)).map((one) => document.adoptNode(one));
    feed.prepend(...added);
    for (const one of added) enhance(one);
    fresh.clear();
    announce();
    const target = added.at(-1) ?? feed.firstElementChild;
    target?.scrollIntoView({ block: "center" });
    target?.querySelector(".when a")?.focus({ preventScroll: true });
  } catch (error) {
    if (error.words) complain(button, error.words);
    else location.assign(place.dataset.newer);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// A post as it is now, in the place where it stands.
async function renew(id) {
  const shown = article(id);
  if (!shown || shown.matches(".focused") || shown.contains(document.activeElement)) return;
  try {
    const now = (await page(`/posts/${id}/part`)).querySelector("article");
    if (!now) return;
    document.adoptNode(now);
    shown.replaceWith(now);
    enhance(now);
  } catch {
    // It stays as it was; whoever opens it sees what became of it.
  }
}

// What is deleted stays as large as it was, so that nothing below it moves.
function gone({ shown, id }) {
  fresh.delete(id);
  announce();
  const one = article(shown);
  if (!one) return;
  const held = one.contains(document.activeElement);
  one.style.minHeight = `${one.offsetHeight}px`;
  one.classList.add("gone");
  const note = Object.assign(document.createElement("p"), { className: "quiet", textContent: say("deleted") });
  one.replaceChildren(note);
  one.removeAttribute("aria-labelledby");
  if (!held) return;
  one.tabIndex = -1;
  one.focus({ preventScroll: true });
}

function ring() {
  clearTimeout(bell);
  bell = setTimeout(async () => {
    const answer = await fetch("/live/bell").catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const now = await answer.json();
    toll(now.unread);
    mark("[data-letters]", now.letters);
  }, SOON);
}

// The number beside a way of the frame.
function mark(ways, many) {
  for (const way of document.querySelectorAll(ways)) {
    let shown = way.querySelector(".fresh");
    if (!many) {
      shown?.remove();
      continue;
    }
    shown ??= way.appendChild(Object.assign(document.createElement("span"), { className: "fresh" }));
    const words = Object.assign(document.createElement("span"), { className: "unseen", textContent: say("fresh") });
    shown.replaceChildren(words, many < 20 ? String(many) : "20+");
  }
}

function toll(many) {
  unread = many;
  mark("[data-bell]", many);
  headline();
}

function came(notice) {
  if (article(notice.shown)) return;
  fresh.add(notice.id);
  announce();
}

const heard = {
  update: came,
  "status.update": ({ shown }) => renew(shown),
  delete: gone,
  notification: ring,
  notifications_merged: ring,
  "townsquare.missed": () => {
    ring();
    if (bar()) {
      fresh.add("many");
      announce();
    }
  },
};

function address() {
  const asked = new URLSearchParams({ after });
  const place = bar();
  if (place?.dataset.live) asked.set("on", place.dataset.live);
  for (const name of ["tag", "list"]) if (place?.dataset[name]) asked.set(name, place.dataset[name]);
  return `/live?${asked}`;
}

function start() {
  clearTimeout(again);
  if (source || document.hidden || !navigator.onLine) return;
  source = new EventSource(address());
  source.addEventListener("open", () => {
    tries = 0;
  });
  source.addEventListener("error", () => {
    stop();
    again = setTimeout(start, Math.min(AGAIN * 2 ** tries, LONGEST) * (0.5 + Math.random() / 2));
    tries += 1;
  });
  for (const [name, act] of Object.entries(heard)) {
    source.addEventListener(name, (event) => {
      after = event.lastEventId || after;
      act(JSON.parse(event.data || "{}"));
    });
  }
  for (const name of ["message", "townsquare.resumed"]) {
    source.addEventListener(name, (event) => {
      after = event.lastEventId || after;
    });
  }
}

function stop() {
  after = source?.lastEventId || after;
  source?.close();
  source = null;
  clearTimeout(again);
}

function put(act, number) {
  const words = act.querySelector("span");
  if (!words) return;
  const shown = number ? new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(number) : "";
  if (words.textContent !== shown) words.textContent = shown;
}

// The numbers below the posts that are in sight.
async function count() {
  if (document.hidden || !navigator.onLine) return;
  const seen = [...document.querySelectorAll("article[id^=post-]")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });
  if (!seen.length) return;
  const ids = seen.map((one) => one.id.slice(5)).join(",");
  const answer = await fetch(`/live/numbers?ids=${ids}`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const found = await answer.json();
  for (const one of seen) {
    const now = found[one.id.slice(5)];
    if (!now) continue;
    const acts = one.querySelectorAll(".actions > .act");
    if (acts[0]) put(acts[0], now.replies_count);
    for (const act of one.querySelectorAll(".actions .act.echo")) put(act, now.reblogs_count);
    for (const act of one.querySelectorAll(".actions .act.star")) put(act, now.favourites_count);
  }
}

export function live() {
  if (!document.querySelector("[data-bell]")) return;
  unread = Number.parseInt(document.querySelector("[data-bell] .fresh")?.lastChild?.textContent ?? "0", 10) || 0;
  headline();
  start();
  setInterval(count, NUMBERS);
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("online", start);
  addEventListener("offline", stop);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && start());
}

// One's own new post is not announced to oneself.
export function known(root) {
  for (const one of all(root, "article[id^=post-]")) fresh.delete(one.dataset.place ?? one.id.slice(5));
}
