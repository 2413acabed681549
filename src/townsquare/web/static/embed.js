// On the page of another place: gives each frame with a post of ours the height that the post says it has.
(() => {
  "use strict";
  const ours = new URL(document.currentScript.src).origin;
  const frames = () =>
    [...document.querySelectorAll("iframe.townsquare-embed")].filter((one) => new URL(one.src).origin === ours);
  addEventListener("message", (event) => {
    const height = event.data && event.data.type === "townsquare:height" ? Number(event.data.height) : 0;
    const frame = frames().find((one) => one.contentWindow === event.source);
    if (event.origin === ours && frame && height > 0 && height < 20000) frame.style.height = `${height}px`;
  });
  const ask = () => frames().forEach((one) => one.contentWindow.postMessage("townsquare:height?", "*"));
  ask();
  addEventListener("load", ask);
})();
