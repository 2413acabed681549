// How old the copy is, as its signed manifest says, and whether the place itself answers.

import { say } from "./words.js";

const STALE = 10 * 60 * 1000, PATIENCE = 8000;
const ago = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });

// The top of the mirror, from wherever the page stands: the brand leads there.
export function top() {
  return new URL(".", new URL(document.querySelector(".brand").href, location.href));
}

function told(at) {
  const age = Date.now() - at.getTime();
  if (age > STALE) return say("copy-stands", { at: exact.format(at) });
  return say("copied-at", { ago: age < 90000 ? ago.format(-Math.max(Math.round(age / 1000), 0), "second") : ago.format(-Math.round(age / 60000), "minute") });
}

async function answers(address) {
  try {
    await fetch(new URL("/health", address), { mode: "no-cors", cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  }
}

function add(words) {
  document.querySelector("[data-state]").append(words, " ");
}

export async function tellOfTheMirror() {
  const place = document.querySelector("[data-place]").href;
  answers(place).then((there) => there || add(say("place-silent")));
  const answer = await fetch(new URL("manifest.json", top()), { cache: "no-cache" }).catch(() => null);
  if (!answer?.ok) return;
  const words = told(new Date((await answer.json()).at));
  const own = document.querySelector("[data-copied-at]");
  if (own) own.textContent = words;
  else add(words);
}
