// Draw a plot when it comes into view, in the page's own colours; anew when the theme changes or the page is printed.
(() => {
  const divs = [...document.querySelectorAll("[data-figure]")];
  const drawn = new Set();
  const config = {
    responsive: true,
    displaylogo: false,
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "svg", filename: "l1000-bench" },
  };

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const print = window.matchMedia("print");
  const PRINT_WIDTH = 680; // pixels: fits A4 and Letter within usual margins

  function themed(text) {
    const style = getComputedStyle(document.documentElement);
    for (const [colour, name] of Object.entries(THEMED)) {
      text = text.replaceAll(`"${colour}"`, `"${style.getPropertyValue(name).trim()}"`);
    }
    return text;
  }

  // Traces of other choices than the menu's are left out; those of none are always there.
  function chosen(traces, menu) {
    const choice = menu ? Number(menu.value) : 0;
    return traces.filter((trace) => (trace.meta ?? choice) === choice);
  }

  function printed(div) {
    const widest = Number.parseFloat(div.closest(".plot").style.maxWidth) || PRINT_WIDTH;
    return { width: Math.min(widest, PRINT_WIDTH), autosize: false };
  }

  function draw(div) {
    drawn.add(div);
    seen.unobserve(div);
    const figure = JSON.parse(themed(document.getElementById(div.dataset.figure).textContent));
    const traces = chosen(figure.data, div.closest("figure").querySelector("select"));
    const width = print.matches ? printed(div) : {};
    Plotly.react(div, traces, { ...figure.layout, ...width }, config).then(() => {
      if (!print.matches) Plotly.Plots.resize(div); // back to the width of the page
    });
  }

  const seen = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
    { rootMargin: "400px" },
  );
  for (const div of divs) seen.observe(div);

  for (const menu of document.querySelectorAll("figure select")) {
    menu.addEventListener("change", () => {
      menu.closest("figure").querySelectorAll("[data-figure]").forEach(draw);
    });
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

  dark.addEventListener("change", () => [...drawn].forEach(draw));
  print.addEventListener("change", () => (print.matches ? divs : [...drawn]).forEach(draw));
})();
