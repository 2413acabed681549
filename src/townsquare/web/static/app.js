// What makes the pages more comfortable. All of them work without it.

const MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 604800;
const language = document.documentElement.lang;
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "narrow" });
const near = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const far = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const letters = new Intl.Segmenter(language, { granularity: "grapheme" });

function told(at) {
  const seconds = (Date.now() - at) / 1000;
  if (seconds < MINUTE) return "now";
  for (const [unit, size, most] of [["minute", MINUTE, HOUR], ["hour", HOUR, DAY], ["day", DAY, WEEK]]) {
    if (seconds < most) return ago.format(-Math.floor(seconds / size), unit);
  }
  return (new Date().getFullYear() === at.getFullYear() ? near : far).format(at);
}

function tellTimes(within) {
  for (const time of within.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.textContent = "whole" in time.dataset ? whole.format(at) : told(at);
    time.title = whole.format(at);
  }
}

// As the server counts: a link is 23 characters, and of @name@place only @name counts.
function lengthOf(text) {
  const counted = text
    .replace(/https?:\/\/[^\s<>"]+/gi, "x".repeat(23))
    .replace(/(^|[^\w/@])(@\w+)@[\w.-]+\w/g, "$1$2");
  let length = 0;
  for (const _ of letters.segment(counted)) length += 1;
  return length;
}

function countLetters(form) {
  const text = form.querySelector("textarea"), warning = form.querySelector("[name=warning]");
  const left = form.querySelector("[data-left]");
  const count = () => {
    const rest = Number(text.dataset.limit) - lengthOf(text.value) - lengthOf(warning ? warning.value : "");
    left.textContent = String(rest);
    left.classList.toggle("over", rest < 0);
    left.title = rest < 0 ? "Too long" : "Characters left";
  };
  form.addEventListener("input", count);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  count();
}

// One row for a picture, and another as soon as the first is filled.
function showPictures(form) {
  const rows = [...form.querySelectorAll("[data-picture]")];
  rows.forEach((row, place) => {
    const file = row.querySelector("input[type=file]"), preview = document.createElement("img");
    preview.alt = "";
    preview.hidden = true;
    row.append(preview);
    row.hidden = place > 0;
    file.addEventListener("change", () => {
      const chosen = file.files[0];
      if (preview.src) URL.revokeObjectURL(preview.src);
      preview.hidden = !chosen?.type.startsWith("image/");
      if (chosen) preview.src = URL.createObjectURL(chosen);
      if (chosen && rows[place + 1]) rows[place + 1].hidden = false;
    });
  });
}

// What was a GIF moves by itself, unless its reader wants nothing to move.
function playLoops(within) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const film of within.querySelectorAll("video[data-gif]")) film.play().catch(() => {});
}

// What a picture's author wants to be seen stays in sight where it is cut.
function keepFocus(within) {
  for (const picture of within.querySelectorAll("img[data-x]")) {
    const x = 50 + Number(picture.dataset.x) * 50, y = 50 - Number(picture.dataset.y) * 50;
    picture.style.objectPosition = `${x}% ${y}%`;
  }
}

// The buttons below a post act without leaving the page.
async function react(form, button) {
  button.disabled = true;
  try {
    const answer = await fetch(button.formAction, {
      method: "POST",
      headers: { part: "actions" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${answer.url}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form");
    const kind = [...button.classList].find((name) => name !== "act");
    form.replaceWith(fresh);
    fresh.querySelector(`.${kind}`).focus();
  } catch {
    HTMLFormElement.prototype.submit.call(withAction(form, button));
  }
}

function withAction(form, button) {
  form.action = button.formAction;
  return form;
}

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (button && button.dataset.ask) {
    if (!confirm(button.dataset.ask)) {
      event.preventDefault();
      return;
    }
    const sure = document.createElement("input");
    Object.assign(sure, { type: "hidden", name: "sure", value: "true" });
    form.append(sure);
  } else if (button && button.matches(".actions .act")) {
    event.preventDefault();
    react(form, button);
  } else if (form.matches("[data-compose]")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});

// A menu closes when something else is chosen.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-compose]")) delete form.dataset.sent;
});

// What an action led to stays in sight for a while, then it goes back to its place.
for (const note of document.querySelectorAll(".note[role=status]")) setTimeout(() => note.classList.add("read"), 8000);

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = "Copied";
  });
}

tellTimes(document);
keepFocus(document);
playLoops(document);
setInterval(() => tellTimes(document), 60000);
for (const form of document.querySelectorAll("[data-compose]")) {
  countLetters(form);
  showPictures(form);
}
if (location.hash === "#text") document.getElementById("text")?.focus();
for (const field of document.querySelectorAll("[data-select]")) field.addEventListener("focus", () => field.select());
