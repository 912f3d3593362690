"""Fonts are found, and words become ink of the expected size."""

import numpy as np
import pytest
from PIL import Image

from ocr.synthesis import fonts
from ocr.synthesis.fonts import Face, Setting
from ocr.utils.font_files import NOTO_SANS_KR, NOTO_SERIF_KR, FontMissingError, FontSource, locate

ALL = (*fonts.MONOSPACED, *fonts.PROPORTIONAL, *fonts.DISPLAY, NOTO_SANS_KR, NOTO_SERIF_KR)


@pytest.mark.parametrize("source", ALL, ids=lambda source: f"{source.distribution}{source.axes}")
def test_every_font_is_installed_and_free(source: FontSource) -> None:
    from importlib.metadata import metadata

    assert locate(source).is_file()
    about = metadata(source.distribution)
    assert "OFL-1.1" in f"{about.get('License-Expression', '')} {about.get_all('Classifier')}"


def test_a_missing_package_is_named_with_the_remedy() -> None:
    with pytest.raises(FontMissingError, match="pip install fontpkg-no-such-font"):
        locate(FontSource("fontpkg_no_such_font", "fontpkg-no-such-font", "files/A.ttf"))


def test_a_missing_file_names_the_folder_searched() -> None:
    with pytest.raises(FontMissingError, match=r"no-such-file\.ttf: not in .*fontpkg_arimo"):
        locate(FontSource("fontpkg_arimo", "fontpkg-arimo", "no-such-file.ttf"))


def face(setting: Setting, size: int = 24) -> Face:
    return Face(fonts.MONOSPACED[0], NOTO_SANS_KR, size, setting)


def test_korean_letters_take_two_cells_on_a_grid() -> None:
    on_grid = face(Setting(grid=True))
    assert on_grid.advance("가나") == on_grid.advance("abcd")


def test_dots_are_black_or_white() -> None:
    glyphs = face(Setting(grid=True, dots=True)).print_word("Total가", 1.0, 1.0, bold=False)
    assert glyphs is not None
    assert set(np.unique(np.asarray(glyphs.ink))) <= {0, 255}


def test_magnification_scales_ink_and_rise() -> None:
    plain = face(Setting()).print_word("HOME", 1.0, 1.0, bold=False)
    double = face(Setting()).print_word("HOME", 2.0, 3.0, bold=False)
    assert plain is not None
    assert double is not None
    assert double.ink.size == (2 * plain.ink.width, 3 * plain.ink.height)
    assert double.rise == 3 * plain.rise


def test_zoom_and_stretch_keep_the_size_asked_for() -> None:
    coarse = face(Setting(grid=True, dots=True, zoom=2, stretch=1.5))
    fine = face(Setting(grid=True))
    assert coarse.advance("0000") == pytest.approx(fine.advance("0000"), abs=4)
    assert coarse.cap_height == pytest.approx(1.5 * fine.cap_height, rel=0.15)


def test_blanks_have_no_ink() -> None:
    assert face(Setting()).print_word("\u00a0", 1.0, 1.0, bold=False) is None


@pytest.mark.parametrize(
    "source", [*fonts.MONOSPACED, *fonts.PROPORTIONAL, *fonts.DISPLAY], ids=lambda s: f"{s.distribution}{s.axes}"
)
def test_latin_fonts_hold_every_letter_the_receipts_print(source: FontSource) -> None:
    missing = np.asarray(fonts.load(source, 20).getmask("\ue123"))
    for letter in "".join(chr(code) for code in range(33, 127)):
        assert not np.array_equal(np.asarray(fonts.load(source, 20).getmask(letter)), missing), letter


@pytest.mark.parametrize("grid", [True, False])
def test_a_zero_may_look_like_the_letter(grid: bool) -> None:
    def glyphs(text: str, zero: float) -> Image.Image:
        drawn = Face(fonts.MONOSPACED[0], None, 30, Setting(grid=grid, zero=zero)).print_word(text, 1, 1, False)
        assert drawn is not None
        return drawn.ink

    assert glyphs("0", 0.0) != glyphs("O", 0.0)
    assert glyphs("1O05", 1.0) == glyphs("1OO5", 1.0) == glyphs("1OO5", 0.0)
    narrow, letter = glyphs("0", 0.75), glyphs("O", 0.75)
    assert narrow.width == letter.width * 3 // 4
    assert narrow.height == letter.height
