"use strict";
// Files may be dropped where they are chosen; and the page that waits for a file to be read shows how far it is.
const drop = document.getElementById("drop");
if (drop) {
  const field = drop.querySelector("input");
  const over = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.addEventListener("dragover", over);
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}

const reading = document.getElementById("reading");
if (reading) {
  const look = async () => {
    const answer = await fetch(reading.dataset.progress).catch(() => null);
    if (!answer?.ok) return setTimeout(look, 3000);
    const found = await answer.json();
    if (!found.reading) return location.reload();
    document.getElementById("progress").value = found.percent;
    document.getElementById("percent").textContent = `${found.percent}%`;
    return setTimeout(look, 600);
  };
  setTimeout(look, 600);
}
