// What was searched for lately, kept in this browser and nowhere else.

import { all, learn } from "./enhance.js";

const MOST = 8;
const KEPT = `searches ${document.getElementById("words").dataset.account ?? "nobody"}`;

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function keep(searches) {
  try {
    if (searches.length) localStorage.setItem(KEPT, JSON.stringify(searches.slice(0, MOST)));
    else localStorage.removeItem(KEPT);
  } catch {
    // Where nothing may be kept, nothing is.
  }
}

function row(query) {
  const item = document.createElement("li"), link = document.createElement("a");
  link.className = "button";
  link.href = `/search?${new URLSearchParams({ q: query })}`;
  link.textContent = query;
  item.append(link);
  return item;
}

function searches(root) {
  for (const form of all(root, "[data-searches]")) {
    const query = form.elements.q.value.trim();
    if (query) {
      keep([query, ...kept().filter((one) => one !== query)]);
      continue;
    }
    const list = form.querySelector("[data-recent]");
    if (!list || !kept().length) continue;
    list.querySelector("ul").replaceChildren(...kept().map(row));
    list.querySelector("button").addEventListener("click", () => {
      keep([]);
      list.hidden = true;
      form.elements.q.focus();
    });
    list.hidden = false;
  }
}

learn(searches);
