// Draw the figures in the page's own text colour, anew when the theme changes or the page is printed.
(() => {
  const divs = [...document.querySelectorAll("[data-figure]")];
  const config = {
    responsive: true,
    displaylogo: false,
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "svg", filename: "l1000-bench" },
  };

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const print = window.matchMedia("print");
  const PRINT_WIDTH = 680; // pixels: fits A4 and Letter within usual margins

  function draw() {
    const width = print.matches ? { width: PRINT_WIDTH, autosize: false } : {};
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--text").trim();
    for (const div of divs) {
      const text = document.getElementById(div.dataset.figure).textContent;
      const figure = JSON.parse(text.replaceAll(`"${PLOT_INK}"`, `"${colour}"`));
      Plotly.react(div, figure.data, { ...figure.layout, ...width }, config).then(() => {
        if (!print.matches) Plotly.Plots.resize(div); // back to the width of the page
      });
    }
  }

  const details = [...document.querySelectorAll("details")];
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = details.filter((item) => !item.open);
    for (const item of closed) item.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const item of closed) item.open = false;
  });

  draw();
  for (const query of [dark, print]) query.addEventListener("change", draw);
})();
