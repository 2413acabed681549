// What makes content more comfortable, and is asked again for content that comes later.
// A part is a function of the element in whose content it looks for what it knows. Those that few pages need come by
// scripts that only these pages name, after those of all pages.

const parts = [];

export function learn(...more) {
  parts.push(...more);
  for (const part of more) part(document);
}

export function enhance(root) {
  for (const part of parts) part(root);
}

// The elements within, and the root itself where it is one of them.
export function all(root, selector) {
  const within = [...root.querySelectorAll(selector)];
  return root instanceof Element && root.matches(selector) ? [root, ...within] : within;
}
