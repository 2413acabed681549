// Posts that were written without a network. They wait on this device, and are sent once: by the page that sees the
// network come back, or by the service worker. A lock lets one of them send at a time; the key of the post does the rest.
// The place knows that key for a day more than LONGEST: what waited longer may have arrived without our being told, so
// whoever wrote it looks first, and says that it is to be sent (`since`).

const NAME = "townsquare", STORE = "outbox";
const LONGEST = 7 * 24 * 60 * 60 * 1000;
// What the place gives anew with what it refuses.
const AGAIN = ["key", "later"];
export const SYNC = "outbox";

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, act) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const run = base.transaction(STORE, mode), asked = act(run.objectStore(STORE));
      run.oncomplete = () => resolve(asked.result);
      run.onerror = () => reject(run.error);
    });
  } finally {
    base.close();
  }
}

// Of one account, or of all that write on this device.
export async function waiting(account = "") {
  const found = await within("readonly", (store) => store.getAll());
  return found.filter((post) => !account || post.account === account).sort((one, other) => one.at - other.at);
}

export async function keep(post) {
  await within("readwrite", (store) => store.put(post));
  const worker = await globalThis.navigator.serviceWorker?.getRegistration();
  await worker?.sync?.register(SYNC).catch(() => {});
}

export async function takeBack(key) {
  await within("readwrite", (store) => store.delete(key));
}

// What became of one: "sent", "later" without a network, "not by this" where nobody or somebody else is signed in (a page
// of whoever wrote it sends it with a token of its own), or the words of what is wrong with it. Where something else is
// to be done first they come with a `way` there, and it is tried again.
async function sendOne(post, csrf) {
  const body = new FormData();
  for (const [name, value] of post.entries) body.append(name, name === "csrf" && csrf ? csrf : value);
  let answer;
  try {
    answer = await fetch(post.action, { method: "POST", headers: { part: "compose", stays: "yes" }, body });
  } catch {
    return "later";
  }
  if (answer.status >= 500 || answer.status === 429) return "later";
  if (answer.redirected || answer.status === 403) return "not by this";
  if (answer.ok) return "sent";
  const said = await answer.json().catch(() => ({}));
  return { problem: said.problem ?? "", way: said.way, entries: post.entries.map(([name, value]) => [name, AGAIN.includes(name) ? said[name] ?? value : value]) };
}

// How many were sent. `csrf`: of the page, where there is one.
export function sendAll({ account = "", csrf = "" } = {}) {
  return navigator.locks.request(SYNC, async () => {
    let sent = 0;
    for (const post of await waiting(account)) {
      if (post.problem !== undefined && !post.way) continue;
      if (Date.now() - (post.since ?? post.at) > LONGEST) {
        await within("readwrite", (store) => store.put({ ...post, problem: "", late: true }));
        continue;
      }
      const outcome = await sendOne(post, csrf);
      if (outcome === "later") {
        if (!globalThis.document) throw new Error("no network yet");
        break;
      }
      if (outcome === "not by this") continue;
      if (outcome === "sent") {
        await takeBack(post.key);
        sent += 1;
      } else {
        await within("readwrite", (store) => store.put({ ...post, ...outcome }));
      }
    }
    return sent;
  });
}
