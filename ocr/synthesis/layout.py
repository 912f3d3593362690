"""From rows to words with positions, and from those to ink on paper.

Positions are pixels of the text area: x from its left border, y from its top. ``set_rows`` only measures, so that a
receipt may be laid out again at another size before anything is drawn; ``print_sheet`` draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import segno
from barcode import Code128
from PIL import Image, ImageChops

from ocr.synthesis.content import Cell, CodeRow, Row, RuleRow, Style, TextRow
from ocr.synthesis.fonts import Face

COLUMN_GAP = 1.5
"""Words of one row further apart than this many capital heights stand on different line segments."""


@dataclass(frozen=True, slots=True)
class SetWord:
    """A word with its place: left end of its advance, baseline, style, line segment number."""

    text: str
    x: float
    baseline: int
    style: Style
    line: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Ink that is no text: a rule or a code, with its top left corner."""

    ink: Image.Image
    x: int
    y: int


@dataclass(slots=True)
class Sheet:
    """A laid out receipt.

    Attributes:
        width: width of the text area in pixels.
        height: height of the text area in pixels.
        words: the words in reading order.
        marks: rules and codes.
        bars: (top, bottom) of the black bars behind inverse rows.
        lines: number of line segments so far.
    """

    width: int
    height: int = 0
    words: list[SetWord] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    bars: list[tuple[int, int]] = field(default_factory=list)
    lines: int = 0


@dataclass(frozen=True, slots=True)
class InkedWord:
    """A printed word: its text, its line segment, and its box (left, top, right, bottom) in paper pixels."""

    text: str
    line: int
    box: tuple[float, float, float, float]


def set_rows(rows: list[Row], face: Face, width: int, pitch: float) -> Sheet:
    """Rows placed one below the other.

    Args:
        rows: what to print.
        face: the font.
        width: width of the text area in pixels.
        pitch: distance of two baselines of normal rows, in font sizes.
    """
    sheet = Sheet(width)
    for row in rows:
        if isinstance(row, TextRow):
            _set_text(sheet, row, face, pitch)
        elif isinstance(row, RuleRow):
            _set_rule(sheet, row, face, pitch)
        elif isinstance(row, CodeRow):
            _set_code(sheet, row)
        else:
            sheet.height += round(row.lines * pitch * face.size)
    return sheet


def _set_text(sheet: Sheet, row: TextRow, face: Face, pitch: float) -> None:
    style = _fitting_style(row, face, sheet.width)
    if len(row.cells) == 1:
        cell = row.cells[0]
        for text in _wrap(cell, face, sheet.width, style):
            _set_cells(sheet, [(cell, text.split())], style, face, pitch)
        return
    _set_cells(sheet, [(cell, cell.text.split()) for cell in row.cells], style, face, pitch)


def _fitting_style(row: TextRow, face: Face, width: int) -> Style:
    """The row's style, or the plain one where a magnified row with several cells would not fit."""
    style = row.style
    if style.wide == 1.0 or len(row.cells) == 1:
        return style
    fits = all(face.advance(cell.text) * style.wide <= (cell.end - cell.start) * width for cell in row.cells)
    return style if fits else Style(1.0, style.tall, style.bold, style.inverse)


def _set_cells(sheet: Sheet, cells: list[tuple[Cell, list[str]]], style: Style, face: Face, pitch: float) -> None:
    """One printed line: places every cell's words and numbers the segments."""
    if not cells:
        return
    height = round(pitch * face.size * style.tall)
    baseline = sheet.height + round((height + face.cap_height * style.tall) / 2)
    if style.inverse:
        sheet.bars.append((sheet.height, sheet.height + height))
    space = face.advance(" ") * style.wide
    previous_end: float | None = None
    for cell, words in cells:
        left = cell.start * sheet.width if previous_end is None else max(cell.start * sheet.width, previous_end + space)
        if cell.align == "right":
            # A number may reach over its column's left border, up to what stands there.
            left = 0.0 if previous_end is None else previous_end + space
        room = cell.end * sheet.width - left
        kept = words if len(cells) == 1 else _cut(words, face, room / style.wide)
        advances = [face.advance(word) * style.wide for word in kept]
        total = sum(advances) + space * (len(kept) - 1)
        x = left + {"left": 0.0, "center": 0.5, "right": 1.0}[cell.align] * (room - total)
        if kept and (previous_end is None or x - previous_end > COLUMN_GAP * face.cap_height * style.tall):
            sheet.lines += 1
        for word, advance in zip(kept, advances, strict=True):
            sheet.words.append(SetWord(word, x, baseline, style, sheet.lines))
            x += advance + space
            previous_end = x - space
    sheet.height += height


def _wrap(cell: Cell, face: Face, width: int, style: Style) -> list[str]:
    """The cell's text in lines that fit; a word that is too long alone is broken."""
    room = (cell.end - cell.start) * width / style.wide
    lines: list[str] = []
    current = ""
    for word in cell.text.split():
        rest = word
        while face.advance(rest) > room:
            cut = _longest_fitting(rest, face, room)
            lines += [current] if current else []
            lines.append(rest[:cut])
            current, rest = "", rest[cut:]
        joined = f"{current} {rest}".strip()
        if face.advance(joined) > room:
            lines.append(current)
            joined = rest
        current = joined
    return [*lines, current] if current else lines


def _cut(words: list[str], face: Face, room: float) -> list[str]:
    """The words that fit, the last one cut as a cash register cuts it; none where not even a letter fits."""
    text = " ".join(words)
    if face.advance(text) > room:
        text = text[: _longest_fitting(text, face, room)]
    return text.split() if face.advance(text) <= room else []


def _longest_fitting(text: str, face: Face, room: float) -> int:
    """How many letters of a text fit, at least one."""
    count = len(text)
    while count > 1 and face.advance(text[:count]) > room:
        count -= 1
    return count


def _set_rule(sheet: Sheet, row: RuleRow, face: Face, pitch: float) -> None:
    height = round(pitch * face.size * 0.8)
    middle = sheet.height + height // 2
    thickness = max(1, round(face.size / 14))
    if row.kind in {"line", "double"}:
        stripe = Image.new("L", (sheet.width, thickness), 255)
        sheet.marks.append(Mark(stripe, 0, middle))
        if row.kind == "double":
            sheet.marks.append(Mark(stripe, 0, middle + 2 * thickness + 1))
    else:
        glyphs = face.print_word(row.kind * int(sheet.width / face.advance(row.kind)), 1.0, 1.0, bold=False)
        if glyphs is not None:
            sheet.marks.append(Mark(glyphs.ink, 0, middle + round(face.cap_height / 2) - glyphs.rise))
    sheet.height += height


def _set_code(sheet: Sheet, row: CodeRow) -> None:
    if row.kind == "bar":
        modules = Code128(row.data).build()[0]
        unit = max(1, int(sheet.width * 0.85 / len(modules)))
        pattern = Image.frombytes("L", (len(modules), 1), bytes(255 if module == "1" else 0 for module in modules))
        code = pattern.resize((len(modules) * unit, max(24, sheet.width // 9)), Image.Resampling.NEAREST)
    else:
        matrix = segno.make(row.data, error="m", micro=False).matrix
        unit = max(2, int(sheet.width * 0.3 / len(matrix)))
        pattern = Image.frombytes(
            "L", (len(matrix), len(matrix)), bytes(255 * module for line in matrix for module in line)
        )
        code = pattern.resize((len(matrix) * unit, len(matrix) * unit), Image.Resampling.NEAREST)
    sheet.marks.append(Mark(code, (sheet.width - code.width) // 2, sheet.height))
    sheet.height += code.height + max(2, sheet.width // 60)


def print_sheet(
    sheet: Sheet, face: Face, size: tuple[int, int], origin: tuple[int, int]
) -> tuple[Image.Image, list[InkedWord]]:
    """The ink of a sheet on paper of a given size, and the words that were printed.

    A word's box is its ink, extended to the baseline and to the height of capitals, so that ``-`` and ``a`` are as
    tall as ``A``; around that goes a small margin.

    Args:
        sheet: what to print.
        face: the font that the sheet was set with.
        size: (width, height) of the paper in pixels.
        origin: where the text area's top left corner lies on the paper.

    Returns:
        An ``L`` image, 255 where there is ink, and the printed words.
    """
    canvas = Image.new("L", size)
    left, top = origin
    for mark in sheet.marks:
        canvas.paste(mark.ink, (left + mark.x, top + mark.y))
    for start, end in sheet.bars:
        canvas.paste(255, (left, top + start, left + sheet.width, top + end))
    words = []
    for word in sheet.words:
        printed = _print_word(canvas, word, face, left, top)
        if printed is not None:
            words.append(printed)
    return canvas, words


def _print_word(canvas: Image.Image, word: SetWord, face: Face, left: int, top: int) -> InkedWord | None:
    glyphs = face.print_word(word.text, word.style.wide, word.style.tall, word.style.bold)
    if glyphs is None:
        return None
    baseline = top + word.baseline
    x = left + round(word.x)
    y = baseline - glyphs.rise
    box = (x, y, x + glyphs.ink.width, y + glyphs.ink.height)
    region = canvas.crop(box)
    combine = ImageChops.subtract if word.style.inverse else ImageChops.lighter
    canvas.paste(combine(region, glyphs.ink), box[:2])
    side, margin = 0.5 + 0.03 * face.size, 1.0 + 0.04 * face.size
    cap_top = baseline - face.cap_height * word.style.tall
    return InkedWord(
        word.text,
        word.line,
        (box[0] - side, min(box[1], cap_top) - margin, box[2] + side, max(box[3], baseline) + margin),
    )
