"""Pictures of single lines: what they say, where it stands, and in which fonts."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from omegaconf import OmegaConf

from ocr.geometry import signed_area
from ocr.synthesis import fonts, line_fonts, lines
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Cell, FrameRow, Row, TextRow
from ocr.synthesis.fonts import NOTO_SANS_KR, NOTO_SERIF_KR, is_wide, packaged
from ocr.synthesis.line_fonts import GRID, HELD_OUT, SET, SIGNS, choose_line_face, korean_file
from ocr.synthesis.lines import SMALLEST, LinePicture, render_lines
from ocr.synthesis.printing import InkedWord
from ocr.synthesis.receipt import compose
from ocr.synthesis.varied import SYLLABLES, cased, invented_text, invented_word, vary
from ocr.text import plain_text
from ocr.types import InputError
from ocr.utils.font_files import FontSource, locate
from ocr.utils.path_utils import CONFIG_DIR

CHARSET = set(OmegaConf.load(CONFIG_DIR / "charset" / "english.yaml").charset)
FACES = sorted({*GRID, *SET, *HELD_OUT}, key=repr)


def cells(rows: list[Row]) -> Iterator[Cell]:
    for row in rows:
        if isinstance(row, TextRow):
            yield from row.cells
        elif isinstance(row, FrameRow):
            yield from cells(list(row.rows))


@pytest.fixture(scope="module")
def receipts() -> list[list[LinePicture]]:
    return [render_lines(index, seed=3, split="stream") for index in range(6)]


def test_lines_are_a_function_of_their_arguments(receipts: list[list[LinePicture]]) -> None:
    again = render_lines(2, seed=3, split="stream")
    assert [line.text for line in again] == [line.text for line in receipts[2]]
    for first, second in zip(again, receipts[2], strict=True):
        assert np.array_equal(first.image_HWC, second.image_HWC)
        assert np.array_equal(first.points_N2, second.points_N2)


@pytest.mark.parametrize(
    "changed",
    [{"seed": 4}, {"split": "other"}, {"held_out": True}, {"index": 3}],
    ids=lambda changed: next(iter(changed)),
)
def test_every_argument_matters(receipts: list[list[LinePicture]], changed: dict[str, Any]) -> None:
    other = render_lines(**{"index": 2, "seed": 3, "split": "stream", **changed})
    assert [line.image_HWC.tobytes() for line in other] != [line.image_HWC.tobytes() for line in receipts[2]]


def test_the_text_is_what_was_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[InkedWord] = []
    printing = lines.print_rows

    def watched(*arguments: Any) -> Any:
        sheet = printing(*arguments)
        printed.extend(sheet.words)
        return sheet

    monkeypatch.setattr(lines, "print_rows", watched)
    pictures = render_lines(1, seed=7, split="stream")
    expected: dict[int, list[InkedWord]] = {}
    for word in printed:
        expected.setdefault(word.line, []).append(word)
    texts = [
        " ".join(word.text for word in words)
        for words in expected.values()
        if words[0].box[3] - words[0].box[1] >= SMALLEST
    ]
    assert [picture.text for picture in pictures] == texts
    for words in expected.values():
        assert all(left.box[0] <= right.box[0] for left, right in pairwise(words))  # as a person reads them


def test_every_line_can_be_coded(receipts: list[list[LinePicture]]) -> None:
    for line in (line for receipt in receipts for line in receipt):
        assert line.text
        assert plain_text(line.text) == line.text
        assert set(line.text) <= CHARSET, line.text


def test_a_line_lies_in_its_picture_and_has_ink(receipts: list[list[LinePicture]]) -> None:
    for line in (line for receipt in receipts for line in receipt):
        height, width = line.image_HWC.shape[:2]
        assert line.image_HWC.dtype == np.uint8
        assert line.image_HWC.shape[2] == 3
        assert line.points_N2.shape == (4, 2)
        assert signed_area(line.points_N2) > 0
        assert line.points_N2.min() >= -0.2 * height
        assert (line.points_N2 <= np.array([width, height]) + 0.2 * height).all()
        assert line.points_N2[0, 0] < line.points_N2[1, 0]
        inside = line.image_HWC[
            max(0, int(line.points_N2[:, 1].min())) : int(line.points_N2[:, 1].max()),
            max(0, int(line.points_N2[:, 0].min())) : int(line.points_N2[:, 0].max()),
        ]
        assert np.ptp(inside.astype(int)) > 15, line.text


def test_lines_of_a_whole_receipt_lie_in_its_picture() -> None:
    outlines = 0
    for index in range(6):
        drawn = render_lines(index, seed=3, split="stream", whole=True, varied=False)
        image_HWC = drawn[0].image_HWC
        assert image_HWC.dtype == np.uint8
        assert all(line.image_HWC is image_HWC for line in drawn)
        for line in drawn:
            left, top = np.maximum(line.points_N2.min(axis=0), 0).astype(int)
            right, bottom = np.ceil(line.points_N2.max(axis=0)).astype(int)
            assert bottom <= image_HWC.shape[0] + 1
            assert right <= image_HWC.shape[1] + 1
            assert signed_area(line.points_N2) > 0
            assert np.ptp(image_HWC[top:bottom, left:right].astype(int)) > 15, line.text
        outlines += sum(len(line.points_N2) > 4 for line in drawn)
        alone = render_lines(index, seed=3, split="stream", varied=False)
        assert [line.text for line in drawn] == [line.text for line in alone]
    assert outlines, "some receipts are bent"


def test_lines_differ_in_size_and_appearance(receipts: list[list[LinePicture]]) -> None:
    heights = {line.image_HWC.shape[0] for receipt in receipts for line in receipt}
    assert len(heights) > 5
    assert len({receipt[0].text for receipt in receipts}) > 1


@pytest.mark.parametrize("index", range(20))
def test_varied_rows_print_the_charset_alone(index: int) -> None:
    chance = Chance(11, "stream/lines", index)
    rows = compose(chance, korean=False)
    varied = vary(chance, rows)
    assert len(list(cells(varied))) == len(list(cells(rows)))
    for cell in cells(varied):
        assert set(cell.text) <= CHARSET, cell.text


def test_korean_is_printed_in_the_files_given(tmp_path: Path) -> None:
    """A held-out receipt has their letters alone, any other one the generator's own as well."""
    serif = str(locate(NOTO_SERIF_KR))

    def lines_in(*files: str, held_out: bool) -> list[list[int]]:
        drawn = (
            render_lines(index, seed=4, split="x", korean=1.0, held_out=held_out, korean_fonts=files)
            for index in range(8)
        )
        return [[crc32(line.image_HWC) for line in receipt] for receipt in drawn]

    assert lines_in(serif, held_out=True) != lines_in(str(locate(NOTO_SANS_KR)), held_out=True)
    copy = tmp_path / "copy.otf"
    copy.write_bytes(Path(serif).read_bytes())
    assert lines_in(serif, held_out=True) == lines_in(str(copy), held_out=True), "only the file matters"
    assert lines_in(serif, serif, held_out=False) != lines_in(serif, serif, held_out=True)


def test_of_korean_receipts_fewer_lines_without_korean_may_be_kept() -> None:
    shares = {}
    for kept in (1.0, 0.4, 0.0):
        drawn = [render_lines(index, seed=3, split="stream", korean=1.0, latin_kept=kept) for index in range(6)]
        korean = [any(map(is_wide, line.text)) for receipt in drawn for line in receipt]
        shares[kept] = (sum(korean), korean.count(False))
    assert shares[1.0][0] == shares[0.4][0] == shares[0.0][0]
    assert shares[0.0][1] == 0 < shares[0.4][1] < 0.6 * shares[1.0][1]
    english = render_lines(2, seed=3, split="stream", latin_kept=0.0)
    assert [line.text for line in english] == [line.text for line in render_lines(2, seed=3, split="stream")]


def test_a_file_that_cannot_print_korean_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"korean_fonts: .*IBMPlexMono-Bold.ttf: lacks 2,350 of 2,350 syllables"):
        korean_file(str(locate(packaged("ibm-plex-mono", "IBMPlexMono-Bold.ttf"))))
    (tmp_path / "no.ttf").write_text("no font")
    for name, path in (("no.ttf", tmp_path / "no.ttf"), ("absent.ttf", tmp_path / "absent.ttf")):
        with pytest.raises(InputError, match=rf"korean_fonts: .*{name}: cannot be read as a font"):
            korean_file(str(path))


def test_texts_are_those_of_a_corpus_where_they_are_not_varied(monkeypatch: pytest.MonkeyPatch) -> None:
    composed: list[Row] = []

    def noted(chance: Chance, korean: bool) -> list[Row]:
        composed[:] = compose(chance, korean)
        return composed

    monkeypatch.setattr(lines, "compose", noted)

    def korean(texts: Iterable[str]) -> set[str]:
        return {word for text in texts for word in text.split() if any(map(fonts.is_wide, word))}

    for index in range(4):
        printed = korean(line.text for line in render_lines(index, seed=4, split="x", korean=1.0, varied=False))
        assert printed
        whole = korean(cell.text for cell in cells(composed))
        assert all(any(word.startswith(part) for word in whole) for part in printed), "long cells are cut off"


def test_the_syllables_are_those_of_the_charset() -> None:
    charset = OmegaConf.load(CONFIG_DIR / "charset" / "korean.yaml").charset
    assert sorted(SYLLABLES) == sorted(letter for letter in charset if "\uac00" <= letter <= "\ud7a3")


def test_invented_texts_are_in_the_charset_and_hold_all_of_it() -> None:
    chance = Chance(0, "texts", 0)
    texts = [invented_text(chance) for _ in range(4000)]
    assert all(text.strip() == text for text in texts if " " not in text)
    assert set("".join(texts)) == CHARSET


def test_words_keep_their_case_and_length() -> None:
    chance = Chance(0, "words", 0)
    words = [invented_word(chance, 5) for _ in range(200)]
    assert {len(word) for word in words} <= {5, 6, 7}
    assert all(word.islower() for word in words)
    styles = {like: [cased(chance, "abc", like) for _ in range(300)] for like in ("TOTAL", "Total", "total")}
    for like, usual in (("TOTAL", "ABC"), ("Total", "Abc"), ("total", "abc")):
        assert styles[like].count(usual) > 250


@pytest.mark.parametrize("source", FACES, ids=lambda source: f"{source.path}{source.axes}")
def test_fonts_of_lines_hold_every_character(source: FontSource) -> None:
    from importlib.metadata import metadata

    about = metadata(source.distribution)
    assert "OFL-1.1" in f"{about.get('License-Expression', '')} {about.get_all('Classifier')}"
    font = fonts.load(source, 20)
    missing = np.asarray(font.getmask("\ue123"))
    for letter in sorted(CHARSET - {" "}):
        shape = np.asarray(font.getmask(letter))
        assert shape.any(), letter
        assert not np.array_equal(shape, missing), letter


def test_the_signs_are_in_the_charset() -> None:
    assert set(SIGNS) <= CHARSET


def test_fonts_that_are_held_out_are_never_trained_on() -> None:
    trained = {choose_line_face(Chance(0, "faces", number), held_out=False)[0] for number in range(2000)}
    held_out = {choose_line_face(Chance(0, "faces", number), held_out=True)[0] for number in range(200)}
    assert trained == {*GRID, *SET}
    assert held_out == set(HELD_OUT)
    # Another weight of the same file has the same letters.
    files = {source.path for source in trained}
    assert files.isdisjoint(source.path for source in line_fonts.HELD_OUT)
    assert Path(locate(HELD_OUT[0])).is_file()
