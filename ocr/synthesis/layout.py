"""Lay out rows as words with positions.

Positions are pixels of the text area: x from its left border, y from its top. ``set_rows`` only measures, so that a
receipt can be laid out again at another size before anything is drawn; ``printing`` draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce

from PIL import Image

from ocr.synthesis.content import Cell, CodeRow, FrameRow, LogoRow, Row, RuleRow, Style, TextRow
from ocr.synthesis.drawing import draw_code, draw_logo
from ocr.synthesis.fonts import Face
from ocr.synthesis.marked import Marked

COLUMN_GAP = 1.2
"""Cells of one row further apart than this many capital heights are on different line segments.

Measured on SROIE's training scans: annotators join cells less than one capital height apart, split them above 1.6, and
do either in between."""


@dataclass(frozen=True, slots=True)
class SetWord:
    """A word with its position: left end of its advance, baseline, style, line segment number, and what it states."""

    text: str
    x: float
    baseline: int
    style: Style
    line: int
    field: str | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Ink that is not text: a rule or a code, with its top left corner."""

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


def set_rows(rows: list[Row], face: Face, width: int, pitch: float) -> Sheet:
    """Place rows one below the other.

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
            code = draw_code(row, sheet.width)
            sheet.marks.append(Mark(code, (sheet.width - code.width) // 2, sheet.height))
            sheet.height += code.height + max(2, sheet.width // 60)
        elif isinstance(row, LogoRow):
            logo = draw_logo(row, round(row.height * pitch * face.size))
            sheet.marks.append(Mark(logo, (sheet.width - logo.width) // 2, sheet.height))
            sheet.height += logo.height + round(0.3 * face.size)
        elif isinstance(row, FrameRow):
            _set_frame(sheet, row, face, pitch)
        else:
            sheet.height += round(row.lines * pitch * face.size)
    return sheet


def _set_text(sheet: Sheet, row: TextRow, face: Face, pitch: float) -> None:
    face = face.display if row.style.display else face
    style = _fitting_style(row, face, sheet.width)
    if len(row.cells) == 1:
        cell = row.cells[0]
        for text in _wrap(cell, face, sheet.width, style):
            _set_cells(sheet, [(cell, text.words())], style, face, pitch)
        return
    _set_cells(sheet, [(cell, cell.marked.words()) for cell in row.cells], style, face, pitch, row.leader)


def _fitting_style(row: TextRow, face: Face, width: int) -> Style:
    """The row's style, not magnified if a magnified row with several cells would not fit."""
    style = row.style
    if style.wide == 1.0 or len(row.cells) == 1:
        return style
    fits = all(face.advance(cell.text) * style.wide <= (cell.end - cell.start) * width for cell in row.cells)
    return style if fits else replace(style, wide=1.0)


def _set_cells(
    sheet: Sheet, cells: list[tuple[Cell, list[Marked]]], style: Style, face: Face, pitch: float, leader: str = ""
) -> None:
    """Set one printed line: place every cell's words and number the segments."""
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
            # A number may extend over its column's left border, up to the text there.
            left = 0.0 if previous_end is None else previous_end + space
        room = cell.end * sheet.width - left
        kept = words if len(cells) == 1 else _cut(words, face, room / style.wide)
        advances = [face.advance(word.text) * style.wide for word in kept]
        total = sum(advances) + space * (len(kept) - 1)
        x = left + {"left": 0.0, "center": 0.5, "right": 1.0}[cell.align] * (room - total)
        if kept and (previous_end is None or x - previous_end > COLUMN_GAP * face.cap_height * style.tall):
            sheet.lines += 1
        if leader and kept and previous_end is not None:
            _set_leader(sheet, leader, face, (previous_end, x), baseline)
        for word, advance in zip(kept, advances, strict=True):
            sheet.words.append(SetWord(word.text, x, baseline, style, sheet.lines, *word.label()))
            x += advance + space
            previous_end = x - space
    sheet.height += height


def _set_leader(sheet: Sheet, leader: str, face: Face, room: tuple[float, float], baseline: int) -> None:
    """Repeat a character between two cells, a space away from both; it is not text."""
    space = face.advance(" ")
    count = int((room[1] - room[0] - 2 * space) / face.advance(leader))
    glyphs = face.print_word(leader * count, 1.0, 1.0, bold=False) if count > 2 else None
    if glyphs is not None:
        sheet.marks.append(Mark(glyphs.ink, round(room[0] + space), baseline - glyphs.rise))


def _wrap(cell: Cell, face: Face, width: int, style: Style) -> list[Marked]:
    """The cell's text in lines that fit; a word longer than a line is broken."""
    room = (cell.end - cell.start) * width / style.wide
    lines: list[Marked] = []
    current = Marked("")
    for word in cell.marked.words():
        rest = word
        while face.advance(rest.text) > room:
            cut = _longest_fitting(rest.text, face, room)
            lines += [current] if current.text else []
            lines.append(rest.cut(0, cut))
            current, rest = Marked(""), rest.cut(cut, len(rest.text))
        joined = (current + " " + rest).strip()
        if face.advance(joined.text) > room:
            lines.append(current)
            joined = rest
        current = joined
    return [*lines, current] if current.text else lines


def _cut(words: list[Marked], face: Face, room: float) -> list[Marked]:
    """The words that fit, the last one truncated as by a cash register; none if not even a letter fits."""
    text = reduce(lambda before, word: before + " " + word, words) if words else Marked("")
    if face.advance(text.text) > room:
        text = text.cut(0, _longest_fitting(text.text, face, room))
    return text.words() if face.advance(text.text) <= room else []


def _longest_fitting(text: str, face: Face, room: float) -> int:
    """Number of letters of a text that fit, at least one."""
    count = len(text)
    while count > 1 and face.advance(text[:count]) > room:
        count -= 1
    return count


def _set_rule(sheet: Sheet, row: RuleRow, face: Face, pitch: float) -> None:
    height = round(pitch * face.size * 0.8)
    middle, left = sheet.height + height // 2, round(row.start * sheet.width)
    thickness = max(1, round(face.size / 14))
    if row.kind in {"line", "double"}:
        stripe = Image.new("L", (sheet.width - left, thickness), 255)
        sheet.marks.append(Mark(stripe, left, middle))
        if row.kind == "double":
            sheet.marks.append(Mark(stripe, left, middle + 2 * thickness + 1))
    else:
        count = max(1, int((sheet.width - left) / face.advance(row.kind)))
        glyphs = face.print_word(row.kind * count, 1.0, 1.0, bold=False)
        if glyphs is not None:
            sheet.marks.append(Mark(glyphs.ink, left, middle + round(face.cap_height / 2) - glyphs.rise))
    sheet.height += height


def _set_frame(sheet: Sheet, row: FrameRow, face: Face, pitch: float) -> None:
    """Set the rows inside as on a narrower sheet, and draw four lines around them."""
    left, right = round(row.start * sheet.width), round(row.end * sheet.width)
    thickness = max(1, round(face.size / 14))
    padding = thickness + round(0.35 * face.size)
    inside = Sheet(right - left - 2 * padding, lines=sheet.lines)
    for text in row.rows:
        _set_text(inside, text, face, pitch)
    top, height = sheet.height + padding // 2, inside.height + 2 * (padding // 2)
    sheet.words += [replace(word, x=word.x + left + padding, baseline=word.baseline + top) for word in inside.words]
    sheet.bars += [(start + top, end + top) for start, end in inside.bars]
    sheet.lines = inside.lines
    across, down = Image.new("L", (right - left, thickness), 255), Image.new("L", (thickness, height), 255)
    for mark, x, y in (
        (across, left, sheet.height), (across, left, sheet.height + height - thickness),
        (down, left, sheet.height), (down, right - thickness, sheet.height),
    ):  # fmt: skip
        sheet.marks.append(Mark(mark, x, y))
    sheet.height += height + padding // 2
