// Reckons anew at every change: the answer is the server's, and takes the place of the one before.
"use strict";
(() => {
  const form = document.getElementById("calculator");
  const work = document.getElementById("work");
  if (!form || !work) return;
  let asked = 0;
  let timer = 0;

  const address = () => {
    const fields = new FormData(form);
    const locked = new Set(fields.getAll("lock"));
    const told = [...fields].filter(([name, value]) => value !== "" && (!name.includes("|") || locked.has(name)));
    return new URLSearchParams(told);
  };
  const put = (html) => {
    const held = document.activeElement;
    const name = work.contains(held) ? held.name : "";
    const [value, start] = name ? [held.value, held.type === "checkbox" ? null : held.selectionStart] : ["", null];
    const scrolled = work.querySelector(".scroll")?.scrollLeft ?? 0;
    work.innerHTML = html;
    const scroll = work.querySelector(".scroll");
    if (scroll) scroll.scrollLeft = scrolled;
    const found = [...work.querySelectorAll("input")].find((each) => each.name === name && (start !== null || each.value === value));
    if (!found) return;
    found.focus({ preventScroll: true });
    if (start !== null) {
      found.value = value;
      found.setSelectionRange(start, start);
    }
  };
  const reckon = async () => {
    const turn = ++asked;
    const query = address();
    const answer = await fetch(`/calculator?${query}&part=work`).catch(() => null);
    if (!answer || !answer.ok || turn !== asked) return;
    const html = await answer.text();
    if (turn !== asked) return;
    put(html);
    history.replaceState(null, "", `/calculator?${query}`);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(reckon, 150);
  };
  form.addEventListener("input", (event) => {
    const field = event.target;
    if ("held" in field.dataset) field.closest("td").querySelector("[name='lock']").checked = field.value.trim() !== "";
    if (field.name === "amount" && form.elements.goal.value === "usual") form.elements.goal.value = "sales";
    soon();
  });
  document.querySelectorAll("[data-whole]").forEach((each) => each.addEventListener("change", () => form.requestSubmit()));
})();
