// Files of a post are sent while one goes on writing: chosen, pasted or dropped; described, put in order, taken away.

import { missed } from "./reach.js";
import { say } from "./words.js";

const LOOK = 1500;
const STEP = 0.1;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };

function element(name, values = {}, ...within) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...within);
  return made;
}

function sign(name) {
  const icon = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${icon}#${name}`);
  svg.append(use);
  return svg;
}

function button(name, label, act) {
  const made = element("button", { type: "button", className: "button round", title: label }, sign(name));
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

class Upload {
  constructor(form, list, number) {
    this.form = form;
    this.list = list;
    this.number = number;
    this.problem = "";
    this.done = Promise.resolve();
    this.build();
  }

  build() {
    const id = `${this.form.dataset.draft || "box"}-alt-${this.number}`;
    this.id = element("input", { type: "hidden", name: `kept[${this.number}][id]` });
    this.focus = element("input", { type: "hidden", name: `kept[${this.number}][focus]` });
    this.alt = element("textarea", { id, name: `kept[${this.number}][alt]`, rows: 2, maxLength: 1500 });
    this.frame = element("span", { className: "frame" });
    this.bar = element("progress", { max: 1, value: 0 });
    this.state = element("p", { className: "hint" });
    this.aimed = element("span", { className: "unseen" });
    this.aimed.setAttribute("role", "status");
    this.bar.setAttribute("aria-label", say("sending-file"));
    const label = element("label", { htmlFor: id, textContent: say("alt") });
    const tools = element(
      "p",
      { className: "file-tools" },
      button("up", say("earlier"), () => this.move(-1)),
      button("down", say("later"), () => this.move(1)),
      button("close", say("take-away"), () => this.remove()),
    );
    const right = element("div", { className: "grow" }, this.id, this.focus, label, this.alt, this.bar, this.state, this.aimed, tools);
    this.row = element("li", {}, this.frame, right);
    this.row.dataset.file = "";
    this.row.upload = this;
    this.list.append(this.row);
  }

  picture(address) {
    const image = element("img", { src: address, alt: "" });
    this.mark = element("span", { className: "focus-mark", hidden: true });
    const target = element("button", { type: "button", className: "aim", title: say("focus") }, element("span", {}, image, this.mark));
    target.setAttribute("aria-label", say("focus"));
    target.addEventListener("click", (event) => event.detail && this.point(image.getBoundingClientRect(), event));
    target.addEventListener("keydown", (event) => this.step(event));
    this.frame.replaceChildren(target);
    this.place();
  }

  point(box, { clientX, clientY }) {
    this.aim(((clientX - box.left) / box.width) * 2 - 1, 1 - ((clientY - box.top) / box.height) * 2);
  }

  step(event) {
    const by = ARROWS[event.key], [x, y] = this.aims();
    if (!by) return;
    event.preventDefault();
    this.aim(x + by[0], y + by[1]);
  }

  // From -1 to 1 each: to the right, and upwards, in whichever direction one reads.
  aims() {
    return (this.focus.value || "0,0").split(",").map(Number);
  }

  aim(...wanted) {
    const [x, y] = wanted.map((one) => Math.min(Math.max(one, -1), 1));
    this.focus.value = `${x.toFixed(2)},${y.toFixed(2)}`;
    this.place();
    this.aimed.textContent = say("aimed", { x: Math.round(50 + x * 50), y: Math.round(50 - y * 50) });
    this.changed();
  }

  place() {
    const [x, y] = this.aims();
    this.mark.style.left = `${50 + x * 50}%`;
    this.mark.style.top = `${50 - y * 50}%`;
    this.mark.hidden = !x && !y;
  }

  fill(entity) {
    this.id.value = entity.id ?? "";
    this.entity = entity;
    if (entity.description) this.alt.value = entity.description;
    const focus = entity.meta?.focus;
    if (focus && !this.focus.value) this.focus.value = `${focus.x},${focus.y}`;
    if (entity.preview_url) this.picture(entity.preview_url);
    this.bar.hidden = true;
  }

  send(file) {
    this.file = file;
    if (file.type.startsWith("image/")) this.picture(URL.createObjectURL(file));
    else this.frame.replaceChildren(sign("picture"));
    this.done = new Promise((resolve) => this.request(file, resolve));
  }

  request(file, resolve) {
    const body = new FormData();
    body.append("csrf", this.form.elements.csrf.value);
    body.append("file", file);
    const call = new XMLHttpRequest();
    this.call = call;
    call.open("POST", "/compose/files");
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) this.bar.value = event.loaded / event.total;
    });
    call.addEventListener("load", () => this.arrived(call).then(resolve));
    call.addEventListener("abort", resolve);
    call.addEventListener("error", () => {
      this.waits();
      resolve();
    });
    call.send(body);
  }

  // Without a network the file goes with the post.
  waits() {
    this.bar.hidden = true;
    this.state.textContent = say("file-waits");
    const data = new DataTransfer(), field = element("input", { type: "file", hidden: true });
    data.items.add(this.file);
    field.name = `pictures[${this.number}][file]`;
    field.files = data.files;
    this.id.remove();
    this.focus.remove();
    this.alt.name = `pictures[${this.number}][alt]`;
    this.row.append(field);
  }

  // An answer that says nothing of the file is that of another page: the session has ended meanwhile.
  async arrived(call) {
    const said = call.response ?? {};
    if (!said.id) {
      const out = [200, 403].includes(call.status), none = missed(call.status, call.getResponseHeader("retry-after"));
      this.fail(said.problem || none || say(out ? "file-signed-out" : "file-failed"));
      if (!said.problem && !out) this.offer();
      return;
    }
    this.fill({ ...said, description: this.alt.value });
    this.changed();
    if (call.status === 202) await this.work();
  }

  // A film or sound is worked on after it has arrived.
  async work() {
    this.state.textContent = say("in-work");
    while (this.row.isConnected) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
      const answer = await fetch(`/compose/files/${this.id.value}`).catch(() => null);
      if (answer?.status === 202) continue;
      const said = (await answer?.json().catch(() => null)) ?? {};
      if (answer && !answer.ok) this.fail(said.problem || say("file-failed"));
      else this.state.textContent = "";
      return;
    }
  }

  offer() {
    const press = button("refresh", say("file-again"), () => {
      press.remove();
      this.problem = this.state.textContent = "";
      this.bar.hidden = false;
      this.send(this.file);
    });
    this.state.after(press);
  }

  fail(problem) {
    this.problem = problem;
    this.bar.hidden = true;
    this.state.textContent = problem;
    this.state.className = "error";
  }

  move(by) {
    const other = by < 0 ? this.row.previousElementSibling : this.row.nextElementSibling;
    if (!other) return;
    other[by < 0 ? "before" : "after"](this.row);
    this.row.querySelector(`.file-tools button:nth-child(${by < 0 ? 1 : 2})`).focus();
    this.changed();
  }

  remove() {
    this.call?.abort();
    this.row.remove();
    if (this.id.value) {
      const body = new URLSearchParams({ csrf: this.form.elements.csrf.value });
      fetch(`/compose/files/${this.id.value}/drop`, { method: "POST", body }).catch(() => {});
    }
    this.changed();
    this.form.elements.text.focus();
  }

  changed() {
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

class Uploads {
  constructor(form, list, most, tell) {
    Object.assign(this, { form, list, most, tell, count: 100 });
  }

  get rows() {
    return [...this.list.children];
  }

  get mine() {
    return this.rows.map((row) => row.upload).filter(Boolean);
  }

  get problem() {
    return this.mine.find((one) => one.problem)?.problem ?? "";
  }

  new() {
    this.count += 1;
    return new Upload(this.form, this.list, this.count);
  }

  take(files) {
    for (const file of files) {
      if (this.rows.length >= this.most) {
        this.tell(say("too-many-files", { num: this.most }));
        return;
      }
      this.new().send(file);
    }
  }

  async settled() {
    await Promise.all(this.mine.map((one) => one.done));
  }

  states() {
    return this.mine.filter((one) => one.id.value || one.alt.value.trim()).map((one) => {
      const [x, y] = one.aims();
      return { id: one.id.value, preview_url: one.entity?.preview_url, description: one.alt.value, meta: { focus: { x, y } } };
    });
  }

  // Of a file that is not there, what was written of it stays to be read until its row is taken away.
  restore(entities) {
    this.clear();
    for (const entity of entities) {
      const made = this.new();
      made.fill(entity);
      if (!entity.id) made.fail(say("file-gone"));
    }
  }

  clear() {
    this.list.replaceChildren();
  }

  drop() {
    for (const one of this.mine) one.remove();
  }
}

// The row for one file becomes a field that takes several.
function field(form, part, uploads) {
  const rows = [...part.querySelectorAll("[data-picture]")], first = rows[0];
  const chosen = first.querySelector("input[type=file]");
  for (const row of rows.slice(1)) row.remove();
  first.querySelector("legend").remove();
  for (const extra of first.querySelectorAll("input:not([type=file])")) {
    first.querySelector(`label[for="${extra.id}"]`)?.remove();
    extra.remove();
  }
  chosen.multiple = true;
  chosen.removeAttribute("name");
  chosen.addEventListener("change", (event) => {
    event.stopPropagation();
    const files = [...chosen.files];
    chosen.value = "";
    const before = uploads.rows.length;
    uploads.take(files);
    part.open = false;
    (uploads.rows[before]?.querySelector("textarea") ?? form.elements.text).focus();
  });
}

function dropping(form, uploads) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  form.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("dropping"));
  form.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    uploads.take(event.dataTransfer.files);
  });
  form.elements.text.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    uploads.take(files);
  });
}

// What came with the page (a form that was not in order) gets the same comforts.
function adopt(form, uploads) {
  const kept = [...form.querySelectorAll("[data-kept] > li")].map((row) => {
    const [x, y] = (row.querySelector("[name$='[focus]']").value || "0,0").split(",").map(Number);
    return {
      id: row.querySelector("[name$='[id]']").value,
      preview_url: row.querySelector("img")?.src,
      description: row.querySelector("textarea").value,
      meta: { focus: { x, y } },
    };
  });
  for (const { value } of form.querySelectorAll("[data-picture] input:not([type=file])")) if (value) kept.push({ description: value });
  if (kept.length) uploads.restore(kept);
}

export function uploading(form, tell) {
  const part = form.querySelector("[data-files]"), list = form.querySelector("[data-kept]");
  if (!part || !list || !form.dataset.draft) return;
  const uploads = new Uploads(form, list, Number(part.dataset.most), tell);
  form.uploads = uploads;
  adopt(form, uploads);
  field(form, part, uploads);
  dropping(form, uploads);
  form.addEventListener("reset", () => uploads.clear());
}
