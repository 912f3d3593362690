"""The error report: one HTML page that needs nothing beside it, for a browser without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.images.decode import Read, read_picture
from ocr.metrics.errors import Outcome
from ocr.report.document import document
from ocr.report.errors import COLOURS, ImageErrors, drawn
from ocr.report.histogram import histogram
from ocr.report.html import Html, joined, tag

MEANINGS = {
    Outcome.MISSED: "region that nothing matches",
    Outcome.FALSE: "detection that matches nothing",
    Outcome.SPLIT: "region shared by several detections",
    Outcome.MERGED: "detection that spans several regions",
    Outcome.PARTIAL: "region matched, some of its characters not covered",
    Outcome.FOUND: "found as it should be",
    Outcome.IGNORED: "not judged",
}
COUNTS = frozenset({"cleval/split", "cleval/merge", "cleval/overlap"})
"""Figures that are numbers of something; all others are shares."""
SPREAD = {"cleval/hmean": "CLEval H", "iou50/hmean": "IoU50 H"}
"""Figures whose spread over the images is drawn, where they are known."""


def error_page(
    title: str,
    about: Mapping[str, str],
    figures: Mapping[str, float],
    images: Sequence[ImageErrors],
    pictures: int,
    read: Read = read_picture,
) -> str:
    """The whole page.

    Args:
        title: of the page.
        about: what was compared, in a few words each.
        figures: over all images, by name; shares of 0 to 1 but for CLEval's counts.
        images: worst first.
        pictures: how many of them are shown with their pictures; all are in the table.
        read: reads a picture.
    """
    here, colours = Path(__file__), "".join(f"--{outcome}: {colour}; " for outcome, colour in COLOURS.items())
    style = f":root {{ {colours}}}\n{here.with_name('page.css').read_text(encoding='utf-8')}"
    script = here.with_name("page.js").read_text(encoding="utf-8")
    facts = [tag("div", tag("dt", name), tag("dd", tag("bdi", text))) for name, text in about.items()]
    body = [
        tag("h1", title),
        tag("dl", *facts, class_="about"),
        summary(figures),
        tag("div", *spreads(images), class_="charts"),
        legend(images),
        tag("h2", "Images, worst first"),
        table(images, pictures),
        tag("h2", f"Pictures of the {min(pictures, len(images))} worst"),
        tag("div", *(drawn(image, number, read) for number, image in enumerate(images[:pictures])), class_="pictures"),
    ]
    return document(title, body, style, script)


def shown(name: str, value: float) -> str:
    """A count as it is, a share as a percentage."""
    return f"{value:.0f}" if name in COUNTS else f"{100 * value:.2f}"


def summary(figures: Mapping[str, float]) -> Html:
    """The figures over all images, a tile each."""
    tiles = [tag("div", tag("dt", name), tag("dd", shown(name, value))) for name, value in figures.items()]
    return tag("dl", *tiles, class_="tiles")


def spreads(images: Sequence[ImageErrors]) -> list[Html]:
    """How the figures of the images are spread."""
    values = {
        title: [image.figures[name] for image in images if name in image.figures] for name, title in SPREAD.items()
    }
    return [histogram(title, shares) for title, shares in values.items() if shares]


def legend(images: Sequence[ImageErrors]) -> Html:
    """What the colours mean and how many of each fault there are; each can be switched off in the pictures."""
    rows = []
    for outcome, meaning in MEANINGS.items():
        switch = tag("input", type="checkbox", checked="", data_outcome=outcome)
        line = tag("line", x1=2, y1=8, x2=38, y2=8, class_=outcome)
        swatch = tag("svg", line, width=40, height=16, **{"aria-hidden": "true"})
        known = outcome in images[0].outcomes.faults if images else False
        total = f" ({sum(image.outcomes.faults[outcome] for image in images)})" if known else ""
        rows.append(tag("label", switch, swatch, tag("b", outcome), f"{total} {meaning}"))
    return tag("div", *rows, class_="legend")


def table(images: Sequence[ImageErrors], pictures: int) -> Html:
    """A row an image: figures and faults; a click on a column's head sorts by it."""
    known = images[0].figures if images else {}
    names = [name for name in known if name not in COUNTS and (name.startswith("cleval/") or name.endswith("/hmean"))]
    faults = list(images[0].outcomes.faults) if images else []
    heads = [tag("th", tag("button", name, type="button"), scope="col") for name in ("image", *names, *faults)]
    rows = []
    for number, image in enumerate(images):
        name_cell = tag("bdi", image.name)
        if number < pictures:
            name_cell = tag("a", name_cell, href=f"#image-{number}")
        cells = [tag("td", shown(name, image.figures[name])) for name in names]
        cells += [tag("td", str(image.outcomes.faults[fault])) for fault in faults]
        rows.append(tag("tr", tag("th", name_cell, scope="row"), *cells))
    return tag("div", tag("table", tag("thead", tag("tr", *heads)), tag("tbody", joined(rows))), class_="table")
