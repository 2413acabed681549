// Shortcuts: listed at `?`, never in fields, and off for who wants them off.

export const OFF = "no shortcuts";
let first = "";

const articles = () => [...document.querySelectorAll("main article.post")].filter((one) => one.checkVisibility());

function current() {
  return document.activeElement?.closest("main article.post");
}

function step(by) {
  const found = articles(), at = found.indexOf(current());
  const top = found.findIndex((one) => one.getBoundingClientRect().bottom > 100);
  const next = found[at < 0 ? Math.max(top, 0) : at + by];
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(selector) {
  current()?.querySelector(selector)?.click();
}

function go(to) {
  return () => location.assign(to);
}

function write() {
  const text = document.querySelector("main form[data-compose]:not([data-stays]) textarea[name=text]");
  if (text) text.focus();
  else location.assign("/compose");
}

function search() {
  const field = [...document.querySelectorAll("input[type=search]")].find((one) => one.checkVisibility());
  if (field) field.focus();
  else location.assign("/search");
}

function help() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || dialog.open) return;
  const off = dialog.querySelector("[data-off]");
  off.checked = !localStorage.getItem(OFF);
  off.onchange = () => (off.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes"));
  dialog.showModal();
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  n: write,
  r: () => press(".actions > .act[data-reply], .actions > .act:first-child"),
  f: () => press(".actions .act.star"),
  b: () => press(".actions .act.mark"),
  e: () => press(".actions .act.echo"),
  o: () => press(".when a"),
  x: () => press("details.covered > summary"),
  ".": () => document.querySelector("[data-live] button")?.click(),
  "/": search,
  "?": help,
};
const ways = {
  h: go("/home"),
  n: go("/notifications"),
  p: () => document.querySelector("a[data-me]")?.click(),
  s: go("/settings"),
  b: go("/bookmarks"),
  f: go("/favourites"),
  w: go("/compose"),
  e: go("/explore"),
  m: go("/messages"),
};

// What was closed a moment ago has the focus until the next frame: keys that come before are for the page already.
function typing(target) {
  if (!target.checkVisibility()) return false;
  return target.isContentEditable || target.closest("input, textarea, select, dialog[open], [role=menu]");
}

export function listenForKeys() {
  if (!document.querySelector("[data-bell]")) return;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!(event.target instanceof Element) || typing(event.target)) return;
    if (localStorage.getItem(OFF) && event.key !== "?") return;
    if (event.key === "Enter" && event.target.matches("article.post")) {
      press(".when a");
      return;
    }
    const act = first === "g" ? ways[event.key] : acts[event.key];
    first = event.key === "g" && first !== "g" ? "g" : "";
    if (first) setTimeout(() => (first = ""), 1500);
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shortcuts]")) help();
  });
}
