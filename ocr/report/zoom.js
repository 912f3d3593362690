"use strict";
const view = document.querySelector(".view");
const sheet = document.querySelector(".sheet");
const width = Number(sheet.dataset.width);
const height = Number(sheet.dataset.height);
const buttons = [...document.querySelectorAll("[data-zoom]")];
let zoom = "whole";
const scaleOf = (wanted) =>
  wanted === "whole" ? Math.min(view.clientWidth / width, (view.clientHeight - 4) / height, 1) : Number(wanted);
// Keep the point at the shares (right, down) of the picture in the middle of the view.
const show = (wanted, right = 0.5, down = 0) => {
  zoom = wanted;
  const scale = scaleOf(zoom);
  sheet.setAttribute("width", String(width * scale));
  sheet.setAttribute("height", String(height * scale));
  sheet.classList.toggle("large", zoom !== "whole");
  buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.zoom === zoom)));
  view.scrollTo(width * scale * right - view.clientWidth / 2, height * scale * down - view.clientHeight / 2);
};
buttons.forEach((each) => each.addEventListener("click", () => show(each.dataset.zoom)));
sheet.addEventListener("click", (event) => {
  const box = sheet.getBoundingClientRect();
  const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  show(zoom === "whole" ? "1" : "whole", ...share);
});
document.querySelectorAll("input[data-group]").forEach((box) => {
  box.addEventListener("change", () => {
    document.querySelectorAll(`polygon[data-group="${box.dataset.group}"]`).forEach((each) => {
      each.classList.toggle("off", !box.checked);
    });
  });
});
// Also the first time: a frame may get its size after this script has run.
new ResizeObserver(() => zoom === "whole" && show("whole")).observe(view);
