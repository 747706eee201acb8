// Sort a table by a column: the heading becomes a button; a second press turns the order round.
(() => {
  // The number that a text begins with: "93.9 ± 0.28", "[−1.2, 3.4]", "1,234", "< 0.0001".
  function number(text) {
    const plain = text.replace("−", "-").replace("∞", "Infinity").replaceAll(",", "");
    const value = Number.parseFloat(plain.replace(/^[[<]\s*/, ""));
    return plain.startsWith("<") ? value / 2 : value;
  }

  function key(cell, isNumber) {
    const text = cell.textContent.trim();
    if (text === "–" || "none" in cell.dataset) return null;
    return isNumber ? number(text) : text;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  }

  // Cells without a value stay last in either order.
  function sorted(rows, head, direction) {
    const isNumber = head.matches(".number, .rank");
    const keyed = rows.map((row) => [key(row.cells[Number(head.dataset.col)], isNumber), row]);
    const full = keyed.filter(([value]) => value !== null).sort((a, b) => direction * compare(a[0], b[0]));
    return [...full, ...keyed.filter(([value]) => value === null)].map(([, row]) => row);
  }

  function sortBy(table, head) {
    const wasAscending = head.getAttribute("aria-sort") === "ascending";
    const wasDescending = head.getAttribute("aria-sort") === "descending";
    const isDescending = head.matches(".number") ? !wasDescending : wasAscending;
    for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
    const body = table.tBodies[0];
    body.append(...sorted([...body.rows], head, isDescending ? -1 : 1));
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
