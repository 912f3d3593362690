"""All pages of a file: PDFs with and without text of their own, TIFFs, HEIC; what cannot be read is named."""

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from encoded_images import encoded, exif, tiff_chain
from ocr.formats.documents.common import DocumentPage
from ocr.formats.documents.pdf import write_pdf
from ocr.formats.documents.pdf_objects import PdfObjects
from ocr.images.documents import read_pages
from ocr.images.header import ImageError
from ocr.images.page_images import BrokenPage, PageImage
from ocr.images.pdf import Rendering, read_pdf
from ocr.images.pdf_text import joined
from ocr.page import Page, TextLine
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT

# 64 x 48 pixels, white, with a red rectangle from (8, 8) to (40, 24): made with pillow-heif 1.8.1.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABoQABAAAAAAAAAEYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADd"
    "aXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAA"
    "AwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAE5tZGF0AAAA"
    "QigBrwY4W2Z6Pr8cfOgpL9nT3/+YF2XiVQm/+vB//+HrN9lfa/noi33u7+XoMnDUzlmudK2SH975CMaKln+ZnsNeeA=="
)


def pdf(*pages: Callable[[Canvas], None], size: tuple[float, float] = (200, 300), **options: object) -> bytes:
    """A PDF whose pages are drawn by functions, in points from the bottom left corner."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=size, pageCompression=0, **options)
    for draw in pages:
        canvas.setFont("Courier", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def text(*lines: tuple[float, float, str]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for x, y, line in lines:
            canvas.drawString(x, y, line)

    return draw


def nothing(_: Canvas) -> None:
    pass


RECEIPT = text((20, 200, "2 Tea"), (150, 200, "4.50"), (20, 250, "No. 17"))


def read(source: bytes | Path, **settings: object) -> list[PageImage | BrokenPage]:
    return list(read_pages(source, **settings))


def one(source: bytes | Path, **settings: object) -> PageImage:
    (page,) = read(source, **settings)
    assert isinstance(page, PageImage)
    return page


def layer(source: bytes, **settings: object) -> Page:
    page = one(source, **settings).text
    assert page is not None
    return page


class TestPdf:
    def test_the_text_of_a_page_in_reading_order(self) -> None:
        page = layer(pdf(RECEIPT), dpi=72)
        assert page.size == (200, 300)
        assert [(line.row, line.text) for line in page.lines] == [(0, "No. 17"), (1, "2 Tea"), (1, "4.50")]
        assert [word.text for word in page.lines[1].words] == ["2", "Tea"]
        assert {word.confidence for line in page.lines for word in line.words} == {1.0}

    def test_its_places_are_those_of_the_rendered_letters(self) -> None:
        page = one(pdf(RECEIPT), dpi=144)
        assert page.dpi == 144
        assert page.text is not None
        for line in page.text.lines:
            (left, top), (right, bottom) = line.points_N2.min(axis=0), line.points_N2.max(axis=0)
            part = page.image_HWC[int(top) : int(bottom), int(left) : int(right)]
            assert part.min() < 60
            page.image_HWC[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = 255
            # a letter of Courier is 0.6 em wide
            assert right - left == pytest.approx(len(line.text) * 0.6 * 20, abs=1)
        assert page.image_HWC.min() > 200  # nothing stands elsewhere

    def test_a_turned_page_is_upright(self) -> None:
        def draw(canvas: Canvas) -> None:
            canvas.translate(0, 300)
            canvas.rotate(-90)
            canvas.drawString(50, 100, "Turned")

        content = pdf(draw).replace(b"/Rotate 0", b"/Rotate 270")
        page = one(content, dpi=72)
        assert page.image_HWC.shape == (200, 300, 3)
        (line,) = layer(content, dpi=72).lines
        assert line.text == "Turned"
        (left, top), (right, bottom) = line.points_N2.min(axis=0), line.points_N2.max(axis=0)
        assert (right - left) > 2 * (bottom - top)
        assert page.image_HWC[int(top) : int(bottom), int(left) : int(right)].min() < 100

    def test_characters_beyond_the_first_plane(self) -> None:
        assert joined("a\ud83d\ude00b") == "a😀b"
        assert joined("a\ud83d") == "a\ufffd"

    def test_without_its_text(self) -> None:
        assert one(pdf(RECEIPT), pdf_text="never").text is None

    def test_text_off_the_page_is_not_taken(self) -> None:
        page = layer(pdf(text((20, 100, "Shown"), (20, 400, "Hidden"), (-90, 50, "Left"))))
        assert [line.text for line in page.lines] == ["Shown"]

    def test_what_was_recognised_on_a_scan_is_not_taken(self, tmp_path: Path) -> None:
        box = np.array([[20, 20], [80, 20], [80, 40], [20, 40]], np.float32)
        page = Page((100, 120), (TextLine(box, "guess", 0.5, 0.9),))
        image = np.full((120, 100, 3), 90, np.uint8)
        (path,) = write_pdf([DocumentPage("a.png", page, picture=image)], tmp_path / "a.pdf")
        read_back = one(path, dpi=72)
        assert read_back.text is None
        np.testing.assert_array_equal(read_back.image_HWC, image)

    def test_pages_that_cannot_be_read_are_named_and_the_others_are_read(self, tmp_path: Path) -> None:
        content = pdf(RECEIPT, nothing, RECEIPT, RECEIPT)
        third = re.findall(rb"\d+ 0 obj\n(<<.*?/Type /Page\b.*?>>)\nendobj", content, re.DOTALL)[2]
        path = tmp_path / "four.pdf"
        path.write_bytes(content.replace(third, b"null".ljust(len(third)), 1))
        pages = read(path)
        assert [page.number for page in pages] == [1, 2, 3, 4]
        assert {page.count for page in pages} == {4}
        first, empty, broken, last = pages
        assert isinstance(first, PageImage)
        assert isinstance(last, PageImage)
        assert isinstance(empty, BrokenPage)
        assert isinstance(broken, BrokenPage)
        assert empty.message.startswith(f"{path}, page 2 of 4: is empty")
        assert broken.message.startswith(f"{path}, page 3 of 4: is damaged")
        assert all("remove the page" in page.message for page in (empty, broken))

    def test_a_giant_page_is_refused_before_it_is_rendered(self) -> None:
        (page,) = read(pdf(RECEIPT, size=(14400, 14400)), dpi=300)
        assert isinstance(page, BrokenPage)
        assert "60000 x 60000 pixels at 300 dpi" in page.message
        assert "lower dpi" in page.message
        (page,) = read(pdf(RECEIPT), max_pixels=200 * 300 - 1, dpi=72)
        assert isinstance(page, BrokenPage)
        assert one(pdf(RECEIPT), max_pixels=200 * 300, dpi=72).image_HWC.shape == (300, 200, 3)

    def test_encrypted_files(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.pdf"
        path.write_bytes(pdf(RECEIPT, encrypt="secret"))
        with pytest.raises(ImageError, match=r"secret\.pdf: is encrypted and needs a password; save it without one"):
            read(path)
        # a password for changing the file alone does not keep it from being read
        assert layer(pdf(RECEIPT, encrypt=StandardEncryption("", "owner"))).lines[0].text == "No. 17"

    @pytest.mark.parametrize("content", [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", pdf(RECEIPT)[:300]])
    def test_damaged_files(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "cut.pdf"
        path.write_bytes(content)
        with pytest.raises(ImageError, match=r"cut\.pdf: is a damaged PDF.*save it again, or remove it"):
            read(path)

    @pytest.mark.parametrize("settings", [{"dpi": 0}, {"dpi": float("nan")}, {"pdf_text": "always"}])
    def test_settings_that_are_not_allowed(self, settings: dict[str, object]) -> None:
        for content in (pdf(RECEIPT), HEIC):
            with pytest.raises(InputError, match=next(iter(settings))):
                read(content, **settings)

    def test_of_many_pages_only_those_asked_for_are_loaded(self) -> None:
        class Counted(io.BytesIO):
            taken = 0

            def readinto(self, buffer: memoryview) -> int:
                count = super().readinto(buffer)
                self.taken += count
                return count

        file = io.BytesIO()
        objects = PdfObjects(file)
        root, tree = objects.new(), objects.new()
        about = f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 200 300] /Contents "
        kids = [
            objects.put(objects.new(), f"{about} {objects.stream(b'0 0 99 99 re f')} 0 R >>") for _ in range(10_000)
        ]
        objects.put(tree, f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>")
        objects.finish(
            objects.put(root, f"<< /Type /Catalog /Pages {tree} 0 R >>"), objects.put(objects.new(), "<< >>")
        )
        content = file.getvalue()
        stream = Counted(content)
        pages = read_pdf(stream, Rendering("many.pdf", 1_000_000, 36, "never", originals=False))
        first = next(pages)
        assert (first.number, first.count) == (1, 10_000)
        before = stream.taken
        next(pages)
        pages.close()
        assert before < len(content) / 2
        assert stream.taken - before < len(content) / 1000

    @pytest.mark.slow
    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc/<pid>/status (Linux)")
    def test_a_thousand_pages_take_no_more_memory_than_ten(self, tmp_path: Path) -> None:
        path = tmp_path / "thousand.pdf"
        path.write_bytes(pdf(*[RECEIPT] * 500, nothing, *[RECEIPT] * 499, size=(400, 800)))
        program = (
            "import re, sys\n"
            "from pathlib import Path\n"
            "from ocr.images.documents import read_pages\n"
            "from ocr.images.page_images import BrokenPage\n"
            "def peak(): return int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
            "broken = []\n"
            "for page in read_pages(Path(sys.argv[1])):\n"
            "    if isinstance(page, BrokenPage): broken.append(page.number)\n"
            "    if page.number == 10: early = peak()\n"
            "print(page.number, broken, early, peak())\n"
        )
        # glibc would keep the memory of a page for the next one, in pieces that do not fit, up to a page's size
        environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
        command = [sys.executable, "-c", program, path]
        done = subprocess.run(command, cwd=REPOSITORY_ROOT, env=environment, capture_output=True, text=True, check=True)
        number, broken, early, late = done.stdout.split()
        assert (number, broken) == ("1000", "[501]")
        assert int(late) < 1.05 * int(early)


def frames(*values: int, mode: str = "RGB") -> list[Image.Image]:
    return [Image.new(mode, (40 + number, 30), (value,) * len(mode)) for number, value in enumerate(values)]


def tiff(images: list[Image.Image], **options: object) -> bytes:
    return encoded(images[0], "TIFF", save_all=True, append_images=images[1:], **options)


class TestTiff:
    def test_all_pages(self) -> None:
        images = [*frames(10, 90), Image.new("L", (20, 50), 200), Image.new("1", (33, 17), 1)]
        pages = read(tiff(images, dpi=(300, 300)))
        assert [page.number for page in pages] == [1, 2, 3, 4]
        assert {page.count for page in pages} == {4}
        assert [page.image_HWC.shape for page in pages] == [(30, 40, 3), (30, 41, 3), (50, 20, 3), (17, 33, 3)]
        assert [page.image_HWC.mean() for page in pages] == [10, 90, 200, 255]
        assert pages[0].dpi == pytest.approx(300)

    def test_deep_colours_and_orientation_of_a_later_page(self) -> None:
        deep = Image.fromarray(np.full((30, 20), 257 * 40, np.uint16))
        turned = Image.new("RGB", (30, 20), (7, 7, 7))
        pages = read(tiff([*frames(10), deep]))
        assert pages[1].image_HWC.mean() == 40
        page = one(encoded(turned, "TIFF", exif=exif(6)))
        assert page.image_HWC.shape == (30, 20, 3)

    def test_a_damaged_page_does_not_keep_the_others_from_being_read(self, tmp_path: Path) -> None:
        content = bytearray(tiff(frames(10, 20, 30)))
        second = tiff_chain(bytes(content))[1]
        content[second + 2 : second + 14] = bytes(12)  # its first entry, the width
        path = tmp_path / "a.tif"
        path.write_bytes(content)
        first, broken, last = read(path)
        assert isinstance(broken, BrokenPage)
        assert broken.message.startswith(f"{path}, page 2 of 3: ")
        assert [first.image_HWC.mean(), last.image_HWC.mean()] == [10, 30]

    def test_a_file_that_ends_before_its_further_pages(self) -> None:
        content = tiff(frames(10, 20, 30))
        last = tiff_chain(content)[2]
        first, second, missing = read(content[: last + 20], name="b.tif")
        assert [first.image_HWC.mean(), second.image_HWC.mean()] == [10, 20]
        assert isinstance(missing, BrokenPage)
        assert missing.message == "b.tif, page 3 of 3: the file ends before its further pages; copy it again"

    def test_each_page_is_held_to_the_limit(self) -> None:
        images = [Image.new("L", (10, 10)), Image.new("L", (100, 100))]
        small, large = read(tiff(images), max_pixels=1000)
        assert isinstance(small, PageImage)
        assert isinstance(large, BrokenPage)
        assert "100 x 100 pixels" in large.message


class TestOthers:
    @pytest.mark.parametrize("kind", ["GIF", "WEBP"])
    def test_of_an_animation_the_first_picture(self, kind: str) -> None:
        images = frames(0, 255)
        images[1] = images[1].resize(images[0].size)
        options = {"lossless": True} if kind == "WEBP" else {}
        page = one(encoded(images[0], kind, save_all=True, append_images=images[1:], **options))
        assert (page.number, page.count, page.unread) == (1, 1, 1)
        assert page.image_HWC.max() == 0

    def test_a_jpeg_is_kept_for_a_pdf_and_states_its_resolution(self) -> None:
        content = encoded(Image.new("RGB", (30, 20)), "JPEG", dpi=(300, 300), exif=exif(6))
        page = one(content)
        assert page.image_HWC.shape == (30, 20, 3)
        assert (page.original, page.dpi) == (content, 300)
        assert one(encoded(Image.new("RGB", (30, 20)), "JPEG", dpi=(1, 1))).dpi is None
        assert one(encoded(Image.new("RGB", (30, 20)), "PNG")).original is None

    def test_a_photograph_of_an_iphone(self) -> None:
        page = one(HEIC)
        assert page.image_HWC.shape == (48, 64, 3)
        np.testing.assert_allclose(page.image_HWC[16, 24], [200, 30, 30], atol=8)
        np.testing.assert_allclose(page.image_HWC[40, 56], 255, atol=8)

    @pytest.mark.parametrize("content", [HEIC[:300], HEIC[:-20]])
    def test_a_damaged_one(self, content: bytes) -> None:
        with pytest.raises(ImageError, match=r"x\.heic: is a damaged HEIF image"):
            read(content, name="x.heic")

    def test_one_above_the_limit(self) -> None:
        with pytest.raises(ImageError, match="64 x 48 pixels"):
            read(HEIC, max_pixels=64 * 48 - 1)

    def test_without_its_package_the_message_names_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pi_heif", None)
        with pytest.raises(ImageError, match=r"x\.heic: is a HEIF image.*pip install '\.\[heic\]'"):
            read(HEIC, name="x.heic")

    @pytest.mark.parametrize("content", [b"", b"no picture", b"II*\0\x08\0\0\0", b"II*\0\0\0\0\0"])
    def test_what_is_no_image(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "a.tif"
        path.write_bytes(content)
        with pytest.raises(ImageError, match=r"a\.tif"):
            read(path)

    def test_a_missing_file_and_a_link_out_of_the_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match=r"b\.pdf: cannot be read"):
            read(tmp_path / "b.pdf")
        (tmp_path / "a.pdf").write_bytes(pdf(RECEIPT))
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.pdf").symlink_to(tmp_path / "a.pdf")
        with pytest.raises(ImageError, match="leads out of"):
            read(tmp_path / "in" / "a.pdf", within=tmp_path / "in")


TILES = np.random.default_rng(0).integers(0, 255, (30, 20, 3), np.uint8).repeat(10, axis=0).repeat(10, axis=1)
JPEG = encoded(Image.fromarray(TILES), "JPEG")


def picture(encoded_image: bytes, *, mirrored: bool = False, **place: float) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        if mirrored:
            canvas.translate(200, 0)
            canvas.scale(-1, 1)
        where = {"x": 0, "y": 0, "width": 200, "height": 300} | place
        canvas.drawImage(ImageReader(io.BytesIO(encoded_image)), **where)

    return draw


def recognised(canvas: Canvas) -> None:
    hidden = canvas.beginText(20, 200)
    hidden.setTextRenderMode(3)
    hidden.textOut("2 Tea")
    canvas.drawText(hidden)


def both(*parts: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    return lambda canvas: [part(canvas) for part in parts] and None


@pytest.mark.parametrize("dpi", [50, 72, 200])
@pytest.mark.parametrize("above", [nothing, recognised])
def test_a_page_that_is_one_jpeg_brings_its_file(above: Callable[[Canvas], None], dpi: float) -> None:
    document = pdf(both(picture(JPEG), above))
    assert one(document, dpi=dpi, originals=True).original == JPEG
    assert one(document, dpi=dpi).original is None


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(both(picture(JPEG), RECEIPT), id="text above"),
        pytest.param(both(picture(JPEG), picture(JPEG)), id="two pictures"),
        pytest.param(picture(JPEG, width=190), id="not the whole page"),
        pytest.param(picture(JPEG, x=-50, width=300), id="cropped"),
        pytest.param(both(lambda canvas: canvas.rotate(90), picture(JPEG, y=-200, width=300, height=200)), id="turned"),
        pytest.param(picture(JPEG, mirrored=True), id="mirrored"),
        pytest.param(both(lambda canvas: canvas.setPageRotation(90), picture(JPEG)), id="page turned"),
        pytest.param(both(lambda canvas: canvas.setFillAlpha(0.3), picture(JPEG)), id="faint"),
        pytest.param(both(picture(JPEG), lambda canvas: canvas.linkURL("https://a", (0, 0, 9, 9))), id="annotated"),
        pytest.param(picture(encoded(Image.fromarray(TILES), "PNG")), id="no JPEG"),
        pytest.param(RECEIPT, id="no picture"),
    ],
)
def test_a_page_that_is_not_brings_none(draw: Callable[[Canvas], None]) -> None:
    assert one(pdf(draw), dpi=72, originals=True).original is None


def test_a_jpeg_that_pdf_shows_inverted_is_not_brought() -> None:
    inverted = pdf(picture(JPEG)).replace(b"/BitsPerComponent 8", b"/Decode [1 0 1 0 1 0] /BitsPerComponent 8")
    assert one(inverted, dpi=72, originals=True).original is None
