// The connect form: fields of the chosen way of signing in alone, and rows that come and go. Without this everything is shown.

for (const choice of document.querySelectorAll("[name=way]")) {
  choice.addEventListener("change", showWay);
}
showWay();

function showWay() {
  const chosen = document.querySelector("[name=way]:checked")?.value;
  if (chosen === undefined) return;
  for (const part of document.querySelectorAll("[data-ways]")) part.hidden = !part.dataset.ways.split(" ").includes(chosen);
}

for (const rows of document.querySelectorAll("[data-rows]")) {
  const list = rows.querySelector("ol");
  const blank = rows.querySelector("template");
  rows.querySelector("[data-adds]").addEventListener("click", () => add(list, blank));
  list.addEventListener("click", ({ target }) => {
    if (target.closest("[data-removes]")) remove(target.closest("li"), rows);
  });
}

/** Numbers are never used again: what was typed into a row that is gone must not turn up in a new one. */
function add(list, blank) {
  const numbers = [...list.querySelectorAll("input")].map((input) => Number(input.name.split(".").at(-2)));
  list.dataset.next = Math.max(Number(list.dataset.next ?? 0), ...numbers.map((number) => number + 1));
  const row = blank.content.cloneNode(true).firstElementChild;
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of element.attributes) attribute.value = attribute.value.replace("__n__", list.dataset.next);
  }
  list.dataset.next = Number(list.dataset.next) + 1;
  list.append(row);
  row.querySelector("input").focus();
}

function remove(row, rows) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("input") ?? rows.querySelector("[data-adds]")).focus();
}
