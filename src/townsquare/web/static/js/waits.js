// What waits to be sent, one by one: its words and what is said of its files can be changed, and it can be taken back.

import { ask } from "./asking.js";
import { keep, takeBack } from "./outbox.js";
import { wayTo } from "./reach.js";
import { say } from "./words.js";

const ALT = /^(kept|pictures)\[\w+\]\[alt\]$/;

function element(name, values = {}, ...within) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...within);
  return made;
}

export function button(words, act) {
  const made = element("button", { type: "button", className: "button", textContent: words });
  made.addEventListener("click", act);
  return made;
}

// How many files of it have no description, unless it was said that it is to be so.
export function undescribed(entries) {
  if (entries.some(([name]) => name === "bare")) return 0;
  return entries.filter(([name, value]) => ALT.test(name) && !value.trim()).length;
}

function problemOf({ problem, way, late }) {
  const made = element("p", { className: "error", textContent: problem || say(late ? "waited-long" : "not-sent") });
  if (way) made.append(" ", wayTo(way));
  return made;
}

function field(id, label, value, name) {
  const text = element("textarea", { id, rows: name === "text" ? 3 : 2, value, name });
  return [element("label", { htmlFor: id }, label), text];
}

// What was chosen to go with it is seen as far as this device has it.
function pictureOf(post, name) {
  const file = post.entries.find(([one]) => one === name.replace("[alt]", "[file]"))?.[1];
  if (!file?.type?.startsWith("image/")) return [];
  return [element("img", { src: URL.createObjectURL(file), alt: "", width: 96, height: 96 })];
}

async function changed(row, post, bare) {
  const { problem, way, late, ...rest } = post;
  const entries = post.entries.map(([name, value]) => [name, row.querySelector(`textarea[name="${CSS.escape(name)}"]`)?.value ?? value]);
  if (bare) entries.push(["bare", "true"]);
  await keep({ ...rest, since: late ? Date.now() : post.since, entries });
}

// What was pressed in a row is done, and the list is made anew: what stands there then has the focus, or else the page.
async function within(row, anew, act) {
  const at = [...row.parentElement.children].indexOf(row);
  await act();
  await anew();
  const rows = [...document.querySelectorAll("[data-outbox] > li")];
  ((rows[at] ?? rows.at(-1))?.querySelector("textarea") ?? document.getElementById("main")).focus();
}

// `send`: all that waits; `anew`: makes the list.
export function rowOf(post, { send, anew }) {
  const row = element("li"), at = new Date(post.at);
  const when = element("time", { dateTime: at.toISOString(), textContent: at.toLocaleString() });
  for (const [name, value] of post.entries) {
    const id = `waits-${post.key}-${name}`;
    if (name === "text") row.prepend(...field(id, when, value, name));
    if (ALT.test(name)) row.append(...pictureOf(post, name), ...field(id, say("alt"), value, name));
  }
  const go = (bare) => within(row, anew, async () => {
    await changed(row, post, bare);
    await send();
  });
  const back = async () => {
    if (!await ask(say("take-back-sure"), { words: say("take-back-words"), verb: say("take-back"), danger: true })) return;
    await within(row, anew, () => takeBack(post.key));
  };
  const doors = element("p", { className: "doors" }, button(say("save"), () => go(false)));
  if (undescribed(post.entries)) doors.append(button(say("bare"), () => go(true)));
  doors.append(button(say("take-back"), back));
  row.append(doors);
  if (post.problem !== undefined) row.querySelector("textarea").before(problemOf(post));
  return row;
}
