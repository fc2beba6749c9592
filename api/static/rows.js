"use strict";
// A click anywhere in a row follows the row's link; a picked box draws the chart anew.
for (const table of document.querySelectorAll("table[data-rows]")) {
  table.tBodies[0].addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, summary") || String(getSelection())) return;
    event.target.closest("tr")?.querySelector("a.inside")?.click();
  });
  table.tBodies[0].addEventListener("change", (event) => {
    if (event.target.name !== "pick") return;
    const form = event.target.form;
    const picked = [...form.elements].filter((each) => each.name === "pick" && each.checked);
    if (picked.length <= 6) form.requestSubmit();
    else event.target.checked = false;
  });
}
