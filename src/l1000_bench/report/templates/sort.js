// Sort a table by a column: the heading becomes a button; a second press turns the order round.
(() => {
  function key(row, column) {
    const text = row.cells[column].dataset.sort;
    if (text === undefined) return null;
    const number = Number(text);
    return text.trim() === "" || Number.isNaN(number) ? text : number;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  }

  // Cells without a value stay last in either order.
  function sorted(rows, column, direction) {
    const keyed = rows.map((row) => [key(row, column), row]);
    const full = keyed.filter(([value]) => value !== null).sort((a, b) => direction * compare(a[0], b[0]));
    return [...full, ...keyed.filter(([value]) => value === null)].map(([, row]) => row);
  }

  function sortBy(table, head) {
    const wasAscending = head.getAttribute("aria-sort") === "ascending";
    const wasDescending = head.getAttribute("aria-sort") === "descending";
    const isDescending = head.classList.contains("number") ? !wasDescending : wasAscending;
    for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
    const body = table.tBodies[0];
    body.append(...sorted([...body.rows], Number(head.dataset.col), isDescending ? -1 : 1));
  }

  for (const table of document.querySelectorAll("table")) {
    if (table.tBodies[0].rows.length < 2) continue;
    for (const head of table.querySelectorAll("th[data-col]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sortBy(table, head));
    }
  }
})();
