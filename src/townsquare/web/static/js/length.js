// How long a text is, as the server counts (kernel/text/count.py): characters as people see them; a link is 23, and of
// @name@place only @name counts. A character of more code points than any language has counts once for every 32.

const LINK = "x".repeat(23), LARGEST = 32;
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function lengthOf(text) {
  const counted = text
    .replace(/https?:\/\/[^\s<>"]*[^\s<>".,:;!?'\])]/gi, LINK)
    .replace(/(^|[^\w/@])(@\w+)@[\w.-]+\w/g, "$1$2");
  let length = 0;
  for (const { segment } of letters.segment(counted)) {
    length += segment.length > LARGEST ? Math.ceil([...segment].length / LARGEST) : 1;
  }
  return length;
}
