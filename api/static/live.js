"use strict";
// A form that is tried while it is written: the answer's parts take the place of those on the page, nothing is kept.
const form = document.querySelector("form[data-live]");
let waiting = 0;
let asked;

async function send(action) {
  asked?.abort();
  asked = new AbortController();
  const told = new URLSearchParams(new FormData(form));
  told.set("do", action);
  told.set("live", "1");
  const answer = await fetch(form.action, { method: "POST", body: told, signal: asked.signal });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function take(page, names) {
  for (const part of page.querySelectorAll("[data-part]")) {
    if (names(part.id)) document.getElementById(part.id)?.replaceWith(part);
  }
}

function mark(page) {
  for (const note of document.querySelectorAll(".edited .note")) note.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const note of page.querySelectorAll("span.note[id]")) {
    const [name, index] = [note.previousElementSibling.name, [...page.getElementsByName(note.previousElementSibling.name)].indexOf(note.previousElementSibling)];
    const field = document.getElementsByName(name)[index];
    field?.setAttribute("aria-invalid", "true");
    field?.setAttribute("aria-describedby", note.id);
    field?.after(note);
  }
}

async function attempt(work) {
  form.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError") location.reload();
  } finally {
    form.removeAttribute("aria-busy");
  }
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => attempt(async () => {
    const page = await send("preview");
    mark(page);
    take(page, (id) => id === "preview" || id === "summary");
  }), 500);
});

form?.addEventListener("submit", (event) => {
  const action = event.submitter?.value ?? "preview";
  if (action === "keep") return;
  event.preventDefault();
  clearTimeout(waiting);
  form.inert = true;
  attempt(async () => {
    const page = await send(action).finally(() => { form.inert = false; });
    take(page, () => true);
    const [word, place] = [action.split(" ")[0], Number(action.split(" ")[1])];
    const next = { "up": `up ${place - 1}`, "down": `down ${place + 1}` }[word] ?? action;
    const button = form.querySelector(`button[value="${next}"]:not(:disabled)`) ?? form.querySelector(`button[value="${action}"]:not(:disabled)`);
    if (word === "add") form.querySelectorAll(".edited tbody tr")[place]?.querySelector("input")?.focus();
    else button?.focus();
  });
});
