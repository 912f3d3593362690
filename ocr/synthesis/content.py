"""The content of a receipt: rows of cells, rules and codes, before fonts and positions are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ocr.fields import Span
from ocr.synthesis.marked import Marked, marked

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a row is printed.

    Attributes:
        wide: horizontal magnification, as on receipt printers.
        tall: vertical magnification.
        bold: struck twice.
        inverse: white on a black bar.
        display: in the receipt's second font, if it has one.
    """

    wide: float = 1.0
    tall: float = 1.0
    bold: bool = False
    inverse: bool = False
    display: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Text in a part of the row.

    Attributes:
        text: words separated by single spaces.
        start: left border of the cell as a fraction of the text width.
        end: right border of the cell as a fraction of the text width.
        align: alignment of the text in the cell.
        spans: the facts in the text.
    """

    text: str
    start: float = 0.0
    end: float = 1.0
    align: Align = "left"
    spans: tuple[Span, ...] = ()

    @property
    def marked(self) -> Marked:
        """The text with its facts."""
        return Marked(self.text, self.spans)


def cell(text: Marked | str, start: float = 0.0, end: float = 1.0, align: Align = "left") -> Cell:
    """A cell of plain or marked text."""
    text = marked(text)
    return Cell(text.text, start, end, align, text.spans)


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line of text; a row with one cell wraps, cells that share a row are cut to fit.

    Attributes:
        cells: from left to right.
        style: how they are printed.
        leader: the character that fills the space between two cells, not part of the text; empty for none.
    """

    cells: tuple[Cell, ...]
    style: Style = field(default_factory=Style)
    leader: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A separator: a repeated character (``-``, ``=``, ``*``, ``.``) or a drawn line (``line``, ``double``).

    Attributes:
        kind: the character, ``line`` or ``double``.
        start: left end as a fraction of the text width; the right end is the text's border.
    """

    kind: str
    start: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameRow:
    """Rows of text inside a drawn frame, whose sides are at fractions of the text width."""

    rows: tuple[TextRow, ...]
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A bar code (``bar``) or a QR code (``qr``)."""

    kind: Literal["bar", "qr"]
    data: str


@dataclass(frozen=True, slots=True)
class LogoRow:
    """A drawn sign without letters.

    Attributes:
        shape: its basic shape.
        height: its height in line heights.
    """

    shape: Literal["disc", "ring", "diamond", "stripes", "steps"]
    height: float


@dataclass(frozen=True, slots=True)
class GapRow:
    """Empty paper, in line heights."""

    lines: float = 1.0


Row = TextRow | RuleRow | CodeRow | LogoRow | GapRow | FrameRow


def single(text: Marked | str, align: Align = "left", style: Style | None = None) -> TextRow:
    """A row with one cell as wide as the paper's text area."""
    return TextRow((cell(text, align=align),), style or Style())


def pair(left: Marked | str, right: Marked | str, style: Style | None = None, split: float = 0.6) -> TextRow:
    """A label at the left border and a value at the right border."""
    return TextRow((cell(left, 0.0, split), cell(right, split, 1.0, "right")), style or Style())


def columns(texts: Sequence[Marked | str], borders: tuple[float, ...], aligns: tuple[Align, ...]) -> TextRow:
    """A table row: ``borders`` are the ``len(texts) + 1`` column borders as fractions of the text width."""
    return TextRow(
        tuple(
            cell(text, borders[number], borders[number + 1], aligns[number])
            for number, text in enumerate(map(marked, texts))
            if text.text
        )
    )
