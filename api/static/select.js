"use strict";
// What is there to be copied is chosen as a whole by a press.
for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}
