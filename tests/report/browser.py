"""A report open in a headless Chromium, and what scripts in it can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page

# Blocks that follow one another and yet lie over one another, named by their tags and ids.
OVERLAPS = """
() => [...document.querySelectorAll("main, main section, figure, details, .plots, .box")].flatMap((parent) => {
  const shown = [...parent.children].filter((child) => child.getClientRects().length && child.tagName !== "NOSCRIPT");
  const rects = shown.map((child) => child.getBoundingClientRect());
  const pairs = rects.flatMap((a, i) => rects.slice(i + 1).map((b, j) => [a, b, shown[i], shown[i + 1 + j]]));
  const over = pairs.filter(([a, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1);
  return over.map(([, , one, other]) => `${one.tagName}#${one.id} over ${other.tagName}#${other.id} in ${parent.id}`);
})
"""
# Colours of the text of all plots but that in coloured cells.
PLOT_TEXT = """
() => [...new Set([...document.querySelectorAll(".main-svg text")].filter((text) => !text.closest(".textpoint"))
  .map((text) => getComputedStyle(text).fill))]
"""
GROUND = "() => getComputedStyle(document.body).backgroundColor"
# Tick labels of one axis that lie over one another.
TICKS = """
() => [...document.querySelectorAll(".main-svg .xtick, .main-svg .ytick")].flatMap((tick) => {
  const next = tick.nextElementSibling;
  if (next?.classList[0] !== tick.classList[0]) return [];
  const [a, b] = [tick.getBoundingClientRect(), next.getBoundingClientRect()];
  const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  return over ? [`${tick.textContent} over ${next.textContent}`] : [];
})
"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Watched:
    """A page and what went wrong in it: messages on its console, errors, requests that leave the file."""

    def __init__(self, browser: Browser, file: Path, width: int, scheme: Literal["light", "dark"]) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._leaves(request.url, file))
        self.page.goto(file.as_uri())

    def _leaves(self, url: str, file: Path) -> None:
        if url != file.as_uri() and not url.startswith(("data:", "blob:")):
            self.wrong.append(url)

    def open_all(self) -> None:
        """Unfold everything."""
        self.page.evaluate("() => document.querySelectorAll('details').forEach((item) => { item.open = true; })")

    def draw_all(self) -> int:
        """Scroll to every plot, wait until it is drawn, and return how many there are."""
        plots = self.page.locator("[data-figure]")
        for number in range(plots.count()):
            plots.nth(number).scroll_into_view_if_needed()
            plots.nth(number).locator(".main-svg").first.wait_for(timeout=5000)
        return plots.count()

    def ask(self, script: str) -> Any:
        """Return what a script says."""
        return self.page.evaluate(script)
