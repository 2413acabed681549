// Looks a page over as an auditor would: names, labels, headings, landmarks, contrast, sizes. Gives a list of faults.
() => {
  const ends = (motion) => motion.effect.getComputedTiming().endTime !== Infinity;
  for (const motion of document.getAnimations().filter(ends)) motion.finish();  // what is judged is where a change of size or scheme ends
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const told = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const fault = (what, element) => faults.push(element ? `${what}: ${told(element)}` : what);

  if (!document.documentElement.lang) fault("the page does not say its language");
  if (!document.title.trim()) fault("the page has no title");
  if (all("h1").length !== 1) fault(`${all("h1").length} main headings`);
  if (all("main").length !== 1) fault("not one main part");
  const names = all("nav").map((nav) => nav.getAttribute("aria-label"));
  if (names.some((name) => !name) || new Set(names).size !== names.length) fault("navigations are not told apart");
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) fault(`id ${id} stands twice`);
  for (const image of all("img:not([alt])")) fault("a picture without alt", image);
  for (const image of all("img")) if (image.complete && !image.naturalWidth && image.src) fault("a picture is missing", image);
  for (const element of all("[aria-labelledby], [aria-describedby]")) {
    for (const name of ["aria-labelledby", "aria-describedby"]) {
      for (const id of (element.getAttribute(name) || "").split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) fault(`${name} leads nowhere`, element);
      }
    }
  }
  const fields = "input:not([type=hidden]), textarea, select";
  for (const field of all(fields)) {
    if (!(field.labels || []).length && !field.getAttribute("aria-label") && !field.closest("[aria-hidden=true]")
        && field.getAttribute("aria-hidden") !== "true") fault("a field without a label", field);
  }
  const spoken = (element) => element.getAttribute("aria-label") || element.innerText?.trim()
    || [...element.querySelectorAll("img[alt], svg[aria-label]")].map((one) => one.alt || one.getAttribute("aria-label")).join("");
  for (const element of all("a[href], button, summary")) {
    if (visible(element) && !element.closest("[aria-hidden=true]") && !spoken(element)) fault("no name", element);
  }

  if (document.documentElement.scrollWidth > innerWidth + 1) fault(`wider than the screen by ${document.documentElement.scrollWidth - innerWidth}`);
  for (const element of all(`button, .button, .act, summary, .streets a, .tabs a, .sheet a, .foot a, ${fields}`)) {
    if (!visible(element) || ["checkbox", "radio"].includes(element.type) || element.closest(".unseen") || element.classList.contains("unseen")) continue;
    const box = element.getBoundingClientRect();
    if (box.height < 43.5 || box.width < 43.5) fault(`only ${Math.round(box.width)} by ${Math.round(box.height)}`, element);
  }

  const parse = (colour) => {
    const parts = colour.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(one).backgroundColor);
      if (alpha > 0.99) return rgb;
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor).rgb;
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  for (const element of all("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !visible(element) || element.closest(".unseen, .skip, .invisible, script, title, option")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(parse(style.color).rgb, ground(element));
    if (ratio < (large ? 3 : 4.5)) fault(`contrast ${ratio.toFixed(2)}`, element);
  }
  return [...new Set(faults)];
}
