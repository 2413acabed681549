// Within the frame: tells the page around it how high the post is, when that changes and when it asks.
"use strict";
const tell = () => {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height > 0) parent.postMessage({ type: "townsquare:height", height }, "*");
};
addEventListener("message", (event) => {
  if (event.source === parent && event.data === "townsquare:height?") tell();
});
new ResizeObserver(tell).observe(document.body);
