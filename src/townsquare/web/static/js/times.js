// Times as one says them: a while ago, in the reader's own zone.

const MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 604800;
const STEPS = [["minute", MINUTE, HOUR], ["hour", HOUR, DAY], ["day", DAY, WEEK]];
const language = document.documentElement.lang || undefined;
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const near = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const far = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });

function told(at) {
  const seconds = (Date.now() - at) / 1000;
  if (Math.abs(seconds) < MINUTE) return ago.format(0, "second");
  for (const [unit, size, most] of STEPS) {
    if (Math.abs(seconds) < most) return ago.format(-Math.trunc(seconds / size), unit);
  }
  return (new Date().getFullYear() === at.getFullYear() ? near : far).format(at);
}

export function moment(at) {
  return whole.format(at);
}

export function times(root) {
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const words = "whole" in time.dataset ? exact.format(at) : told(at);
    if (time.textContent !== words) time.textContent = words;
    time.title = whole.format(at);
  }
}

// The server says times in the reader's own zone as soon as it knows it.
function tellZone() {
  const safe = location.protocol === "https:", name = safe ? "__Host-zone" : "zone";
  const told = `${name}=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}`;
  if (document.cookie.split("; ").includes(told)) return;
  document.cookie = `${told}; Path=/; SameSite=Lax; Max-Age=31536000${safe ? "; Secure" : ""}`;
}

export function keepTime() {
  tellZone();
  setInterval(() => document.hidden || times(document), 60000);
  document.addEventListener("visibilitychange", () => document.hidden || times(document));
}
