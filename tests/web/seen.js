// What is wrong with how an element that has the focus is seen: an expression, a function of the element.
(one) => {
  const name = (one.getAttribute("aria-label") || one.innerText || one.name || one.href || one.outerHTML).trim();
  const box = one.getBoundingClientRect(), faults = [];
  const fault = (what) => faults.push(`${what}: ${name.slice(0, 60)}`);
  const told = [one, ...(one.labels ?? []), one.parentElement].map((each) => getComputedStyle(each));
  if (!told.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)) {
    fault("the focus is not seen");
  }
  if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) fault("out of sight");
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const middle = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const places = [box.top + Math.min(box.height, 40) / 2];
  // What is larger than the screen is seen in part (WCAG 2.2, 2.4.11): not all of that is behind something else.
  if (box.height > innerHeight) places.push((top + bottom) / 2);
  const same = [one, ...(one.labels ?? [])];
  const seen = places.some((height) => {
    const there = document.elementFromPoint(middle, Math.min(Math.max(height, 0), innerHeight - 1));
    return !there || same.some((each) => each.contains(there) || there.contains(each));
  });
  if (!seen) fault("covered by something");
  return faults;
}
