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
  const within = (place, most) => Math.min(Math.max(place, 0), most - 1);
  const there = document.elementFromPoint(
    within(box.left + box.width / 2, innerWidth), within(box.top + Math.min(box.height, 40) / 2, innerHeight));
  const same = [one, ...(one.labels ?? [])];
  if (there && !same.some((each) => each.contains(there) || there.contains(each))) fault("covered by something");
  return faults;
}
