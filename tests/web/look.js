// Looks a page over for what axe.js does not see: too wide, cut off, one upon the other, too small to touch, missing,
// there twice. Gives a list of faults.
() => {
  const ends = (motion) => motion.effect.getComputedTiming().endTime !== Infinity;
  for (const motion of document.getAnimations().filter(ends)) motion.finish();  // what is judged is where a change of size or scheme ends
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const told = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const fault = (what, element) => faults.push(element ? `${what}: ${told(element)}` : what);

  if (all("h1").length !== 1) fault(`${all("h1").length} main headings`);
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) fault(`id ${id} stands twice`);
  for (const image of all("img")) if (image.complete && !image.naturalWidth && image.src) fault("a picture is missing", image);
  for (const element of all("[aria-labelledby], [aria-describedby]")) {
    for (const name of ["aria-labelledby", "aria-describedby"]) {
      for (const id of (element.getAttribute(name) || "").split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) fault(`${name} leads nowhere`, element);
      }
    }
  }

  if (document.documentElement.scrollWidth > innerWidth + 1) fault(`wider than the screen by ${document.documentElement.scrollWidth - innerWidth}`);
  for (const element of all(`button, .button, .act, summary, .streets a, .tabs a, .sheet a, .foot a, input:not([type=hidden]), textarea, select`)) {
    if (!visible(element) || ["checkbox", "radio"].includes(element.type) || element.closest(".unseen") || element.classList.contains("unseen")) continue;
    const box = element.getBoundingClientRect();
    if (box.height < 43.5 || box.width < 43.5) fault(`only ${Math.round(box.width)} by ${Math.round(box.height)}`, element);
  }

  // Text: each line of it where it is drawn, what cuts it off, and above what it floats.
  const scrolls = (value) => value === "auto" || value === "scroll";
  const hides = (value) => value === "hidden" || value === "clip" || scrolls(value);
  const around = new Map();
  const surroundings = (element) => {
    if (element === document.body) return { cutting: [], floating: null };
    if (!around.has(element)) {
      const above = surroundings(element.parentElement), style = getComputedStyle(element);
      const own = hides(style.overflowX) || hides(style.overflowY);
      const scrolled = scrolls(style.overflowX) || scrolls(style.overflowY);
      const meant = scrolled || style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none"
        || style.clipPath !== "none" || element.matches(".words.long");
      const free = ["fixed", "sticky"].includes(style.position) || (style.position === "absolute" && style.zIndex !== "auto");
      around.set(element, {
        cutting: own || scrolled ? [...above.cutting, { element, meant, style }] : above.cutting,
        floating: free ? element : above.floating,
      });
    }
    return around.get(element);
  };
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !visible(element) || element.closest(".unseen, .skip, script, style, option, template, svg")) continue;
    const { cutting, floating } = surroundings(element);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1) continue;
      const by = cutting.filter((one) => {
        const edge = one.element.getBoundingClientRect();
        const across = hides(one.style.overflowX) && (box.left < edge.left - 2 || box.right > edge.right + 2);
        const down = hides(one.style.overflowY) && (box.top < edge.top - 4 || box.bottom > edge.bottom + 4);
        return across || down;
      });
      if (by.length && !by.some((one) => one.meant)) fault("cut off", element);
      if (!by.length) lines.push({ box, element, floating });
    }
  }
  for (const element of all(".streets a > span")) if (element.scrollWidth > element.clientWidth + 1 && !element.matches(".fresh")) fault("cut off", element);
  // In the language that nobody speaks (en-XA), whose words are longer than any, a label may break.
  for (const element of document.documentElement.lang === "en-XA" ? [] : all(".streets a > span")) {
    const label = document.createRange();
    label.selectNodeContents(element);
    if (!/[\s-]/.test(element.textContent) && label.getClientRects().length > 1) fault("broken within a word", element);
  }
  lines.sort((one, other) => one.box.top - other.box.top);
  for (const [place, one] of lines.entries()) {
    for (let after = place + 1; after < lines.length && lines[after].box.top < one.box.bottom; after++) {
      const other = lines[after];
      if (other.element === one.element || other.floating !== one.floating || (one.floating && getComputedStyle(one.floating).position === "absolute")) continue;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      if (wide > 3 && high > Math.min(one.box.height, other.box.height) / 2) fault(`upon ${told(one.element)}`, other.element);
    }
  }

  // What stays on the screen while one scrolls leaves most of it to what one reads.
  const bars = all("body > *, .top > nav").filter((one) => visible(one) && !one.matches(".skip") && one.getBoundingClientRect().width > innerWidth / 2
    && (getComputedStyle(one).position === "fixed" || (getComputedStyle(one).position === "sticky" && one.matches("header"))));
  const taken = bars.reduce((sum, bar) => sum + bar.getBoundingClientRect().height, 0);
  if (taken > innerHeight / 3) fault(`bars take ${Math.round(taken)} of ${innerHeight}`);
  return [...new Set(faults)];
}
