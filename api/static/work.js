"use strict";
// Files are dropped onto the field that takes them; without this they are chosen.
for (const place of document.querySelectorAll("[data-drop]")) {
  const field = place.querySelector("input[type=file]");
  const hint = place.querySelector(".said-by-script");
  if (hint) hint.hidden = false;
  for (const name of ["dragenter", "dragover"])
    place.addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    const taken = new DataTransfer();
    for (const file of [...event.dataTransfer.files].slice(0, field.multiple ? undefined : 1)) taken.items.add(file);
    if (taken.files.length) field.files = taken.files;
  });
}
