"""The page of lines that were read wrong: one self-contained HTML page that needs no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from rapidfuzz.distance import Levenshtein

from ocr.images.crops import LineCrop
from ocr.images.header import ImageError
from ocr.metrics.text import SURE, TextCounts, compare_texts, confusions, text_figures
from ocr.report.document import HERE, document, style_of
from ocr.report.errors import embedded
from ocr.report.readings import ReadLine
from ocr.text import plain_text, without_spaces
from ocr.types import UInt8Array

KINDS = {
    "amount": "an amount is wrong",
    "spaces": "spaces only",
    "case": "letter case only",
    "sure": f"truth suspicious (confidence {SURE} or more)",
    "unsure": f"confidence below {SURE}",
}
"""What a line read wrong may be, beside wrong; several may apply."""
CONFUSIONS = 40
"""Confusions in the table, the most frequent ones."""
NAMES = {"": "nothing", " ": "space"}
"""Characters that the table names."""
CROP = LineCrop(squeeze=1.0, margin=0.15)
"""How a line's picture is cut: as printed, with a little of what is around it."""
QUALITY = 70

ReadPage = Callable[[str], UInt8Array]
"""Name of an image -> its pixels, uint8 RGB (H, W, 3); raises `ImageError`."""
Parts = list[tuple[str, str]]
"""Parts of a text, each with what became of it; empty: read right."""


def text_error_page(title: str, about: Mapping[str, str], lines: Sequence[ReadLine], most: int, read: ReadPage) -> str:
    """Render the page.

    Args:
        title: title of the page.
        about: what was compared, in a few words each.
        lines: all lines, those read right included.
        most: lines shown, worst first.
        read: reads an image.
    """
    counts = [compare_texts(line.truth, line.text) for line in lines]
    wrong = [(line, each) for line, each in zip(lines, counts, strict=True) if not each.exact]
    wrong.sort(key=lambda pair: badness(pair[1]), reverse=True)
    shown = [line for line, _ in wrong[:most]]
    counted = confusions([(line.truth, line.text) for line in lines]).most_common(CONFUSIONS)
    ranks = {confusion: rank for rank, (confusion, _) in enumerate(counted)}
    kinds = [kinds_of(line, each) for line, each in wrong]
    return document(
        "text_errors.html.j2",
        style_of("text_errors.css"),
        (HERE / "text_errors.js").read_text(encoding="utf-8"),
        title=title,
        about=about,
        counts={
            "lines": len(lines),
            "with an error": len(wrong),
            "wrong, spaces and case aside": sum(not each.bare_exact for each in counts),
            "amounts wrong": f"{sum(each.amounts_wrong for each in counts):.0f} of "
            f"{sum(each.amounts for each in counts):.0f}",
        },
        figures={name.removeprefix("text/").replace("_", " "): value for name, value in text_figures(counts).items()},
        kinds=KINDS,
        numbers=Counter(kind for each in kinds[:most] for kind in each),
        confusions=[(*(NAMES.get(letter, letter) for letter in pair), count) for pair, count in counted],
        wrong=len(wrong),
        lines_shown=len(shown),
        lines=rows(wrong[:most], kinds, ranks, pictures(shown, read)),
    )


def badness(counts: TextCounts) -> tuple[float, float]:
    """Sort key: share of wrong characters without spaces and letter case, then with both."""
    return counts.bare_edits / max(counts.bare_characters, 1), counts.edits / max(counts.characters, 1)


def kinds_of(line: ReadLine, counts: TextCounts) -> list[str]:
    """Which of `KINDS` a line read wrong is."""
    truth, text = (without_spaces(plain_text(each)) for each in (line.truth, line.text))
    holds = {
        "amount": counts.amounts_wrong > 0,
        "spaces": truth == text,
        "case": bool(counts.folded_exact),
        "sure": line.confidence is not None and line.confidence >= SURE and not counts.bare_exact,
        "unsure": line.confidence is not None and line.confidence < SURE,
    }
    return [kind for kind in KINDS if holds[kind]]


def rows(
    wrong: Sequence[tuple[ReadLine, TextCounts]],
    kinds: Sequence[Sequence[str]],
    ranks: Mapping[tuple[str, str], int],
    addresses: Mapping[int, str],
) -> Iterator[dict[str, object]]:
    """What the template shows of each line."""
    for number, (line, counts) in enumerate(wrong):
        truth, text = marked(plain_text(line.truth), plain_text(line.text))
        yield {
            "image": line.image,
            "address": addresses.get(number, ""),
            "truth": truth,
            "text": text,
            "share": 100 * badness(counts)[0],
            "edits": f"{counts.bare_edits:.0f} of {counts.bare_characters:.0f}",
            "confidence": line.confidence,
            "kinds": kinds[number],
            "confusions": sorted(ranks[pair] for pair in confusions([(line.truth, line.text)]) if pair in ranks),
        }


def marked(truth: str, text: str) -> tuple[Parts, Parts]:
    """Both texts in parts of equal length: what belongs together stands at the same place.

    Parts are ``other`` (another character was read), ``missing`` (in the truth alone), ``added`` (in the reading
    alone), ``gap`` (blanks opposite of those two), ``case`` (another letter case), or read right. Texts are aligned
    without letter case (Levenshtein).
    """
    above: Parts = []
    below: Parts = []
    folded_truth, folded_text = ([letter.casefold() for letter in each] for each in (truth, text))
    for step in Levenshtein.opcodes(folded_truth, folded_text):
        expected, found = truth[step.src_start : step.src_end], text[step.dest_start : step.dest_end]
        if step.tag == "delete":
            above.append(("missing", expected))
            below.append(("gap", " " * len(expected)))
        elif step.tag == "insert":
            above.append(("gap", " " * len(found)))
            below.append(("added", found))
        elif step.tag == "replace":
            above.append(("other", expected))
            below.append(("other", found))
        else:
            for same, run in groupby(zip(expected, found, strict=True), key=lambda pair: pair[0] == pair[1]):
                letters = list(run)
                above.append(("" if same else "case", "".join(letter for letter, _ in letters)))
                below.append(("" if same else "case", "".join(letter for _, letter in letters)))
    return above, below


def pictures(lines: Sequence[ReadLine], read: ReadPage) -> dict[int, str]:
    """``data:`` URLs of the lines' pictures by their number; an image that cannot be read has none.

    Each image is read once.
    """
    found = {}
    order = sorted(range(len(lines)), key=lambda number: lines[number].image)
    for name, numbers in groupby(order, key=lambda number: lines[number].image):
        try:
            image_HWC = read(name)
        except ImageError:
            continue
        for number in numbers:
            found[number] = embedded(CROP(image_HWC, lines[number].points_N2), QUALITY)
    return found
