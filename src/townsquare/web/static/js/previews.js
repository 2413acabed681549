// A picture that was chosen is shown in the place of the one that it will replace.

import { all } from "./enhance.js";

function preview(picture) {
  const field = document.getElementById(picture.dataset.preview);
  const before = picture.getAttribute("src");
  field?.addEventListener("change", () => {
    if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
    const [file] = field.files;
    picture.src = file?.type.startsWith("image/") ? URL.createObjectURL(file) : before;
  });
  picture.addEventListener("error", () => {
    if (picture.src.startsWith("blob:")) picture.src = before; // a kind that only the place can read
  });
}

export function previews(root) {
  for (const picture of all(root, "img[data-preview]")) preview(picture);
}
