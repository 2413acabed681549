// Where the place is, was and will be, as it has said itself: kept on the device for the day on which its domain is lost.
//
// The key of the place is learned once, when the app is installed, and never from another document: whoever takes the
// domain later can say what they like, and it is not believed (see docs/decisions/030-domains.md).

const PATH = "/.well-known/townsquare";
// It says nothing of anybody, so it stays when somebody signs out.
export const LASTING = "pointer";
const PINNED = "/pinned", KEPT = "/kept";
const CONTEXT = "townsquare-pointer-v1\n";
const HOUR = 3600_000;

let asked = 0;

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// The canonical form (RFC 8785): names in order, nothing between.
function canonical(pointer) {
  return JSON.stringify(Object.fromEntries(Object.keys(pointer).sort().map((name) => [name, pointer[name]])));
}

async function genuine({ pointer, signature }, key) {
  if (pointer.key !== key) return false;
  try {
    const known = await crypto.subtle.importKey("raw", bytes(key), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", known, bytes(signature), new TextEncoder().encode(CONTEXT + canonical(pointer)));
  } catch {
    return false;
  }
}

async function read(name) {
  const answer = await caches.match(name, { cacheName: LASTING });
  return answer ? answer.json() : null;
}

// What this device knows: null where nothing was ever learned.
export function known() {
  return read(KEPT);
}

export async function learn() {
  if (Date.now() - asked < HOUR) return;
  asked = Date.now();
  const answer = await fetch(PATH, { cache: "no-cache" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const said = await answer.json().catch(() => null);
  if (!said?.pointer) return;
  const cache = await caches.open(LASTING);
  const pinned = (await read(PINNED)) ?? { key: said.pointer.key };
  const before = await known();
  if (!(await genuine(said, pinned.key)) || (before && said.pointer.number < before.number)) return;
  await cache.put(PINNED, Response.json(pinned));
  await cache.put(KEPT, Response.json(said.pointer));
}

// On pages for when nothing answers: the other addresses, for people to try.
export async function elsewhere(root) {
  const box = root.querySelector("[data-elsewhere]"), said = box && (await known());
  const others = said ? [said.now, said.next].filter((url) => url && url !== location.origin) : [];
  if (!others.length) return;
  const list = box.querySelector("ul");
  list.replaceChildren(...others.map((url) => {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: new URL(url).host });
    const row = document.createElement("li");
    row.append(link);
    return row;
  }));
  box.hidden = false;
}
