// Asks the place for what somebody pressed. Where nothing comes of it, that is said where it was pressed.

import { say } from "./words.js";

const SILENT = [502, 503, 504];

// What is said of an answer that was none: no network, nobody there, or too much asked for.
export function missed(status, wait) {
  if (!status) return say(navigator.onLine ? "no-answer" : "no-network");
  if (SILENT.includes(status)) return say("no-answer");
  return status === 429 ? say("slower", { num: Number(wait) || 1 }) : "";
}

// The answer, if it is one. Otherwise what is thrown has the `words` to say it with; those of a refusal are told by the
// page that comes of the same without scripts.
export async function reach(address, options) {
  const answer = await fetch(address, options).catch(() => null);
  if (answer?.ok && !answer.redirected) return answer;
  const words = missed(answer?.status, answer?.headers.get("retry-after"));
  throw Object.assign(new Error(`${answer?.status} ${address}`), { words });
}

// A link to what is to be done first, as the place gives it with a refusal.
export function wayTo({ to, words }) {
  return Object.assign(document.createElement("a"), { href: to, textContent: words });
}

export function hush(place) {
  if (place.nextElementSibling?.matches(".missed")) place.nextElementSibling.remove();
}

export function complain(place, words) {
  hush(place);
  const line = Object.assign(document.createElement("p"), { className: "note warn missed", textContent: words });
  line.setAttribute("role", "alert");
  place.after(line);
}
