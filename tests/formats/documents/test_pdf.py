"""Searchable PDFs: poppler and PDFium find the words where they were read, and show the picture as it was."""

import io
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as native
import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from PIL import Image, ImageFont

from ocr.formats.documents.common import DocumentPage, clean, words_of
from ocr.formats.documents.glyphless import CHECKSUM, checksum, glyphless_font
from ocr.formats.documents.pdf import write_pdf
from ocr.images.documents import read_pages
from ocr.images.header import ImageError
from ocr.page import Page, TextWord
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from pages_read import EMPTY, LEFT_TO_RIGHT, RECEIPT, SIZE, box, line, pages, tilted
from tests.support.encoded_images import encoded, exif

PDFTOTEXT = shutil.which("pdftotext")
POPPLER = pytest.mark.skipif(PDFTOTEXT is None, reason="no pdftotext is installed: Debian's package is poppler-utils")
WHITE = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
COLOURED = np.random.default_rng(0).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)


def write(*read: Page, path: Path, dpi: float | None = None) -> Path:
    (file,) = write_pdf([DocumentPage("a.png", page, picture=WHITE, dpi=dpi) for page in read], path / "a.pdf")
    return file


def pdftotext(path: Path, *options: str) -> str:
    return subprocess.run([PDFTOTEXT, *options, path, "-"], capture_output=True, text=True, check=True).stdout


def found(path: Path) -> list[list[tuple[str, list[float]]]]:
    """The words of each page by poppler, in the order of the file, with their boxes in points."""
    top = ElementTree.fromstring(pdftotext(path, "-bbox", "-raw"))
    name = "{http://www.w3.org/1999/xhtml}"
    return [
        [
            (word.text, [float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax")])
            for word in page.iter(f"{name}word")
        ]
        for page in top.iter(f"{name}page")
    ]


def shown(path: Path, scale: float = 1) -> list[np.ndarray]:
    document = pypdfium2.PdfDocument(path)
    images = [np.array(page.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3]) for page in document]
    document.close()
    return images


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pdfs")


@POPPLER
class TestPoppler:
    @pytest.mark.parametrize("dpi", [None, 72, 200])
    def test_finds_the_words_at_their_places(self, dpi: float | None, tmp_path: Path) -> None:
        scale = 72 / (dpi or 72)
        page = Page(SIZE, tuple(line for line in RECEIPT.lines if line.row != 1))
        (words,) = found(write(page, path=tmp_path, dpi=dpi))
        boxes = dict(words)
        expected = [word for line in page.lines for word in line.words]
        assert len(expected) == 4
        for word in expected:
            points_N2 = np.clip(word.points_N2, 0, SIZE)
            box_4 = np.concatenate([points_N2.min(axis=0), points_N2.max(axis=0)]) * scale
            np.testing.assert_allclose(boxes[word.text], box_4, atol=1)

    def test_keeps_the_reading_order(self, tmp_path: Path) -> None:
        texts = ["Kaffee", "\"&<>'", "9,50", "합계", "no", "words", "edge"]
        (words,) = found(write(RECEIPT, path=tmp_path))
        assert [text for text, _ in words] == texts
        backwards = Page(SIZE, RECEIPT.lines[::-1])
        (words,) = found(write(backwards, path=tmp_path))
        assert [text for text, _ in words] == ["edge", "no", "words", "합계", "9,50", "Kaffee", "\"&<>'"]

    @pytest.mark.parametrize("options", [(), ("-raw",)])
    def test_keeps_tilted_words_whole(self, options: tuple[str, ...], tmp_path: Path) -> None:
        degrees = (-30, -8, -2, 1, 5, 12, 40)
        words = [
            TextWord(tilted(60, 120 + 60 * place, 120, 20, angle), f"합계{angle}", 1.0)
            for place, angle in enumerate(degrees)
        ]
        page = Page((400, 700), tuple(map(line, words)))
        path = write(page, path=tmp_path)
        assert sorted(pdftotext(path, *options).split()) == sorted(word.text for word in words)
        for (text, around), word in zip(found(path)[0], words, strict=True):
            assert text == word.text
            (left, _), (right, _) = word.points_N2.min(axis=0), word.points_N2.max(axis=0)
            # poppler's boxes are as high as the first letter, and take no account of the tilt of the letters
            assert left - 1 <= around[0] < around[2] <= right + 1
            assert around[2] - around[0] > 0.8 * (right - left) - 20 * abs(np.sin(np.deg2rad(float(text[2:]))))

    def test_all_pages(self, tmp_path: Path) -> None:
        read = found(write(RECEIPT, EMPTY, RECEIPT, path=tmp_path))
        assert [len(words) for words in read] == [7, 0, 7]

    def test_emoji_and_other_planes(self, tmp_path: Path) -> None:
        word = TextWord(box(10, 10, 200, 40), "a😀𝄞합", 1.0)
        assert pdftotext(write(Page(SIZE, (line(word),)), path=tmp_path)).split() == ["a😀𝄞합"]


class TestPdfium:
    @settings(max_examples=40)
    @given(page=pages(LEFT_TO_RIGHT))
    def test_finds_the_text_in_order(self, page: Page, folder: Path) -> None:
        units = "".join(letters(write(page, path=folder)))
        read = units.encode("utf-16", "surrogatepass").decode("utf-16")  # it tells the halves of a pair one by one
        assert read == "".join(word.text for line in page.lines for word in line.words)

    @settings(max_examples=40)
    @given(page=pages())
    def test_any_text_is_in_the_file(self, page: Page, folder: Path) -> None:
        content = write(page, path=folder).read_bytes()
        meanings = next(part for part in streams(content) if b"beginbfchar" in part or b"begincmap" in part)
        known = {bytes.fromhex(code.decode()).decode("utf-16-be") for code in re.findall(rb"> <(\w+)>", meanings)}
        texts = [clean(word.text) for each in page.lines for word in words_of(each)]
        assert all(text in known or set(text) <= known for text in texts)

    def test_places_tilted_words(self, tmp_path: Path) -> None:
        for degrees in (-30, -6, 0, 3, 15, 40):
            points_N2 = tilted(100, 120, 120, 24, degrees)
            page = Page(SIZE, (line(TextWord(points_N2, "abcdef", 1.0)),))
            document = pypdfium2.PdfDocument(write(page, path=tmp_path, dpi=72))
            text_page = document[0].get_textpage()
            boxes = [text_page.get_charbox(index, loose=True) for index in range(6)]
            document.close()
            lefts, bottoms, rights, tops = zip(*boxes, strict=True)
            middle = (min(lefts) + max(rights)) / 2, SIZE[1] - (min(bottoms) + max(tops)) / 2
            np.testing.assert_allclose(middle, points_N2.mean(axis=0), atol=1)
            if not degrees:  # each letter has its own place
                np.testing.assert_allclose(np.diff(lefts), 20, atol=0.1)

    def test_the_text_is_invisible(self, tmp_path: Path) -> None:
        (image,) = shown(write(RECEIPT, path=tmp_path))
        assert image.min() == 255


def streams(content: bytes) -> Iterator[bytes]:
    """What the file's deflated streams hold."""
    for entries, packed in re.findall(rb"<< (.*?) >>\nstream\n(.*?)\nendstream", content, re.DOTALL):
        if b"Subtype" not in entries:
            yield zlib.decompress(packed)


def letters(path: Path) -> Iterator[str]:
    document = pypdfium2.PdfDocument(path)
    text_page = document[0].get_textpage()
    for index in range(text_page.count_chars()):
        drawn = native.FPDFText_GetTextObject(text_page, index)
        sign = chr(native.FPDFText_GetUnicode(text_page, index))
        if not native.FPDFText_IsGenerated(text_page, index) and sign != " ":
            assert native.FPDFTextObj_GetTextRenderMode(drawn) == 3
            yield sign
    document.close()


class TestPicture:
    @pytest.mark.parametrize("grey", [False, True])
    def test_pixels_are_kept(self, grey: bool, tmp_path: Path) -> None:
        image = np.repeat(COLOURED[..., :1], 3, axis=2) if grey else COLOURED
        (path,) = write_pdf([DocumentPage("a.png", EMPTY, picture=image)], tmp_path / "a.pdf")
        np.testing.assert_array_equal(shown(path)[0], image)
        assert (b"/DeviceGray" in path.read_bytes()) == grey

    @pytest.mark.parametrize("mode", ["RGB", "L"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_jpeg_is_stored_as_it_is_and_shown_upright(self, mode: str, orientation: int, tmp_path: Path) -> None:
        stored = Image.linear_gradient("L").resize((60, 40))
        stored.paste(0, (0, 0, 8, 24))
        content = encoded(stored.convert(mode), "JPEG", quality=95, exif=exif(orientation))
        (photo := tmp_path / "a.jpg").write_bytes(content)
        (page,) = read_pages(photo)
        height, width = page.image_HWC.shape[:2]
        document = DocumentPage("a.jpg", Page((width, height), ()), picture=photo)
        (path,) = write_pdf([document], tmp_path / "a.pdf")
        assert content in path.read_bytes()
        (image,) = shown(path)
        assert image.shape == page.image_HWC.shape
        assert np.abs(image.astype(int) - page.image_HWC).mean() < 3

    def test_another_file_is_decoded(self, tmp_path: Path) -> None:
        image = Image.fromarray(COLOURED).convert("CMYK")
        for number, content in enumerate([encoded(image, "JPEG"), encoded(Image.fromarray(COLOURED), "WEBP")]):
            (page,) = read_pages(content)
            document = DocumentPage("a", EMPTY, picture=content)
            (path,) = write_pdf([document], tmp_path / f"{number}.pdf")
            np.testing.assert_array_equal(shown(path)[0], page.image_HWC)

    def test_its_size_follows_the_resolution(self, tmp_path: Path) -> None:
        document = pypdfium2.PdfDocument(write(RECEIPT, path=tmp_path, dpi=200))
        assert document[0].get_size() == pytest.approx((400 * 72 / 200, 300 * 72 / 200))

    def test_without_a_picture(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"a\.png, page 3: a searchable PDF shows the picture"):
            write_pdf([DocumentPage("a.png", EMPTY, 3)], tmp_path / "a.pdf")
        with pytest.raises(InputError, match="no page to write"):
            write_pdf([], tmp_path / "a.pdf")
        with pytest.raises(ImageError, match=r"b\.jpg"):
            write_pdf([DocumentPage("b.jpg", EMPTY, picture=tmp_path / "b.jpg")], tmp_path / "a.pdf")
        assert not list(tmp_path.iterdir())


def test_the_same_pages_give_the_same_bytes(tmp_path: Path) -> None:
    first = write(RECEIPT, EMPTY, path=tmp_path).read_bytes()
    assert first == write(RECEIPT, EMPTY, path=tmp_path).read_bytes()


def test_each_page_is_written_before_the_next_is_asked_for(tmp_path: Path) -> None:
    sizes = []

    def each() -> Iterator[DocumentPage]:
        for number in range(1, 5):
            sizes.append(next(tmp_path.glob(".a.pdf.*")).stat().st_size)
            yield DocumentPage("a.png", RECEIPT, number, COLOURED)

    write_pdf(each(), tmp_path / "a.pdf")
    assert np.diff(sizes).min() > 0.8 * COLOURED.size


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc/<pid>/status (Linux)")
def test_five_hundred_pages_take_no_more_memory_than_ten(tmp_path: Path) -> None:
    program = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from ocr.formats.documents.common import DocumentPage\n"
        "from ocr.formats.documents.pdf import write_pdf\n"
        "from ocr.page import Page, TextLine\n"
        "def peak(): return int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
        "marks = []\n"
        "def pages():\n"
        "    for number in range(1, 501):\n"
        "        lines = [TextLine(np.float32([[9, y], [99, y], [99, y + 9], [9, y + 9]]), f'line {y}', 1.0, 1.0)\n"
        "                 for y in range(0, 600, 10)]\n"
        "        picture = np.random.default_rng(number).integers(0, 255, (600, 400, 3), np.uint8)\n"
        "        marks.append(peak())\n"
        "        yield DocumentPage('a.png', Page((400, 600), tuple(lines)), number, picture)\n"
        "write_pdf(pages(), Path(sys.argv[1]))\n"
        "print(marks[10], peak())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.pdf"],
        cwd=REPOSITORY_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    early, late = map(int, done.stdout.split())
    assert late < 1.05 * early


class TestFont:
    def test_is_a_font_that_draws_nothing(self) -> None:
        font = ImageFont.truetype(io.BytesIO(glyphless_font()), 40)
        assert font.getmask("abc").getbbox() is None
        assert font.getlength("abc") == 60

    def test_its_checksum_is_right(self) -> None:
        assert checksum(glyphless_font()) == CHECKSUM
