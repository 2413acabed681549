// A poll shows as many places for choices as are needed, and one more.

const FEWEST = 2;

export function polls(form) {
  const rows = [...form.querySelectorAll("[data-choice]")];
  if (!rows.length) return;
  const show = () => {
    const last = rows.findLastIndex((row) => row.querySelector("input").value.trim());
    rows.forEach((row, place) => {
      row.hidden = place > Math.max(FEWEST - 1, last + 1);
    });
  };
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  show();
}
