// Pictures and films in posts.

// What was a GIF moves by itself, unless its reader wants nothing to move.
export function loops(root) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const film of root.querySelectorAll("video[data-gif]")) film.play().catch(() => {});
}

// What a picture's author wants to be seen stays in sight where it is cut.
export function focusPoints(root) {
  for (const picture of root.querySelectorAll("img[data-x]")) {
    const x = 50 + Number(picture.dataset.x) * 50, y = 50 - Number(picture.dataset.y) * 50;
    picture.style.objectPosition = `${x}% ${y}%`;
  }
}
