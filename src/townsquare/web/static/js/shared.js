// What another program shared into the app without a network: the service worker keeps it, the next box takes it.

export const SHARED = "shared", SHARE = "/share";

// One after the other, but for what stands within what follows: programs give the address twice.
function joined(words) {
  return words.filter((one, place) => one && !words.slice(place + 1).some((other) => other.includes(one))).join("\n\n");
}

// It stands below what was begun there.
export async function shared(form) {
  const kept = await globalThis.caches?.match(SHARE, { cacheName: SHARED });
  if (!kept) return;
  const given = await kept.formData(), text = form.elements.text;
  await caches.delete(SHARED);
  const words = joined(["title", "text", "url"].map((name) => given.get(name) ?? ""));
  text.value = [text.value, words].filter(Boolean).join("\n\n");
  form.uploads?.take(given.getAll("files[]").filter((file) => file.size));
  form.drafts?.save();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}
