"""Size of the report, and how soon it is open in a browser.

    python benchmarks/report_page.py [--benchmarks 6] [--classifiers 15] [--classes 49] [--repeats 5]

Renders a made-up run, opens the file in headless Chromium, each time in a fresh context, and takes the median of the
seconds until the page is loaded, and until its first plot is drawn. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from headless import CHROMIUM, chromium
from playwright.sync_api import Browser
from report_made_up import Size, made_up_report

from l1000_bench.report.page import render


def opened(browser: Browser, file: Path) -> tuple[float, float]:
    """Open a file at the first of its plots; return the seconds until it was loaded and until that plot was drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    started = time.perf_counter()
    page.goto(f"{file.as_uri()}#accuracy", wait_until="load")
    loaded = time.perf_counter() - started
    page.locator(".main-svg").first.wait_for()
    drawn = time.perf_counter() - started
    context.close()
    return loaded, drawn


def main() -> None:
    """Render, open, print a line and the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("benchmarks", 6), ("classifiers", 15), ("classes", 49), ("repeats", 5)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args()
    if CHROMIUM is None:
        parser.error("there is no Chromium on this machine: install the package chromium")
    content = made_up_report(Size(options.benchmarks, options.classifiers, options.classes))
    started = time.perf_counter()
    page = render(content)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        times = [opened(browser, file) for _ in range(options.repeats)]
        release = browser.version
    loaded, drawn = (statistics.median(column) for column in zip(*times, strict=True))
    megabytes = len(page.encode()) / 1e6
    grid = f"{options.benchmarks} benchmarks x {options.classifiers} classifiers x {options.classes} classes"
    told = f"rendered in {seconds:.1f} s, loaded in {loaded:.2f} s, first plot drawn after {drawn:.2f} s"
    print(f"{grid}: {megabytes:.2f} MB, {told}")
    figures = {
        "megabytes": round(megabytes, 2),
        "render_seconds": round(seconds, 2),
        "load_seconds": round(loaded, 2),
        "first_plot_seconds": round(drawn, 2),
    }
    versions = {package: version(package) for package in ("jinja2", "plotly")} | {"chromium": release}
    print(json.dumps({"name": "report", "ratios": {}, "figures": figures, "versions": versions}))


if __name__ == "__main__":
    main()
