"""All figures of receipts that were found and read: from the image to the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, TypeVar

from ocr.metrics.calibration import calibration_figures
from ocr.metrics.cleval_text import CLEvalTextCounts, composed, pair_readable, text_counts_of
from ocr.metrics.evaluator import totals
from ocr.metrics.lines import match_lines, page_text
from ocr.metrics.text import TextCounts, compare_texts, ratio, text_figures
from ocr.text import folded, plain_text, without_spaces
from ocr.types import Word

Counts = TypeVar("Counts", TextCounts, CLEvalTextCounts, "WordCounts")

FORMS: Mapping[str, Callable[[str], str]] = {
    "": composed,
    "_folded": lambda text: folded(plain_text(text)),
    "_bare": lambda text: without_spaces(folded(plain_text(text))),
}
"""The forms in which CLEval compares texts, by the ending of a figure's name."""
PAGE_FIGURES = ("cer", "cer_folded", "cer_bare", "wer", "ned", "amounts_wrong")
"""The figures of texts that have a meaning for a page."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Words of one receipt, parted by spaces, wherever they stand (SROIE 2019, task 2).

    Attributes:
        truth: words of the truth.
        read: words of the readings.
        common: words in both, as often as in both, without letter case.
        common_exact: the same with letter case.
    """

    truth: int = 0
    read: int = 0
    common: int = 0
    common_exact: int = 0


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """Counts of one image.

    Attributes:
        cleval: of CLEval end to end, for each of `FORMS`.
        matched: of the lines of the truth that a line read matches, with what was read there.
        missed: of the other lines of the truth, of which nothing was read.
        added: of the lines read that match none, whose truth is empty; those without text do not count.
        page: of the whole page as one text.
        words: of the whole page as a set of words.
        sure: of each matched line with a confidence, that confidence and whether the line is right.
    """

    cleval: tuple[CLEvalTextCounts, ...]
    matched: TextCounts
    missed: TextCounts
    added: TextCounts
    page: TextCounts
    words: WordCounts
    sure: tuple[tuple[float, bool], ...] = ()


class EndToEndEvaluator:
    """CLEval end to end, and figures of the texts of lines, pages and words; stateless."""

    main = "cleval_e2e/hmean_bare"

    def evaluate_image(self, regions: Sequence[Word], found: Sequence[Word]) -> ReadingCounts:
        """Counts of one image.

        Args:
            regions: ground truth. Those that are ignored or have no known text are "don't care".
            found: detections with what was read in them, in the same frame; nothing where there is no text.
        """
        pairing = pair_readable(regions, found)
        match = match_lines(regions, found)
        truth, read = [region.text or "" for region in regions], [word.text or "" for word in found]
        page = [page_text([regions[line] for line in match.truth]), page_text([found[line] for line in match.read])]
        matched = [(compare_texts(truth[line], read[other]), found[other].confidence) for line, other in match.pairs]
        return ReadingCounts(
            cleval=tuple(text_counts_of(pairing, regions, found, form) for form in FORMS.values()),
            matched=summed(TextCounts, (counts for counts, _ in matched)),
            missed=summed(TextCounts, (compare_texts(truth[line], "") for line in match.missed)),
            added=summed(TextCounts, (compare_texts("", read[line]) for line in match.added if read[line])),
            page=compare_texts(*page) if any(page) else TextCounts(),
            words=compare_words(*page),
            sure=tuple((sure, bool(counts.bare_exact)) for counts, sure in matched if sure is not None),
        )

    def summarise(self, counts: Sequence[ReadingCounts]) -> dict[str, float]:
        """Figures over all images, from the sums of their counts.

        ``cleval_e2e/*``: recall, precision, H-mean and recognition score of `ocr.metrics.cleval_text`, of texts as they
        are, and in `FORMS` without letter case (``_folded``) and without spaces too (``_bare``).

        ``text_matched/*``: `text_figures` of the lines that match one to one (`match_lines`). If some of them
        have a confidence, of those `calibration_figures` as well: right is what ``line_accuracy`` counts.

        ``text_all/*``: the same with missed lines, of which nothing was read, and added lines, whose truth is empty.
        ``line_accuracy*`` is the share of the truth's lines that are read exactly, ``line_precision`` that of the
        lines read, without letter case and spaces.

        ``text_page/*``: of the text of a page (`page_text`), edits over characters or words of all pages.

        ``text_words/*``: recall, precision and H-mean of the words of each receipt as a multiset, without letter case
        and with (``_exact``).
        """
        matched, missed, added, page = (
            summed(TextCounts, (getattr(each, name) for each in counts))
            for name in ("matched", "missed", "added", "page")
        )
        everything = summed(TextCounts, (matched, missed, added))
        of_truth = summed(TextCounts, (matched, missed))
        of_pages = text_figures([page], "text_page")
        return {
            **cleval_figures(counts),
            **text_figures([matched], "text_matched"),
            **sure_figures(counts),
            **text_figures([everything], "text_all"),
            **{name: value for name, value in text_figures([of_truth], "text_all").items() if "accuracy" in name},
            "text_all/line_precision": ratio(matched.bare_exact, matched.lines + added.lines),
            **{f"text_page/{name}": of_pages[f"text_page/{name}"] for name in PAGE_FIGURES},
            **word_figures(summed(WordCounts, (each.words for each in counts))),
        }

    def lines(self, counts: Sequence[ReadingCounts]) -> dict[str, int]:
        """How many lines the figures are of: matched, missed and added."""
        return {name: int(sum(getattr(each, name).lines for each in counts)) for name in ("matched", "missed", "added")}


def summed(kind: type[Counts], counts: Iterable[Counts]) -> Counts:
    """The sums of counts; zeros if there are none."""
    return kind(*totals(astuple(each) for each in counts))


def cleval_figures(counts: Sequence[ReadingCounts]) -> dict[str, float]:
    """Figures of CLEval end to end for each of `FORMS`."""
    figures = {}
    for place, ending in enumerate(FORMS):
        total = summed(CLEvalTextCounts, (each.cleval[place] for each in counts))
        for name in ("hmean", "recall", "precision", "recognition"):
            figures[f"cleval_e2e/{name}{ending}"] = float(getattr(total, name))
    return figures


def sure_figures(counts: Sequence[ReadingCounts]) -> dict[str, float]:
    """Calibration of the matched lines that have a confidence; nothing if none has one."""
    sure = [each for image in counts for each in image.sure]
    if not sure:
        return {}
    return {f"text_matched/{name}": value for name, value in calibration_figures(*zip(*sure, strict=True)).items()}


def compare_words(truth: str, read: str) -> WordCounts:
    """Counts of the words of one page's texts."""
    expected, found = plain_text(truth), plain_text(read)
    return WordCounts(
        truth=len(expected.split()),
        read=len(found.split()),
        common=(Counter(folded(expected).split()) & Counter(folded(found).split())).total(),
        common_exact=(Counter(expected.split()) & Counter(found.split())).total(),
    )


def word_figures(counts: WordCounts) -> dict[str, float]:
    """Recall, precision and H-mean of words."""
    figures = {}
    for common, ending in ((counts.common, ""), (counts.common_exact, "_exact")):
        figures[f"text_words/recall{ending}"] = ratio(common, counts.truth)
        figures[f"text_words/precision{ending}"] = ratio(common, counts.read)
        figures[f"text_words/hmean{ending}"] = ratio(2 * common, counts.truth + counts.read)
    return figures


def add_readings(
    report: dict[str, Any],
    truth: Mapping[str, Sequence[Word]],
    found: Mapping[str, Sequence[Word]],
    evaluator: EndToEndEvaluator,
) -> dict[str, Any]:
    """A report of detections (`Comparison.report`) with the figures of what was read, overall and of each image in it.

    Args:
        report: the report.
        truth: regions of each image by name.
        found: what was read in each image by name.
        evaluator: computes the figures.
    """
    counts = {name: evaluator.evaluate_image(regions, found.get(name, ())) for name, regions in truth.items()}
    everything = list(counts.values())
    report = {
        **report,
        "figures": {**report["figures"], **evaluator.summarise(everything)},
        "lines": evaluator.lines(everything),
    }
    if "per_image" in report:
        report["per_image"] = [
            {**row, **evaluator.summarise([counts[row["image"]]]), "lines": evaluator.lines([counts[row["image"]]])}
            for row in report["per_image"]
        ]
    return report
