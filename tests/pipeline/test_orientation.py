"""How a page lies, and what is written of one that had to be turned."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import shapely
from lxml import etree
from PIL import Image
from rapidfuzz import fuzz

from ocr import Detector, LineReader, Reader
from ocr.formats.documents.common import bottom_edge
from ocr.geometry import order_clockwise, transform_points
from ocr.images.documents import read_pages
from ocr.images.ink_lines import line_boxes, small_grey
from ocr.images.orientation import turned_by, turned_points
from ocr.images.page_images import PageImage
from ocr.images.sideways import lies_sideways
from ocr.images.skew import levelled
from ocr.page import Page
from ocr.pipeline import orientation
from ocr.pipeline.documents import Documents
from ocr.pipeline.orientation import in_file
from ocr.pipeline.reader import Receipt
from ocr.synthesis.receipt import render_receipt
from ocr.types import InputError, UInt8Array
from ocr.utils.path_utils import REPOSITORY_ROOT
from pages_read import RECEIPT, SIZE, box
from tests.support.encoded_images import encoded, exif

MAIN = "import sys; from ocr.cli.main import main; sys.exit(main())"
DEGREES = (0, 90, 180, 270)


@pytest.fixture(scope="module")
def image_HWC() -> UInt8Array:
    picture, _ = render_receipt(2, "test", 0)  # level
    return np.asarray(picture.convert("RGB"))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(device="cpu", threads=1)


@pytest.fixture(scope="module")
def upright(reader: Reader, image_HWC: UInt8Array) -> Receipt:
    return reader.read(image_HWC)


def test_a_point_and_its_pixel_turn_together() -> None:
    image_HWC = np.zeros((3, 5, 3), np.uint8)
    image_HWC[1, 4] = 255
    for degrees in (-90, *DEGREES, 360):
        (y,), (x,) = np.nonzero(turned_by(image_HWC, degrees)[..., 0])
        np.testing.assert_allclose(turned_points([(4.5, 1.5)], degrees, (5, 3)), [(x + 0.5, y + 0.5)])
    np.testing.assert_allclose(turned_points([(4.5, 1.5)], 90, (5, 3)), [(1.5, 4.5)])


@pytest.mark.parametrize("index", range(4))
def test_text_on_its_side_is_told_by_its_ink(index: int) -> None:
    picture, _ = render_receipt(2, "test", index)
    image_HWC = np.asarray(picture.convert("RGB"))
    turned = [small_grey(turned_by(image_HWC, degrees)) for degrees in DEGREES]
    assert [max(grey_HW.shape) for grey_HW in turned] == [600] * 4
    assert [lies_sideways(grey_HW) for grey_HW in turned] == [False, True, False, True]


@pytest.mark.parametrize("size", [(1, 1), (5, 4000), (300, 200)])
def test_without_ink_a_page_counts_as_level(size: tuple[int, int]) -> None:
    paper_HWC = np.full((*size, 3), 250, np.uint8)
    assert not lies_sideways(small_grey(paper_HWC))
    assert line_boxes(small_grey(paper_HWC)).shape == (0, 4, 2)


def test_lines_are_found_by_their_ink() -> None:
    """Rows of letters 12 pixels high; a rule, a speck and a column of letters are none."""
    grey_HW = np.full((400, 300), 240, np.uint8)
    for top, letters in ((50, 4), (100, 7), (150, 14)):
        for letter in range(letters):
            grey_HW[top : top + 12, 20 + 12 * letter : 28 + 12 * letter] = 40
    grey_HW[200:202, 20:280] = grey_HW[220:226, 20:26] = 40
    for letter in range(6):
        grey_HW[240 + 14 * letter : 252 + 14 * letter, 20:28] = 40
    expected = [box(20, top, 20 + 12 * letters - 4, top + 12) for top, letters in ((100, 7), (50, 4), (150, 14))]
    np.testing.assert_array_equal(line_boxes(grey_HW), expected)


@pytest.mark.parametrize("degrees", DEGREES)
def test_a_page_is_read_whichever_way_it_lies(
    reader: Reader, upright: Receipt, image_HWC: UInt8Array, degrees: int
) -> None:
    lying_HWC = turned_by(image_HWC, -degrees)
    receipt = reader.read(lying_HWC)
    assert receipt.page.orientation == degrees
    assert receipt.page.size == upright.page.size
    np.testing.assert_array_equal(receipt.image_HWC, image_HWC)
    assert receipt.text == upright.text
    given = Reader(reader.detector, reader.recogniser, orientation=degrees).read(lying_HWC)
    assert (given.text, given.page.orientation) == (upright.text, degrees)

    entry = receipt.to_dict()
    assert (entry["img_h"], entry["img_w"]) == lying_HWC.shape[:2]
    assert entry.get("orientation", 0) == degrees
    for line, word in zip(receipt.lines, entry["words"].values(), strict=True):
        as_upright_N2 = turned_points(word["points"], degrees, (entry["img_w"], entry["img_h"]))
        assert shapely.Polygon(as_upright_N2).hausdorff_distance(shapely.Polygon(line.points_N2)) < 0.02


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("shows_lines", [True, False])
def test_a_wrong_guess_is_found_out(
    reader: Reader,
    upright: Receipt,
    image_HWC: UInt8Array,
    degrees: int,
    shows_lines: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the lines that the ink shows on the page turned by 90 degrees; without any, by those of the detector."""
    monkeypatch.setattr(orientation, "lies_sideways", lambda grey_HW: not lies_sideways(grey_HW))
    if not shows_lines:
        monkeypatch.setattr(orientation, "line_boxes", lambda grey_HW: line_boxes(grey_HW)[:0])
    receipt = reader.read(turned_by(image_HWC, -degrees))
    assert receipt.page.orientation == degrees
    assert receipt.text == upright.text


@pytest.mark.parametrize(("tilt", "degrees"), [(-20, 0), (-8, 90), (12, 180), (20, 270)])
def test_a_tilted_page_is_read_like_a_level_one(
    reader: Reader, upright: Receipt, image_HWC: UInt8Array, tilt: int, degrees: int
) -> None:
    """The lines lie where they are printed: within four pixels of those of the level page, tilted."""
    tilted_HWC, matrix_33 = levelled(image_HWC, -tilt)
    receipt = reader.read(turned_by(tilted_HWC, -degrees))
    assert receipt.page.orientation == degrees
    assert receipt.page.size == tilted_HWC.shape[1::-1]
    assert fuzz.ratio(receipt.text.split(), upright.text.split()) > 90
    tilted = {line.text: line for line in receipt.lines}
    known = [line for line in upright.lines if line.text in tilted and len(line.text) > 5]
    assert len(known) > 0.6 * sum(len(line.text) > 5 for line in upright.lines)
    for line in known:
        place = shapely.Polygon(transform_points(line.points_N2, matrix_33))
        assert shapely.Polygon(tilted[line.text].points_N2).centroid.distance(place.centroid) < 4.0


def test_a_tilted_page_is_read_in_upright_boxes_too(reader: Reader, upright: Receipt, image_HWC: UInt8Array) -> None:
    detector = Detector.load(device="cpu", threads=1, mode="upright")
    receipt = Reader(detector, reader.recogniser).read(levelled(image_HWC, 15)[0])
    assert fuzz.ratio(receipt.text.split(), upright.text.split()) > 85


def test_a_page_without_text_is_left_as_it_is(reader: Reader) -> None:
    receipt = reader.read(np.full((300, 200, 3), 250, np.uint8))
    assert (receipt.page.orientation, receipt.lines) == (0, ())


def test_a_calibration_changes_no_orientation(reader: Reader, image_HWC: UInt8Array) -> None:
    """With these numbers, no line seems more sure than 0.1."""
    doubtful = Reader(reader.detector, LineReader.load(device="cpu", calibration=(0.0, 0.0, -3.0)))
    lying_HWC = turned_by(image_HWC, 180)
    prepared = doubtful.prepared(lying_HWC, Path("a"))
    assert prepared.clear
    page = doubtful(prepared)
    assert max(line.confidence for line in page.lines) < 0.1
    assert page.orientation == 180


def test_an_orientation_that_is_given_is_kept(reader: Reader, image_HWC: UInt8Array) -> None:
    wrong = Reader(reader.detector, reader.recogniser, orientation=180).read(image_HWC)
    assert wrong.page.orientation == 180
    np.testing.assert_array_equal(wrong.image_HWC, turned_by(image_HWC, 180))


@pytest.mark.parametrize("value", [45, 360, -90, True, "up", 90.0, [90]])
def test_an_orientation_that_is_none(reader: Reader, value: object) -> None:
    with pytest.raises(InputError, match=re.escape(f"orientation={value}: must be auto, 0, 90, 180 or 270")):
        Reader(reader.detector, reader.recogniser, orientation=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", DEGREES)
def test_positions_in_the_file_are_those_of_the_upright_page_turned_back(degrees: int) -> None:
    page = replace(RECEIPT, orientation=degrees)
    lying = in_file(page)
    assert lying.size == (SIZE if degrees % 180 == 0 else SIZE[::-1])
    for line, other in zip(page.lines, lying.lines, strict=True):
        assert (line.text, line.row) == (other.text, other.row)
        assert other.points_N2.sum(axis=1).argmin() == 0  # from the corner that is top left in the file
        back_N2 = order_clockwise(turned_points(other.points_N2, degrees, lying.size))
        np.testing.assert_allclose(back_N2, line.points_N2, atol=1e-3)
        edge_N2 = turned_points(bottom_edge(other.points_N2, lying), degrees, lying.size)
        np.testing.assert_allclose(edge_N2, bottom_edge(line.points_N2, RECEIPT), atol=1e-3)


def written(page: Page, image: bytes, folder: Path) -> dict[str, bytes]:
    """The documents of a file, by kind."""
    kinds = ("text", "hocr", "alto", "page", "pdf")
    Documents(folder, kinds, {"a.jpg": "a"}).write("a.jpg", {1: page}, list(read_pages(image)))
    return {kind: next((folder / kind).iterdir()).read_bytes() for kind in kinds}


def text_and_place(file: Path, word: str) -> tuple[str, list[float]]:
    """The text of a PDF's page, and where a word of it stands, in points from the bottom left corner."""
    document = pypdfium2.PdfDocument(file)
    page = document[0].get_textpage()
    start, count = page.search(word).get_next()
    boxes_N4 = np.array([page.get_charbox(start + number, loose=True) for number in range(count)])
    left, bottom, right, top = *boxes_N4[:, :2].min(axis=0), *boxes_N4[:, 2:].max(axis=0)
    text = page.get_text_range()
    document.close()
    return text, [left, top, right, bottom]


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("stored", [("JPEG", 1), ("JPEG", 6), ("PNG", 1)])
def test_documents_of_a_page_that_was_turned(degrees: int, stored: tuple[str, int], tmp_path: Path) -> None:
    kind, code = stored
    upright = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    upright.paste((200, 30, 30), (0, 0, 120, 60))
    lying = upright.rotate(degrees, expand=True)  # counter-clockwise
    lying = lying.rotate(90, expand=True) if code == 6 else lying
    content = encoded(lying, kind, **({"exif": exif(code), "quality": 95} if kind == "JPEG" else {}))
    documents = written(replace(RECEIPT, orientation=degrees), content, tmp_path)
    same = written(RECEIPT, encoded(upright, "PNG"), tmp_path / "upright")
    assert documents["text"] == same["text"]

    file = tmp_path / "pdf" / "a.pdf"
    assert (content in file.read_bytes()) == (kind == "JPEG")
    (shown,) = read_pages(file, dpi=72, pdf_text="never")
    assert isinstance(shown, PageImage)
    assert np.abs(shown.image_HWC.astype(int) - np.asarray(upright)).mean() < 4
    found, (left, top, right, bottom) = text_and_place(file, "Kaffee")
    assert [word for word in ("Kaffee", "9,50", "합계", "edge") if word not in found] == []
    mine, (word, _) = shapely.box(left, SIZE[1] - top, right, SIZE[1] - bottom), RECEIPT.lines[0].words
    theirs = shapely.Polygon(word.points_N2)
    assert mine.intersection(theirs).area > 0.8 * mine.union(theirs).area

    size = in_file(replace(RECEIPT, orientation=degrees)).size
    turn = f"textangle {degrees}".encode()
    assert (turn in documents["hocr"]) == bool(degrees)
    alto, page = etree.parse(io.BytesIO(documents["alto"])), etree.parse(io.BytesIO(documents["page"]))
    (top,) = alto.iter("{*}Page")
    assert (int(top.get("WIDTH")), int(top.get("HEIGHT"))) == size
    assert {block.get("ROTATION") for block in alto.iter("{*}TextBlock")} == {f"{degrees}.0" if degrees else None}
    (top,) = page.iter("{*}Page")
    assert (int(top.get("imageWidth")), int(top.get("imageHeight"))) == size
    assert float(top.get("orientation", 0)) % 360 == degrees


def test_from_the_command_line(image_HWC: UInt8Array, tmp_path: Path) -> None:
    Image.fromarray(turned_by(image_HWC, -90)).save(tmp_path / "a.png")
    call = [sys.executable, "-c", MAIN, "read", tmp_path / "a.png", "-o", tmp_path / "read"]
    options = ["--orientation", "45"]
    done = subprocess.run([*call, *options], capture_output=True, text=True, check=False, cwd=REPOSITORY_ROOT)
    assert done.returncode == 1
    assert "--orientation 45: must be auto, 0, 90, 180 or 270" in done.stderr
    options = ["--orientation", "90", "--formats", "text", "--overlays", "--extractor", "false"]
    subprocess.run([*call, *options], capture_output=True, text=True, check=True, cwd=REPOSITORY_ROOT)
    assert Image.open(tmp_path / "read" / "overlays" / "a.png").size == (2 * image_HWC.shape[1], image_HWC.shape[0])
