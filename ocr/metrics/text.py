"""Figures of text recognition: characters, words, lines and amounts that are wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from rapidfuzz.distance import Levenshtein

from ocr.metrics.evaluator import totals
from ocr.text import amounts, folded, plain_text, without_spaces
from ocr.types import Reading, Word

SURE = 0.5
"""Confidence of its least certain character from which a reading that differs casts doubt on the truth."""


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Counts of one line, or sums over lines.

    Texts are compared as `plain_text` writes them. "Folded" is without letter case, "bare" without letter case and
    without spaces.

    Attributes:
        lines: lines with a known text.
        characters: characters of the truth.
        edits: insertions, deletions and substitutions from the truth to the reading (Levenshtein distance).
        folded_edits: the same between folded texts.
        bare_characters: characters of the bare truth.
        bare_edits: edits between bare texts.
        words: words of the truth.
        word_edits: edits between the sequences of folded words.
        exact: lines that are read exactly.
        folded_exact: lines whose folded texts are equal.
        bare_exact: lines whose bare texts are equal.
        similarity: sum of 1 - distance / longer length of the folded texts.
        amounts: numbers with two decimals in the truth.
        amounts_wrong: those that the reading lacks.
    """

    lines: float = 0
    characters: float = 0
    edits: float = 0
    folded_edits: float = 0
    bare_characters: float = 0
    bare_edits: float = 0
    words: float = 0
    word_edits: float = 0
    exact: float = 0
    folded_exact: float = 0
    bare_exact: float = 0
    similarity: float = 0
    amounts: float = 0
    amounts_wrong: float = 0


def compare_texts(truth: str, read: str) -> TextCounts:
    """Counts of one line."""
    truth, read = plain_text(truth), plain_text(read)
    truth_folded, read_folded = folded(truth), folded(read)
    truth_bare, read_bare = without_spaces(truth_folded), without_spaces(read_folded)
    truth_words, read_words = truth_folded.split(), read_folded.split()
    expected = Counter(amounts(truth))
    return TextCounts(
        lines=1,
        characters=len(truth),
        edits=Levenshtein.distance(truth, read),
        folded_edits=Levenshtein.distance(truth_folded, read_folded),
        bare_characters=len(truth_bare),
        bare_edits=Levenshtein.distance(truth_bare, read_bare),
        words=len(truth_words),
        word_edits=Levenshtein.distance(truth_words, read_words),
        exact=truth == read,
        folded_exact=truth_folded == read_folded,
        bare_exact=truth_bare == read_bare,
        similarity=Levenshtein.normalized_similarity(truth_folded, read_folded),
        amounts=expected.total(),
        amounts_wrong=(expected - Counter(amounts(read))).total(),
    )


def text_figures(counts: Iterable[TextCounts], group: str = "text") -> dict[str, float]:
    """Figures over all lines, from the sums of their counts; their names begin with ``group``.

    ``cer`` with letter case and spaces, ``cer_folded`` without letter case, ``cer_bare`` without both: edits divided by
    the characters of the truth; above 1 where much is read that is not there. ``wer``: edits of folded words divided by
    the words of the truth. ``line_accuracy``: share of lines whose bare texts are equal; ``line_accuracy_exact``: of
    those read exactly, ``line_accuracy_folded``: but for letter case. ``ned``: mean of 1 - edits / longer length of
    folded texts (1-N.E.D. of ICDAR's competitions). ``amounts_wrong``: share of the truth's amounts that the reading
    lacks. All are 0 without lines, words or amounts.
    """
    total = TextCounts(*totals(astuple(each) for each in counts))
    figures = {
        "line_accuracy": ratio(total.bare_exact, total.lines),
        "line_accuracy_folded": ratio(total.folded_exact, total.lines),
        "line_accuracy_exact": ratio(total.exact, total.lines),
        "cer": ratio(total.edits, total.characters),
        "cer_folded": ratio(total.folded_edits, total.characters),
        "cer_bare": ratio(total.bare_edits, total.bare_characters),
        "wer": ratio(total.word_edits, total.words),
        "ned": ratio(total.similarity, total.lines),
        "amounts_wrong": ratio(total.amounts_wrong, total.amounts),
    }
    return {f"{group}/{name}": value for name, value in figures.items()}


def ratio(part: float, whole: float) -> float:
    """A share; 0 of nothing."""
    return float(part / whole) if whole else 0.0


def confusions(pairs: Sequence[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """How often a character of the truth was read as another.

    Args:
        pairs: (truth, reading) of each line; compared folded.

    Returns:
        (character of the truth, character read) -> count; ``""`` stands for a character that is missing or added.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for truth, read in pairs:
        expected, found = folded(plain_text(truth)), folded(plain_text(read))
        for edit in Levenshtein.editops(expected, found):
            missing = expected[edit.src_pos] if edit.tag != "insert" else ""
            counted[missing, found[edit.dest_pos] if edit.tag != "delete" else ""] += 1
    return counted


class RecognitionEvaluator:
    """Figures of readings of single lines; stateless."""

    main = "text/line_accuracy"

    def evaluate_image(self, truth: Sequence[Word], found: Reading) -> TextCounts:
        """Counts of one line; nothing is counted if its text is unknown.

        Args:
            truth: the line, as the only element.
            found: what was read.
        """
        (word,) = truth
        return compare_texts(word.text, found.text) if word.text is not None else TextCounts()

    def summarise(self, counts: Sequence[TextCounts]) -> dict[str, float]:
        """`text_figures` of all lines."""
        return text_figures(counts)
