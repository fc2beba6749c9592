// Marks what is changed, keeps the sums of rows and columns with it, and asks before changes are left behind.
"use strict";
(() => {
  const table = document.querySelector("table[data-plan]");
  if (!table) return;
  const fields = [...table.querySelectorAll("input[name^='cell|']")];
  const first = new Map(fields.map((field) => [field, field.value]));
  const number = (text) => Number(text.replace(/[\s']/g, "").replace(",", ".")) || 0;
  const written = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  let saving = false;

  const changed = () => fields.filter((field) => field.value !== first.get(field));
  const months = (row) => [...row.querySelectorAll("input[name^='cell|']")].filter((field) => !field.name.endsWith("|year"));

  table.addEventListener("input", (event) => {
    const field = event.target;
    if (!first.has(field)) return;
    field.classList.toggle("changed", field.value !== first.get(field));
    const row = field.closest("tr");
    const whole = row.querySelector("td.whole b");
    if (whole && !field.name.endsWith("|year")) whole.textContent = written(months(row).reduce((sum, each) => sum + number(each.value), 0));
  });
  table.closest("form").addEventListener("submit", () => { saving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!saving && changed().length) event.preventDefault();
  });
})();
