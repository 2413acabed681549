// The style sheet that stands within the first page is kept by the browser, and the next pages only name it.

export async function keepStyle() {
  const { version, files } = document.querySelector("style[data-files]")?.dataset ?? {};
  if (!version) return;
  await Promise.all(files.split(" ").map((file) => fetch(file)));
  const safe = location.protocol === "https:";
  document.cookie = `${safe ? "__Host-" : ""}style=${version}; Path=/; SameSite=Lax; Max-Age=31536000${safe ? "; Secure" : ""}`;
}
