// What was said before comes above where one reads upwards in a conversation, and what one reads stays where it is.

import { all, enhance, learn } from "./enhance.js";
import { complain, hush, reach } from "./reach.js";
import { say } from "./words.js";

const NEAR = "600px";

async function before(pager, link) {
  if (pager.dataset.busy) return;
  pager.dataset.busy = "yes";
  link.setAttribute("aria-busy", "true");
  hush(pager);
  try {
    const answer = await reach(link.href);
    add(pager, link, new DOMParser().parseFromString(await answer.text(), "text/html"));
    delete pager.dataset.failed;
  } catch (error) {
    pager.dataset.failed = "yes";
    complain(pager, error.words || say("not-loaded"));
  } finally {
    delete pager.dataset.busy;
    link.removeAttribute("aria-busy");
  }
}

function add(pager, link, made) {
  const feed = document.querySelector(".messages .feed"), first = feed.firstElementChild;
  const more = [...made.querySelectorAll(".messages .feed > article")].filter((one) => !document.getElementById(one.id));
  const added = more.map((one) => document.adoptNode(one)), held = document.activeElement === link;
  const further = made.querySelector(".pager a[rel=prev]"), stood = first.getBoundingClientRect().top;
  first.before(...added);
  if (further) link.href = further.href;
  else pager.remove();
  // A browser that keeps what is seen in its place by itself has nothing left to do.
  scrollBy({ top: first.getBoundingClientRect().top - stood, behavior: "instant" });
  if (held && !further) first.querySelector(".when a")?.focus({ preventScroll: true });
  for (const one of added) enhance(one);
  document.querySelector("[data-told]").textContent = say("more-above", { num: added.length });
}

function readingBack(root) {
  for (const link of all(root, "main > .pager a[rel=prev]")) {
    const pager = link.closest(".pager");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      before(pager, link);
    });
    const near = new IntersectionObserver(([seen]) => {
      if (seen.isIntersecting && !pager.dataset.failed) before(pager, link).then(() => again(near, pager));
    }, { rootMargin: `${NEAR} 0px 0px 0px` });
    near.observe(pager);
  }
}

// It may be near still.
function again(near, pager) {
  near.unobserve(pager);
  if (pager.isConnected) near.observe(pager);
}

learn(readingBack);
