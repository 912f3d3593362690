"""The report of a data check: one HTML page with counts, statistics and examples, for a browser without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr.report.charts import bars, number_of, scatter
from ocr.report.document import document
from ocr.report.flaw_picture import sheet
from ocr.report.flaws import Example, Flaw
from ocr.report.html import Html, tag

TITLES = {
    "error": "Errors: a training would fail or learn something wrong",
    "warning": "Warnings: suspicious",
    "note": "Notes: good to know",
}
SPLITS_DRAWN = 4
"""Splits whose figures are drawn; all are in the table."""
FIGURES = {"p0": "least", "p5": "5 %", "p50": "median", "p95": "95 %", "p100": "most"}
SPREADS = {
    "words_an_image": "words an image",
    "text_height": "text height, pixels",
    "width": "image width, pixels",
    "height": "image height, pixels",
}


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """What is drawn of a split.

    Attributes:
        sizes: (width, height) in pixels of each image that was decoded.
        text_heights: of the words that count, in pixels.
        words: of each image that is annotated.
        overlaps: pairs of overlapping words of each image that is annotated.
    """

    sizes: Sequence[tuple[float, float]]
    text_heights: Sequence[float]
    words: Sequence[float]
    overlaps: Sequence[float]


def flaw_page(
    title: str,
    about: Mapping[str, str],
    flaws: Sequence[Flaw],
    tallies: Mapping[str, Mapping[str, int]],
    statistics: Mapping[str, Mapping[str, object]],
    figures: Mapping[str, SplitFigures],
) -> str:
    """The whole page. Its size depends on the number of kinds and examples, not on that of images.

    Args:
        title: of the page.
        about: what was checked, in a few words each.
        flaws: worst first.
        tallies: numbers by what was counted, and by what came of it.
        statistics: of each split: numbers, names with numbers, percentiles.
        figures: what is drawn of each split.
    """
    style = Path(__file__).with_name("flaw_page.css").read_text(encoding="utf-8")
    facts = [tag("div", tag("dt", name), tag("dd", tag("bdi", text))) for name, text in about.items()]
    totals = {severity: sum(flaw.count for flaw in flaws if flaw.severity == severity) for severity in TITLES}
    tiles = [
        tag("div", tag("dt", f"{severity}s"), tag("dd", str(total), class_=severity if total else None))
        for severity, total in totals.items()
    ]
    drawn = list(figures.items())[:SPLITS_DRAWN]
    left = f"The pictures show the first {SPLITS_DRAWN} of {len(figures)} splits."
    body = [
        tag("h1", title),
        tag("dl", *facts, class_="about"),
        tag("dl", *tiles, class_="tiles"),
        tally_table(tallies),
        overview(flaws),
        tag("h2", "Statistics"),
        *statistics_tables(statistics),
        *([tag("p", left, class_="more")] if len(figures) > SPLITS_DRAWN else []),
        *(tag("div", *charts(split, each), class_="charts") for split, each in drawn),
    ]
    for severity, heading in TITLES.items():
        found = [flaw for flaw in flaws if flaw.severity == severity]
        body += [tag("h2", heading), *map(section, found)] if found else []
    return document(title, body, style)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> Html:
    """A table whose first column names the rows."""
    head = tag("thead", tag("tr", *(tag("th", text, scope="col") for text in heads)))
    lines = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    return tag("div", tag("table", head, tag("tbody", *lines)), class_=f"table {kind}".strip())


def tally_table(tallies: Mapping[str, Mapping[str, int]]) -> Html:
    """What was checked and what came of it."""
    columns = list(next(iter(tallies.values()), {}))
    return table(["", *columns], [[name, *(str(tally[key]) for key in columns)] for name, tally in tallies.items()])


def overview(flaws: Sequence[Flaw]) -> Html:
    """A line for each kind of flaw, which leads to its section."""
    if not flaws:
        return tag("p", "Nothing was found.")
    rows = [
        [
            tag("a", tag("code", flaw.code), href=f"#{flaw.code}", class_=flaw.severity),
            flaw.severity,
            str(flaw.count),
            str(flaw.images),
            flaw.meaning,
        ]
        for flaw in flaws
    ]
    return table(["flaw", "severity", "found", "in images", "meaning"], rows, "flaws")


def statistics_tables(statistics: Mapping[str, Mapping[str, object]]) -> list[Html]:
    """A column for each split; then a line for each spread of each split."""
    rows = [
        [name, *(str(each.get(name, "")) for each in statistics.values())] for name in ("images", "words", "ignored")
    ]
    rows.append(["overlapping words", *(str(each.get("overlaps", "")) for each in statistics.values())])
    rows += [[key, *(listed(each.get(key)) for each in statistics.values())] for key in ("formats", "modes")]
    spreads = [
        [f"{name}: {split}", *(percentile(each.get(key), share) for share in FIGURES)]
        for key, name in SPREADS.items()
        for split, each in statistics.items()
    ]
    return [table(["", *statistics], rows), table(["", *FIGURES.values()], spreads)]


def listed(counts: object) -> str:
    """Names with their numbers."""
    return ", ".join(f"{name} {number}" for name, number in counts.items()) if isinstance(counts, Mapping) else ""


def percentile(spread: object, share: str) -> str:
    """One of the percentiles; nothing where there are no values."""
    return f"{spread[share]:.4g}" if isinstance(spread, Mapping) and share in spread else ""


def charts(split: str, each: SplitFigures) -> list[Html]:
    """The pictures of a split, those for which there are values."""
    drawn = [scatter(f"{split}: image height over width, pixels", each.sizes)] if each.sizes else []
    for title, values, things in (
        ("text height, pixels", each.text_heights, "words"),
        ("words an image", each.words, "images"),
        ("overlapping words an image", each.overlaps, "images"),
    ):
        drawn += [bars(f"{split}: {title}", values, things)] if len(values) else []
    return drawn


def section(flaw: Flaw) -> Html:
    """A kind of flaw: what it is, what to do, examples with pictures."""
    counted = f" {flaw.count} found" + (f", in {number_of(flaw.images, 'image')}" if flaw.images else "")
    examples = [tag("li", *example_of(each)) for each in flaw.examples]
    left = flaw.count - len(flaw.examples)
    return tag(
        "section",
        tag("h3", tag("code", flaw.code), tag("span", counted)),
        tag("p", f"{flaw.meaning[0].upper()}{flaw.meaning[1:]}."),
        tag("p", f"To do: {flaw.fix}.", class_="fix"),
        tag("ul", *examples, class_="examples"),
        *([tag("p", f"{left} more are in report.json.", class_="more")] if left else []),
        id=flaw.code,
        class_=f"flaw {flaw.severity}",
    )


def example_of(example: Example) -> list[Html]:
    """One place with its picture, where there is one."""
    # The check has decoded it: it is a file of the folder and not too large.
    picture = sheet(example.path, example.points_N2) if example.path is not None else None
    said = [tag("b", tag("bdi", example.place)), tag("p", tag("bdi", example.value))]
    return [picture, *said] if picture is not None else said
