// Has the page that is open come anew, a few lines at a time, and be shown after each: as over a slow line. Gives what was
// seen to move, by itself or when the scripts began. Only tabs come together: they share a row of a few hundred bytes.
async () => {
  const PIECE = 600, SEEN = 24000, AFTER = 20;
  const moved = [];
  const told = ({ node, previousRect: one, currentRect: other }) => {
    const name = (node?.outerHTML ?? node?.parentElement?.outerHTML ?? "").replace(/\s+/g, " ").slice(0, 90);
    return `${name}: from ${one.x},${one.y} to ${other.x},${other.y}`;
  };
  const watch = new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) moved.push(...shift.sources.map(told));
  });
  const shown = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  const html = await (await fetch(location.href)).text(), begin = html.indexOf("<main");
  document.open();
  document.write(html.slice(0, begin));
  do await shown(); while (![...document.querySelectorAll("link[rel=stylesheet]")].every((one) => one.sheet));
  await shown();
  watch.observe({ type: "layout-shift" });
  let at = begin;
  while (at < begin + SEEN && at < html.length) {
    let end = html.indexOf("\n", at + PIECE);
    if (html.lastIndexOf("<nav", end) > html.lastIndexOf("</nav>", end)) end = html.indexOf("</nav>", end);
    if (end < 0) break;
    document.write(html.slice(at, end));
    await shown();
    at = end;
  }
  document.write(html.slice(at));
  document.close();
  for (let count = 0; count < AFTER; count += 1) await shown();
  return moved;
}
