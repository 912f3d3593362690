"use strict";
// A line is shown if it is of the chosen kind and, if a confusion is chosen, has that confusion.
const lines = [...document.querySelectorAll(".lines li")];
const confusions = [...document.querySelectorAll("[data-confusion]")];
const has = (list, value) => list.split(" ").includes(value);
const apply = () => {
  const kind = document.querySelector("input[name=kind]:checked").value;
  const chosen = confusions.find((button) => button.getAttribute("aria-pressed") === "true");
  lines.forEach((line) => {
    const wanted = !kind || has(line.dataset.kinds, kind);
    line.hidden = !wanted || (chosen && !has(line.dataset.confusions, chosen.dataset.confusion));
  });
  const count = lines.filter((line) => !line.hidden).length;
  document.querySelector("output").textContent = `${count} shown`;
};
document.querySelectorAll("input[name=kind]").forEach((input) => input.addEventListener("change", apply));
confusions.forEach((button) => {
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") === "true";
    confusions.forEach((each) => each.setAttribute("aria-pressed", String(each === button && !pressed)));
    apply();
  });
});
apply();
