// @name, #tag and :emoji: are offered while one writes; arrows choose, Enter or Tab takes, Escape closes.

import { say } from "./words.js";

const BEGINNING = /(?:^|[\s(])([@#:][\p{L}\p{N}_.@-]{1,60})$/u;
const PAUSE = 120;
let emojis = null;
let lists = 0;

async function offers(beginning) {
  if (beginning.startsWith(":")) {
    emojis ??= fetch("/compose/emojis").then((answer) => answer.json());
    const name = beginning.slice(1).toLowerCase();
    return (await emojis).filter((one) => one.insert.slice(1).toLowerCase().startsWith(name)).slice(0, 6);
  }
  const answer = await fetch(`/compose/complete?q=${encodeURIComponent(beginning)}`);
  return answer.ok ? answer.json() : [];
}

class Combobox {
  constructor(text) {
    this.text = text;
    this.chosen = -1;
    this.found = [];
    this.waiting = 0;
    this.list = document.createElement("ul");
    lists += 1;
    Object.assign(this.list, { id: `offers-${lists}`, className: "offers", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", say("offers"));
    text.after(this.list);
    // A field of several lines may not be a combobox (ARIA in HTML): it is told which offer is chosen.
    const told = { "aria-autocomplete": "list", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(told)) text.setAttribute(name, value);
    text.addEventListener("input", () => this.soon());
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => {
      const one = event.target.closest("[role=option]");
      if (!one) return;
      event.preventDefault();
      this.take([...this.list.children].indexOf(one));
    });
  }

  soon() {
    clearTimeout(this.waiting);
    const beginning = this.text.value.slice(0, this.text.selectionStart).match(BEGINNING)?.[1];
    if (!beginning || (beginning.startsWith(":") && beginning.length < 2)) {
      this.close();
      return;
    }
    this.waiting = setTimeout(() => this.offer(beginning), PAUSE);
  }

  async offer(beginning) {
    const found = await offers(beginning).catch(() => []);
    const still = this.text.value.slice(0, this.text.selectionStart).match(BEGINNING)?.[1];
    if (still !== beginning || document.activeElement !== this.text) return;
    this.beginning = beginning;
    this.found = found;
    this.show();
  }

  show() {
    this.list.replaceChildren(...this.found.map((one, place) => this.option(one, place)));
    this.list.hidden = !this.found.length;
    this.choose(this.found.length ? 0 : -1);
  }

  option(one, place) {
    const made = document.createElement("li");
    made.id = `${this.list.id}-${place}`;
    made.setAttribute("role", "option");
    if (one.picture) made.append(Object.assign(document.createElement("img"), { src: one.picture, alt: "", width: 28, height: 28 }));
    made.append(Object.assign(document.createElement("strong"), { textContent: one.words || one.insert }));
    if (one.words) made.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: one.insert }));
    return made;
  }

  choose(place) {
    this.chosen = place;
    [...this.list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === place)));
    if (place < 0) this.text.removeAttribute("aria-activedescendant");
    else this.text.setAttribute("aria-activedescendant", this.list.children[place].id);
  }

  key(event) {
    if (this.list.hidden || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const many = this.found.length;
    const acts = {
      ArrowDown: () => this.choose((this.chosen + 1) % many),
      ArrowUp: () => this.choose((this.chosen + many - 1) % many),
      Enter: () => this.take(this.chosen),
      Tab: () => this.take(this.chosen),
      Escape: () => this.close(),
    };
    if (!acts[event.key] || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  take(place) {
    const one = this.found[place], end = this.text.selectionStart;
    if (!one) return;
    this.text.setRangeText(`${one.insert} `, end - this.beginning.length, end, "end");
    this.close();
    this.text.focus();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    clearTimeout(this.waiting);
    this.found = [];
    this.list.hidden = true;
    this.list.replaceChildren();
    this.choose(-1);
  }
}

export function completing(text) {
  new Combobox(text);
}
