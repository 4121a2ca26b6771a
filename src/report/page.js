"use strict";
// Tables are sorted by their heads, pictures tell what is under the pointer, and one label can be picked.
(() => {
  const valueOf = (cell) => {
    const number = cell.dataset.value;
    return number === undefined ? cell.textContent : Number(number);
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;

  const sortBy = (head) => {
    const table = head.closest("table");
    const column = [...head.parentNode.children].indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => compare(valueOf(a.cells[column]), valueOf(b.cells[column])));
    body.append(...(down ? rows.reverse() : rows));
  };

  for (const head of document.querySelectorAll("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head));
    head.append(button);
  }

  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const hide = () => { tip.hidden = true; };
  document.addEventListener("mouseover", (event) => {
    const shape = event.target.closest("svg [data-tip]");
    if (!shape) return hide();
    tip.textContent = shape.dataset.tip;
    tip.hidden = false;
  });
  // The place is set through the CSS object model, which the policy of the page allows.
  document.addEventListener("mousemove", (event) => {
    tip.style.left = `${Math.max(0, Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(0, Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 4))}px`;
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  const rows = [...document.querySelectorAll("svg .row")];
  const names = [...new Set(rows.map((row) => row.dataset.name))];
  if (names.length > 1) {
    const pick = document.createElement("label");
    pick.id = "pick";
    const list = document.createElement("select");
    for (const name of ["all labels", ...names]) list.add(new Option(name, name));
    list.addEventListener("change", () => {
      const all = list.selectedIndex === 0;
      for (const row of rows) {
        row.classList.toggle("picked", !all && row.dataset.name === list.value);
        row.classList.toggle("dim", !all && row.dataset.name !== list.value);
      }
    });
    pick.append("Show ", list);
    document.querySelector("main").prepend(pick);
  }
})();
