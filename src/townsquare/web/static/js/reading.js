// Reading on in place: the next page comes below, the address says where one is, and where one was is remembered.

import { all, enhance } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";
import { say } from "./words.js";

const NEAR = "1200px", REMEMBER = 4000;
// Whoever goes by Tab comes to the end of the list, where a link leads on, and to what stands after it.
let stepping = false;
// The post at which one was, until it stands on top of the screen or one goes elsewhere.
let bound = null;
for (const kind of ["keydown", "wheel", "touchmove", "pointerdown"]) {
  addEventListener(kind, (event) => {
    stepping = event.key === "Tab";
    bound = null;
  }, { capture: true, passive: true });
}

const opened = location.pathname + location.search;
let pages = null;

async function next(pager, link) {
  if (pager.dataset.busy) return;
  pager.dataset.busy = "yes";
  link.setAttribute("aria-busy", "true");
  hush(pager);
  const coming = shapes();
  pager.before(coming);
  try {
    const answer = await reach(link.href);
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    coming.remove();
    add(pager, link, made);
  } catch (error) {
    coming.remove();
    delete pager.dataset.busy;
    link.removeAttribute("aria-busy");
    pager.dataset.failed = "yes";
    complain(pager, error.words || say("not-loaded"));
  }
}

// The shape of posts that are on their way.
function shapes() {
  const made = Object.assign(document.createElement("div"), { className: "coming", ariaHidden: "true" });
  for (let count = 0; count < 2; count += 1) {
    const one = Object.assign(document.createElement("div"), { className: "waiting" });
    for (let part = 0; part < 4; part += 1) one.append(document.createElement("span"));
    made.append(one);
  }
  return made;
}

// The list that goes on is the last one: others stand above it, as what is pinned or picked does.
const listOf = (root) => [...root.querySelectorAll("main .feed")].at(-1);

function add(pager, link, made) {
  const feed = listOf(document), held = document.activeElement === link;
  const more = [...listOf(made)?.children ?? []].filter((one) => !one.id || !document.getElementById(one.id));
  const added = more.map((one) => document.adoptNode(one));
  feed.append(...added);
  bound?.scrollIntoView();
  bound = null;
  const further = made.querySelector(".pager a[rel=next]");
  if (further) {
    link.href = further.href;
    delete pager.dataset.busy;
    link.removeAttribute("aria-busy");
  } else {
    pager.remove();
  }
  const first = added.find((one) => one.matches("article"));
  if (first) {
    first.dataset.page = link.dataset.shown;
    pages?.observe(first);
  }
  if (held) (first?.querySelector(".when a") ?? feed).focus();
  for (const one of added) enhance(one);
  document.querySelector("[data-told]").textContent = say("more-here", { num: added.length });
}

function watched() {
  return new IntersectionObserver((seen) => {
    for (const one of seen) {
      if (one.isIntersecting) history.replaceState(history.state, "", one.target.dataset.page);
      else if (one.boundingClientRect.top > 0) history.replaceState(history.state, "", before(one.target));
    }
  }, { rootMargin: "0px 0px -60% 0px" });
}

// The address of the page that stands above the one that begins here.
function before(article) {
  const begins = [...document.querySelectorAll("article[data-page]")];
  return begins[begins.indexOf(article) - 1]?.dataset.page ?? opened;
}

export function readingOn(root) {
  for (const pager of all(root, ".pager")) {
    const link = pager.querySelector("a[rel=next]");
    if (!link || !listOf(document)?.querySelector(":scope > article")) continue;
    pages ??= watched();
    const go = () => {
      link.dataset.shown = new URL(link.href).pathname + new URL(link.href).search;
      next(pager, link);
    };
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go();
    });
    new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting) && !stepping && !pager.dataset.failed && navigator.onLine) go();
    }, { rootMargin: NEAR }).observe(link);
  }
}

const articles = () => [...document.querySelectorAll("main .feed > article[id^=post-]")];
const placeOf = (one) => one.dataset.place ?? one.id.slice(5);
const later = (one, other) => one.length > other.length || (one.length === other.length && one > other);

// To where one was: newer posts stand above it. It may be the last of the page, so it comes to the top with those below.
const PLACE = "#place-";

function arrive() {
  if (!location.hash.startsWith(PLACE)) return;
  const found = articles();
  bound = found.find((one) => placeOf(one) === location.hash.slice(PLACE.length)) ?? found.at(-1) ?? null;
  bound?.scrollIntoView();
  bound?.querySelector(".when a")?.focus({ preventScroll: true });
  history.replaceState(history.state, "", opened);
}

// In home: the post at the top of the screen is kept as one's place; elsewhere than there one is offered to go on.
export async function places() {
  const bar = document.querySelector("[data-live=user]"), form = document.querySelector("input[name=csrf]");
  if (!bar || !form) return;
  arrive();
  let kept = "";
  const answer = await fetch("/live/place").catch(() => null);
  if (answer?.ok && !answer.redirected) kept = (await answer.json()).id;
  offer(bar, kept);
  let waiting = 0;
  const keep = () => {
    waiting = 0;
    const top = articles().find((one) => one.getBoundingClientRect().bottom > 120);
    if (bound || !top || placeOf(top) === kept) return;
    kept = placeOf(top);
    navigator.sendBeacon("/live/place", new URLSearchParams({ csrf: form.value, id: kept }));
  };
  addEventListener("scroll", () => {
    waiting ||= setTimeout(keep, REMEMBER);
  }, { passive: true });
  addEventListener("pagehide", () => waiting && keep());
}

function offer(bar, kept) {
  const found = articles();
  if (!kept || !("first" in bar.dataset) || !found.length) return;
  if (!later(placeOf(found.at(-1)), kept) || found.some((one) => placeOf(one) === kept)) return;
  const link = Object.assign(document.createElement("a"), {
    className: "button",
    href: `/home?min_id=${BigInt(kept) - 1n}${PLACE}${kept}`,
    textContent: say("go-on"),
  });
  bar.prepend(link);
  // Whoever reads on from here does not want it.
  const watch = new IntersectionObserver(([seen]) => {
    if (seen.isIntersecting) return;
    link.remove();
    watch.disconnect();
  });
  watch.observe(found[0]);
}
