// Menus close when something else is chosen or has the focus, and give it back; arrows go from one choice to the next.

const CHOICES = ".sheet a, .sheet button";

function shut(menu, { focus = false } = {}) {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

function along(menu, event) {
  const found = [...menu.querySelectorAll(CHOICES)].filter((one) => one.checkVisibility());
  const at = found.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? found.length - 1 : at - 1, Home: 0, End: found.length - 1 }[event.key];
  if (to === undefined || !found.length) return;
  event.preventDefault();
  found[(to + found.length) % found.length].focus();
}

// Upwards, where what is below the menu is too little for it and what is above is not.
function place(menu) {
  menu.classList.remove("up");
  if (!menu.open) return;
  const sheet = menu.querySelector(".sheet").getBoundingClientRect(), ways = document.querySelector(".streets");
  const floor = ways && getComputedStyle(ways).position === "fixed" ? ways.getBoundingClientRect().top : innerHeight;
  const ceiling = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
  menu.classList.toggle("up", sheet.bottom > floor && menu.getBoundingClientRect().top - sheet.height > ceiling);
}

export function listenForMenus() {
  document.addEventListener("toggle", (event) => event.target.matches("details.menu") && place(event.target), { capture: true });
  for (const kind of ["click", "focusin"]) {
    document.addEventListener(kind, (event) => {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (!menu.contains(event.target)) shut(menu);
      }
    });
  }
  document.addEventListener("keydown", (event) => {
    const menu = document.activeElement?.closest("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") shut(menu, { focus: true });
    else along(menu, event);
  });
}
