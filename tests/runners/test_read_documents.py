"""Documents in and out: files of several pages, whole and in parts, and every format read back."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ocr.formats.native import read_native
from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.documents import document_names
from ocr.pipeline.loop import Wanted
from ocr.pipeline.orientation import Prepared
from ocr.pipeline.read import read
from ocr.pipeline.read_settings import ReadSettings
from ocr.pipeline.reader import Reader
from ocr.pipeline.shards import merge_folder
from ocr.types import InputError, UInt8Array
from ocr.utils.path_utils import REPOSITORY_ROOT
from refusals import assert_refused

WEIGHTS = [str(REPOSITORY_ROOT / "weights" / f"{name}.safetensors") for name in ("receipts", "lines")]
SMALL = (f"detector={WEIGHTS[0]}", f"recogniser={WEIGHTS[1]}", "data.long_side=320", "device=cpu", "num_workers=1")
SMALL = (*SMALL, "extractor=false")
ONNX = [str(REPOSITORY_ROOT / "weights" / f"{name}.onnx") for name in ("receipts", "lines")]
ALL = ("json", "text", "hocr", "alto", "page", "pdf", "csv")


def scan(*pages: Path | str, **options: object) -> bytes:
    """A PDF whose pages show a picture, or a text in its middle, nothing if that is empty."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(200, 300), **options)
    for page in pages:
        if isinstance(page, Path):
            canvas.drawImage(ImageReader(str(page)), 0, 0, 200, 300)
        elif page:
            canvas.setFont("Courier", 20)
            canvas.drawString(50, 150, page)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture(scope="module")
def receipts(tiny_data: Path) -> list[Path]:
    return sorted((tiny_data / "images" / "val").iterdir())[:2]


@pytest.fixture(scope="module")
def scans(receipts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of three pages: a scan, an empty one, a text; a locked PDF; a TIFF of two pages; a JPEG."""
    folder = tmp_path_factory.mktemp("scans")
    (folder / "scan.pdf").write_bytes(scan(receipts[0], "", "2 Tea"))
    (folder / "locked.pdf").write_bytes(scan("2 Tea", encrypt=StandardEncryption("secret", strength=128)))
    one, two = (Image.open(path).convert("RGB") for path in receipts)
    one.save(folder / "two.tif", save_all=True, append_images=[two])
    one.save(folder / "photo.jpg", quality=90)
    return folder


def test_every_page_is_read_and_every_format_has_it(run_runner, scans: Path, tmp_path: Path) -> None:
    options = (f"formats=[{','.join(ALL)}]", "visualize=true", *SMALL)
    process = run_runner("read", f"input={scans}", "output=read", *options, cwd=tmp_path)
    empty = "scan.pdf, page 2 of 3: is empty"
    assert_refused(process, "2 of 7 pages left out:", empty, "locked.pdf: is encrypted and needs a password")
    assert "in 5 pages: read/predictions.json" in process.stdout
    folder = tmp_path / "read"
    records = read_native(folder / "predictions.json")
    texts = {each.image_path.name: [str(word.transcription) for word in each.words.values()] for each in records}
    assert list(texts) == ["photo.jpg", "scan.pdf", "scan.pdf#3", "two.tif", "two.tif#2"]
    assert texts["scan.pdf#3"] == ["2 Tea"]
    assert all("TOTAL" in " ".join(lines).upper() for name, lines in texts.items() if name != "scan.pdf#3")
    documents = {f"{kind}/{name}.{kind}" for kind in ("hocr", "pdf") for name in ("photo", "scan", "two")}
    ends = (("text", ".txt"), ("alto", ".alto.xml"), ("page", ".page.xml"))
    documents |= {f"{kind}/{name}{end}" for kind, end in ends for name in ("photo", "scan", "two")}
    overlays = {
        f"overlays/{name}" for name in ("photo.jpg", "scan.pdf.jpg", "scan.pdf#3.jpg", "two.tif", "two.tif#2.jpg")
    }
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert found == documents | overlays | {
        *("predictions.json", "predictions.csv", "page/scan-0003.page.xml", "page/two-0002.page.xml"),
    }

    for name, pages in (("photo.jpg", 1), ("scan.pdf", 2), ("two.tif", 2)):
        stem = Path(name).stem
        own = [" ".join(lines).split() for key, lines in texts.items() if key.partition("#")[0] == name]
        words = [word for page in own for word in page]
        text = (folder / "text" / f"{stem}.txt").read_text(encoding="utf-8")
        assert [page.split() for page in text.split("\f")] == own
        hocr = ElementTree.parse(folder / "hocr" / f"{stem}.hocr")
        by_class = [element.get("class") for element in hocr.iter()]
        assert by_class.count("ocr_page") == pages
        assert [each.text for each in hocr.iter() if each.get("class") == "ocrx_word" and each.text] == words
        alto = ElementTree.parse(folder / "alto" / f"{stem}.alto.xml")
        assert [each.tag.rpartition("}")[2] for each in alto.iter()].count("Page") == pages
        assert [each.get("CONTENT") for each in alto.iter() if each.get("CONTENT")] == words
        with pypdfium2.PdfDocument(folder / "pdf" / f"{stem}.pdf") as pdf:
            inside = [page.get_textpage().get_text_bounded().split() for page in pdf]
        assert (len(inside), [word for page in inside for word in page]) == (pages, words)
    third = ElementTree.parse(folder / "page" / "scan-0003.page.xml")
    assert "2 Tea" in [each.text for each in third.iter() if each.tag.endswith("}Unicode")]
    assert (scans / "photo.jpg").read_bytes() in (folder / "pdf" / "photo.pdf").read_bytes()


def settings(**options: object) -> ReadSettings:
    return ReadSettings(*WEIGHTS, DetectorSettings("auto", "cpu", 1, 320), extractor="rules", **options)  # type: ignore[arg-type]


def test_parts_of_files_with_many_pages_merge_into_the_whole(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("a.pdf", "b.pdf", "a.pdf.pdf"):
        (source / name).write_bytes(scan(*[f"{name} {number}" for number in range(1, 13)]))
    for shard, output in ((None, "whole"), ("1/2", "parts"), ("2/2", "parts")):
        assert read(str(source), settings(formats=["csv", "text"]), Wanted(tmp_path / output, shard=shard)) == ""
    merge_folder(tmp_path / "parts", submission=True, overwrite=False)
    for name in ("predictions.json", "predictions.csv", "receipts.csv", "items.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    names = list(json.loads((tmp_path / "whole" / "predictions.json").read_text(encoding="utf-8"))["images"])
    pages = ["", *(f"#{number}" for number in range(2, 13))]
    assert names == [f"{name}{page}" for name in ("a.pdf", "a.pdf.pdf", "b.pdf") for page in pages]
    assert (tmp_path / "whole" / "text" / "b.txt").read_text(encoding="utf-8").split("\f")[11] == "b.pdf 12\n"


def test_settings_of_pages_hold(tmp_path: Path) -> None:
    path = tmp_path / "text.pdf"
    path.write_bytes(scan("TOTAL 4.50"))
    assert read(str(path), settings(dpi=144, pdf_text="never"), Wanted(tmp_path / "read")) == ""
    (record,) = read_native(tmp_path / "read" / "predictions.json")
    assert (record.width, record.height) == (400, 600)
    content = json.loads((tmp_path / "read" / "predictions.json").read_text(encoding="utf-8"))["images"]["text.pdf"]
    assert 0 < min(word["confidence"] for word in content["words"].values()) < 1
    for wrong in ({"dpi": 0.0}, {"pdf_text": "always"}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            read(str(path), settings(**wrong), Wanted(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_file_with_the_name_of_a_page_costs_no_result(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(scan("first", "second"))
    (tmp_path / "a.pdf#2").write_bytes(scan("other"))
    said = read(str(tmp_path), settings(), Wanted(tmp_path / "read"))
    assert said.splitlines()[0] == "1 of 3 pages left out:"
    assert "its page 2 would have the name of the file a.pdf#2; rename one" in said
    texts = [
        word.transcription
        for each in read_native(tmp_path / "read" / "predictions.json")
        for word in each.words.values()
    ]
    assert texts == ["first", "other"]


def test_documents_that_cannot_be_written_cost_no_result(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(scan("first", "second"))
    (tmp_path / "read").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "read" / "hocr").symlink_to(tmp_path / "elsewhere")
    said = read(str(tmp_path / "a.pdf"), settings(formats=["text", "hocr"]), Wanted(tmp_path / "read"))
    assert "a link leads out of" in said
    assert "left out" not in said
    assert len(read_native(tmp_path / "read" / "predictions.json")) == 2
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_documents_are_named_after_their_files() -> None:
    names = ["a.jpg", "more/b.001.PNG", "scan", "scan.001"]
    assert document_names(names) == {
        "a.jpg": "a",
        "more/b.001.PNG": "more/b.001",
        "scan": "scan",
        "scan.001": "scan.001",
    }
    assert document_names(["a.jpg", "A.png", "b.jpg"]) == {"a.jpg": "a.jpg", "A.png": "A.png", "b.jpg": "b"}
    assert len(set(document_names(["a.jpg", "a.png", "a.jpg.png", "a"]).values())) == 4
    pages = ["a.pdf", "a-0002.jpg", "b.jpg", "b-0002.jpg", "c.heic"]  # page 2 of a.pdf is page/a-0002.page.xml
    assert list(document_names(pages).values()) == ["a", "a-0002.jpg", "b", "b-0002", "c"]


def test_an_image_is_read_alike_in_a_pdf_and_alone(receipts: list[Path], tmp_path: Path) -> None:
    """A page that shows a picture pixel by pixel is that picture, but for PDFium's rounding."""
    with Image.open(receipts[0]) as image:
        width, height = image.size
        pixels = np.asarray(image.convert("RGB"))
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(width, height))
    canvas.drawImage(ImageReader(Image.fromarray(pixels)), 0, 0, width, height)
    canvas.save()
    Image.fromarray(pixels).save(tmp_path / "b.png")
    assert read(str(tmp_path), settings(dpi=72), Wanted(tmp_path / "read")) == ""
    one, other = ((tmp_path / "read" / "text" / name).read_text(encoding="utf-8") for name in ("a.txt", "b.txt"))
    assert one == other


def test_a_page_that_cannot_be_prepared_keeps_no_other_from_being_read(
    receipts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (Image.open(path).convert("RGB") for path in receipts)
    one.save(tmp_path / "three.tif", save_all=True, append_images=[one.crop((0, 0, 99, 99)), two])
    whole = Reader.prepared

    def prepared(self: Reader, image_HWC: UInt8Array, path: Path) -> Prepared:
        if image_HWC.shape[0] == 99:
            raise MemoryError("no memory for it")
        return whole(self, image_HWC, path)

    monkeypatch.setattr(Reader, "prepared", prepared)
    left_out = read(str(tmp_path / "three.tif"), settings(), Wanted(tmp_path / "read"))
    assert "three.tif, page 2 of 3: MemoryError: no memory for it" in left_out
    assert {record.name for record in read_native(tmp_path / "read" / "predictions.json")} == {
        "three.tif",
        "three.tif#3",
    }


def many(count: int) -> bytes:
    """A PDF of so many pages of text; the sixth is empty, the eighth damaged."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(200, 300), pageCompression=0)
    for number in range(1, count + 1):
        canvas.setFont("Courier", 9)
        for line in range(20) if number != 6 else ():
            canvas.drawString(20, 20 + 12 * line, f"Page {number}  Item {line}   {line}.50")
        canvas.showPage()
    canvas.save()
    content = file.getvalue()
    page = re.findall(rb"\d+ 0 obj\n(<<.*?/Type /Page\b.*?>>)\nendobj", content, re.DOTALL)[7]
    return content.replace(page, b"null".ljust(len(page)), 1)


@pytest.mark.slow
def test_a_thousand_pages_take_no_more_memory_than_ten(tmp_path: Path) -> None:
    """A blank page and a damaged one among them, and a locked file beside: they are named, the others read."""
    peaks = {}
    for count in (10, 1000):
        source, output = tmp_path / f"in{count}", tmp_path / f"out{count}"
        source.mkdir()
        (source / "many.pdf").write_bytes(many(count))
        (source / "locked.pdf").write_bytes(scan("2 Tea", encrypt=StandardEncryption("secret", strength=128)))
        command = [
            sys.executable,
            REPOSITORY_ROOT / "runners" / "read.py",
            f"input={source}",
            f"output={output}",
            "dpi=72",
        ]
        command += [f"detector={ONNX[0]}", f"recogniser={ONNX[1]}", "data.long_side=320", "extractor=false"]
        # glibc would keep the memory of a page for the next one, in pieces that do not fit, up to a page's size
        environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 1
        assert "locked.pdf: is encrypted" in said
        assert f"many.pdf, page 6 of {count}: is empty" in said
        assert f"many.pdf, page 8 of {count}: is damaged" in said
        peaks[count] = usage.ru_maxrss
        records = {record.name: record for record in read_native(output / "predictions.json")}
        assert len(records) == count - 2
        text = (output / "text" / "many.txt").read_text()
        assert text.count("\f") == count - 3
        assert f"Page {count}" in text
    assert peaks[1000] < 1.05 * peaks[10]
