"""Rows become words in the right places, and every printed pixel of a word lies in its box."""

from itertools import pairwise

import numpy as np
import pytest

from ocr.synthesis import fonts
from ocr.synthesis.content import (
    Cell,
    CodeRow,
    FrameRow,
    GapRow,
    LogoRow,
    RuleRow,
    Style,
    TextRow,
    columns,
    pair,
    single,
)
from ocr.synthesis.fonts import Face, Setting
from ocr.synthesis.layout import COLUMN_GAP, set_rows
from ocr.synthesis.marked import fact
from ocr.synthesis.printing import print_sheet
from ocr.utils.font_files import NOTO_SANS_KR

SETTINGS = (
    Setting(),
    Setting(grid=True),
    Setting(grid=True, dots=True, zoom=2),
    Setting(dots=True, stretch=1.3),
)


def make_face(setting: Setting, size: int = 20) -> Face:
    return Face(fonts.MONOSPACED[0], NOTO_SANS_KR, size, setting)


def test_columns_are_segments_and_words_of_a_cell_are_not() -> None:
    sheet = set_rows([pair("SUB TOTAL", "12.50"), single("THANK YOU")], make_face(Setting(grid=True)), 500, 1.3)
    assert [(word.text, word.line) for word in sheet.words] == [
        ("SUB", 1), ("TOTAL", 1), ("12.50", 2), ("THANK", 3), ("YOU", 3),
    ]  # fmt: skip


def test_a_narrow_gap_between_cells_keeps_the_segment() -> None:
    face = make_face(Setting(grid=True))
    row = TextRow((Cell("AB", 0.0, 0.5), Cell(": CD", 3 * face.advance("0") / 500, 1.0)))
    assert [word.line for word in set_rows([row], face, 500, 1.3).words] == [1, 1, 1]


def test_long_text_wraps_and_loses_nothing() -> None:
    text = "EXCHANGE WITHIN SEVEN DAYS WITH RECEIPT 12345678901234567890123456789012345678901234567890"
    sheet = set_rows([single(text, "center")], make_face(Setting(grid=True)), 300, 1.3)
    assert "".join(word.text for word in sheet.words) == text.replace(" ", "")
    assert len({word.baseline for word in sheet.words}) > 2


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
def test_words_of_a_row_never_overlap_and_stay_in_the_text_area(setting: Setting) -> None:
    face = make_face(setting)
    rows = [
        columns(
            ("아주 긴 상품 이름 500g 12개입", "1,234,500", "10", "12,345,000"),
            (0, 0.44, 0.64, 0.76, 1.0),
            ("left", "right", "right", "right"),
        ),
        pair("A very long label that does not fit", "123,456.00", Style(2.0, 2.0)),
    ]  # fmt: skip
    sheet = set_rows(rows, face, 360, 1.3)
    for left, right in pairwise(sheet.words):
        if left.baseline == right.baseline:
            assert left.x + face.advance(left.text) * left.style.wide <= right.x + 1e-6
    assert all(w.x >= 0 and w.x + face.advance(w.text) * w.style.wide <= 360 + 1e-6 for w in sheet.words)


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
@pytest.mark.parametrize("bold", [False, True])
def test_all_ink_of_text_lies_in_word_boxes(setting: Setting, bold: bool) -> None:
    face = make_face(setting)
    rows = [
        single("Quality, jumpy (g) 합계금액 -", style=Style(bold=bold)),
        single("TOTAL 1.5", "center", Style(1.6, 1.6, bold)),
        pair("왼쪽 글자", "12,300", Style(1.0, 2.0, bold)),
    ]
    sheet = set_rows(rows, face, 400, 1.5)
    ink, words = print_sheet(sheet, face, (440, sheet.height + 40), (20, 20))
    left_over = np.asarray(ink).copy()
    assert left_over.any()
    for word in words:
        left, top, right, bottom = word.box
        inside = left_over[int(np.floor(top)) : int(np.ceil(bottom)), int(np.floor(left)) : int(np.ceil(right))]
        assert inside.any(), word
        inside[:] = 0
    assert not left_over.any()


def test_words_know_the_fact_that_most_of_their_letters_state() -> None:
    rows = [
        single("Date : " + fact("19/10/2018", "date") + " " + fact("18:49", "time")),
        pair("TOTAL", "RM" + fact("12.50", "total")),
        single(fact("2", "menu.cnt", 3) + "X" + fact("3.50", "menu.unitprice", 3)),
    ]
    face = make_face(Setting(grid=True))
    sheet = set_rows(rows, face, 500, 1.3)
    expected = [
        ("Date", None, None), (":", None, None), ("19/10/2018", "date", None), ("18:49", "time", None),
        ("TOTAL", None, None), ("RM12.50", "total", None), ("2X3.50", "menu.unitprice", 3),
    ]  # fmt: skip
    assert [(word.text, word.field, word.item) for word in sheet.words] == expected
    _, words = print_sheet(sheet, face, (540, sheet.height + 40), (20, 20))
    assert [(word.text, word.field, word.item) for word in words] == expected


def test_a_broken_or_truncated_fact_stays_one() -> None:
    face = make_face(Setting(grid=True))
    address = "NO: " + fact("1234567890123456789012345678901234567890 IPOH", "address")
    name, price = fact("VERY LONG NAME OF AN ITEM", "menu.nm", 1), fact("1,234.50", "menu.price", 1)
    sheet = set_rows([single(address), columns((name, price), (0.0, 0.3, 1.0), ("left", "right"))], face, 300, 1.3)
    labels = [(word.text, word.field) for word in sheet.words]
    assert labels[0] == ("NO:", None)
    assert "".join(text for text, field in labels if field == "address") == address.text[4:].replace(" ", "")
    assert [text for text, field in labels if field == "menu.price"] == ["1,234.50"]
    names = [text for text, field in labels if field == "menu.nm"]
    assert name.text.startswith(" ".join(names))
    assert len(names) < 6


def test_a_dash_is_as_tall_as_a_capital() -> None:
    face = make_face(Setting(grid=True))
    sheet = set_rows([single("- A a")], face, 400, 1.5)
    _, (dash, capital, small) = print_sheet(sheet, face, (400, 60), (0, 0))
    assert dash.box[1] == pytest.approx(capital.box[1], abs=1)
    assert small.box[1] == pytest.approx(capital.box[1], abs=1)
    assert dash.box[3] == pytest.approx(capital.box[3], abs=1)


def test_rules_and_codes_are_no_words() -> None:
    face = make_face(Setting(grid=True))
    kinds = ("-", "=", "*", ".", "line", "double")
    rows = [
        *(RuleRow(kind) for kind in kinds),
        GapRow(1.0),
        CodeRow("bar", "20260101"),
        CodeRow("qr", "https://example.com"),
    ]
    sheet = set_rows(rows, face, 400, 1.3)
    assert not sheet.words
    assert len(sheet.marks) == len(kinds) + 1 + 2
    assert all(mark.x >= 0 and mark.x + mark.ink.width <= 400 for mark in sheet.marks)


def test_inverse_rows_are_white_on_a_bar() -> None:
    face = make_face(Setting(grid=True))
    sheet = set_rows([single("OPEN", "center", Style(inverse=True))], face, 200, 1.5)
    ink, (word,) = print_sheet(sheet, face, (200, 40), (0, 0))
    pixels = np.asarray(ink)
    assert pixels[sheet.bars[0][0] + 1, 2] == 255
    assert pixels[int(word.box[1]) : int(word.box[3]), int(word.box[0]) : int(word.box[2])].min() == 0


def test_cells_split_into_segments_at_the_column_gap() -> None:
    face = make_face(Setting(grid=True))
    for gap, lines in ((COLUMN_GAP - 0.1, [1, 1]), (COLUMN_GAP + 0.1, [1, 2])):
        start = (2 * face.advance("0") + gap * face.cap_height) / 500
        row = TextRow((Cell("AB", 0.0, 0.5), Cell("CD", start, 1.0)))
        assert [word.line for word in set_rows([row], face, 500, 1.3).words] == lines


def test_a_frame_stands_around_its_rows_and_counts_their_lines() -> None:
    face = make_face(Setting(grid=True))
    rows = [single("ABOVE"), FrameRow((single("IN", "center"), single("SIDE")), 0.2, 0.8), single("BELOW")]
    sheet = set_rows(rows, face, 500, 1.3)
    assert [(word.text, word.line) for word in sheet.words] == [("ABOVE", 1), ("IN", 2), ("SIDE", 3), ("BELOW", 4)]
    top, bottom = sheet.marks[0].y, sheet.marks[1].y
    assert sheet.words[0].baseline < top < sheet.words[1].baseline < sheet.words[2].baseline < bottom
    assert all(100 <= mark.x <= 400 for mark in sheet.marks)
    assert all(100 < word.x < 400 for word in sheet.words[1:3])
    assert bottom < sheet.words[3].baseline - face.cap_height


def test_leaders_are_ink_between_two_segments() -> None:
    face = make_face(Setting(grid=True))
    row = TextRow((Cell("TOTAL", 0.0, 0.5), Cell("12.00", 0.5, 1.0, "right")), leader=".")
    sheet = set_rows([row], face, 500, 1.3)
    assert [word.line for word in sheet.words] == [1, 2]
    (dots,) = sheet.marks
    assert dots.x > sheet.words[0].x + face.advance("TOTAL")
    assert dots.x + dots.ink.width < sheet.words[1].x


def test_boxes_of_a_line_are_level() -> None:
    face = make_face(Setting())
    sheet = set_rows([single("Quay no yes"), single("no")], face, 400, 1.5)
    _, words = print_sheet(sheet, face, (400, 100), (0, 0))
    assert len({(word.box[1], word.box[3]) for word in words[:3]}) == 1
    assert words[3].box[3] - words[3].box[1] < words[0].box[3] - words[0].box[1]


def test_headings_use_the_display_font() -> None:
    face = fonts.Face(
        fonts.MONOSPACED[0], None, 20, Setting(grid=True), fonts.Face(fonts.DISPLAY[0], None, 40, Setting())
    )
    sheet = set_rows([single("HOME"), single("HOME", style=Style(display=True)), LogoRow("ring", 2.0)], face, 400, 1.5)
    _, (plain, heading) = print_sheet(sheet, face, (400, sheet.height), (0, 0))
    assert heading.box[3] - heading.box[1] > 1.5 * (plain.box[3] - plain.box[1])
