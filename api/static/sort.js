"use strict";
// The button in a column's head sorts the table by it; another press turns the order round. Missing values stay last.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("button")?.parentNode;
    if (!head) return;
    event.preventDefault();
    const column = [...head.parentNode.children].indexOf(head);
    const isNumber = head.classList.contains("number");
    const before = head.getAttribute("aria-sort");
    const direction = before ? (before === "descending" ? 1 : -1) : isNumber ? -1 : 1;
    const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const compare = (a, b) => {
      const [left, right] = [value(a), value(b)];
      if (left === "" || right === "") return (left === "") - (right === "");
      return direction * (isNumber ? Number(left) - Number(right) : left.localeCompare(right));
    };
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    const { form, name, dataset } = head.querySelector("button");
    if (form && dataset.name) {
      const here = new URL(location);
      here.searchParams.set(name, (direction === 1 ? "" : "-") + dataset.name);
      history.replaceState(null, "", here);
      document.querySelectorAll(`input[type="hidden"][name="${name}"]`).forEach((each) => (each.value = here.searchParams.get(name)));
    }
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  });
}
