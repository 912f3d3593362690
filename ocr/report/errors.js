"use strict";
// Sort by a column: first click sorts figures descending and names ascending, the second click reverses.
document.querySelectorAll(".table thead th").forEach((head, column) => {
  head.addEventListener("click", () => {
    const first = column === 0 ? "ascending" : "descending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    document.querySelectorAll(".table thead th").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = document.querySelector(".table tbody");
    const value = (row) => row.cells[column].textContent;
    const compare = column === 0
      ? (a, b) => value(a).localeCompare(value(b), undefined, { numeric: true })
      : (a, b) => Number(value(a)) - Number(value(b));
    body.append(...Array.from(body.rows).sort((a, b) => sign * compare(a, b)));
  });
});
document.querySelectorAll("input[data-outcome]").forEach((box) => {
  const apply = () => document.body.classList.toggle(`without-${box.dataset.outcome}`, !box.checked);
  box.addEventListener("change", apply);
  apply();
});
document.querySelectorAll(".sheet").forEach((sheet) => {
  sheet.addEventListener("click", () => sheet.parentElement.classList.toggle("wide"));
});
const filter = document.getElementById("filter");
filter.addEventListener("change", () => {
  const shown = filter.selectedOptions[0].dataset.shown;
  document.querySelectorAll("[data-image]").forEach((each) => {
    each.hidden = Boolean(shown) && shown[Number(each.dataset.image)] === "0";
  });
});
