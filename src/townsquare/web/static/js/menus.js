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

export function listenForMenus() {
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
