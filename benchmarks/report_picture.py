"""The README's picture of the report: its first screen, as a PNG.

    python benchmarks/report_picture.py data/08_reporting/base/report.html docs/report.png

It shows the report from its results on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from headless import CHROMIUM, chromium

WIDTH, HEIGHT, FROM = 1280, 1150, "results"


def main() -> None:
    """Open the report at its results, and take the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    if CHROMIUM is None or not given.report.is_file():
        missing = "no Chromium is installed" if CHROMIUM is None else f"{given.report} is not there; run `make demo`"
        raise SystemExit(f"The picture cannot be taken: {missing}.")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(f"{given.report.resolve().as_uri()}#{FROM}", wait_until="load")
        given.picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=given.picture)


if __name__ == "__main__":
    main()
