// Search without a server: the parts of the index in which the words of a question stand are loaded, and then the pages
// of what was found, a few at a time.

import { enhance } from "./enhance.js";
import { top } from "./staleness.js";
import { say } from "./words.js";

const MOST = 10;
const parts = new Map();

// As the index has them: small letters without accents, cut where neither letters nor figures stand.
function wordsOf(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return [...new Set(plain.match(/[\p{L}\p{N}_]{2,}/gu) ?? [])];
}

function fileOf(word) {
  return `search/${[...word].slice(0, 2).map((letter) => letter.codePointAt(0).toString(16)).join("-")}.json`;
}

function load(word) {
  const file = fileOf(word);
  if (!parts.has(file)) {
    parts.set(file, fetch(new URL(file, top())).then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({})));
  }
  return parts.get(file);
}

// The posts of all words that begin like this one.
async function postsOf(word) {
  const found = new Set();
  for (const [known, posts] of Object.entries(await load(word))) {
    if (known.startsWith(word)) for (const post of posts) found.add(post);
  }
  return found;
}

function newestFirst(one, other) {
  const [a, b] = [one, other].map((post) => BigInt(post.slice(post.indexOf("/") + 1)));
  return a < b ? 1 : a > b ? -1 : 0;
}

async function find(text) {
  const words = wordsOf(text);
  if (!words.length) return [];
  const [first, ...rest] = await Promise.all(words.map(postsOf));
  return [...first].filter((post) => rest.every((others) => others.has(post))).sort(newestFirst);
}

// A post as its own page has it; null when that is there no more.
async function article(post) {
  const address = new URL(`@${post}.html`, top());
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelector("article.focused");
  for (const name of ["href", "src", "poster"]) {
    for (const one of found?.querySelectorAll(`[${name}]`) ?? []) one.setAttribute(name, new URL(one.getAttribute(name), address).href);
  }
  found?.classList.remove("focused");
  return found;
}

export function searchesOfTheMirror(root) {
  const form = root.querySelector("[data-search-mirror]");
  if (!form) return;
  const told = root.querySelector("[data-found]"), list = root.querySelector("[data-results]"), more = root.querySelector("[data-more]");
  let asked = 0, waiting = [];
  async function show(mine) {
    const some = waiting.splice(0, MOST), made = await Promise.all(some.map(article));
    if (mine !== asked) return;
    for (const one of made.filter(Boolean)) {
      list.append(document.adoptNode(one));
      enhance(one);
    }
    more.hidden = !waiting.length;
  }
  async function search() {
    const mine = (asked += 1), text = form.q.value;
    history.replaceState(null, "", text ? `?q=${encodeURIComponent(text)}` : location.pathname);
    const found = await find(text);
    if (mine !== asked) return;
    list.replaceChildren();
    list.hidden = !found.length;
    told.textContent = !text.trim() ? "" : found.length ? say("found", { num: found.length }) : say("nothing-found");
    waiting = found;
    await show(mine);
  }
  let soon = 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  form.q.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(search, 250);
  });
  more.querySelector("button").addEventListener("click", () => show(asked));
  form.hidden = false;
  root.querySelector("[data-without]").hidden = true;
  form.q.value = new URLSearchParams(location.search).get("q") ?? "";
  if (form.q.value) search();
}
