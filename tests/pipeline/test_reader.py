"""`Reader` as a program uses it."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ocr import Detector, LineReader, Reader
from ocr.formats.native import read_native
from ocr.images.page_images import BrokenPage
from ocr.pipeline.reader import Receipt
from ocr.synthesis.receipt import render_receipt
from ocr.types import InputError, Reading
from ocr.utils.path_utils import REPOSITORY_ROOT

WEIGHTS = REPOSITORY_ROOT / "weights"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    picture, _ = render_receipt(2, "test", 1)
    path = tmp_path_factory.mktemp("photos") / "receipt.png"
    picture.convert("RGB").save(path)
    return path


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(device="cpu", threads=1)


def test_a_synthesised_receipt_is_read_row_by_row(reader: Reader, photo: Path) -> None:
    _, record = render_receipt(2, "test", 1)
    receipt = reader.read(photo)
    truth = {word.text for word in record.words.values()}
    found = [word for line in receipt.lines for word in line.words]
    assert len({word.text for word in found} & truth) > 0.7 * len(truth)
    assert [line.row for line in receipt.lines] == sorted(line.row for line in receipt.lines)
    assert len({line.row for line in receipt.lines}) == len(receipt.text.splitlines())
    for line in receipt.lines:
        assert line.text == " ".join(word.text for word in line.words)
        assert line.confidence == pytest.approx(min((word.confidence for word in line.words), default=0.0), abs=0.5)
    plain = replace(receipt, page=replace(receipt.page, facts=None))
    assert plain.draw().shape == (record.height, 2 * (record.width or 0), 3)


def test_what_a_session_prints_is_short(reader: Reader, photo: Path) -> None:
    receipt = reader.read(photo)
    assert repr(receipt) == f"Receipt(page 1 of 1, {len(receipt.lines)} lines, total {receipt.fields['total'].text})"
    for part in (receipt.lines[0], receipt.lines[0].words[0], receipt.fields["total"]):
        assert part.text in repr(part)
        assert len(repr(part)) < 200


def test_its_entry_is_in_the_native_format(reader: Reader, photo: Path, tmp_path: Path) -> None:
    receipt = reader.read(photo)
    path = tmp_path / "read.json"
    path.write_text(json.dumps({"images": {"receipt.png": receipt.to_dict()}}), encoding="utf-8")
    (record,) = read_native(path)
    assert (record.width, record.height) == receipt.page.size
    assert [word.transcription for word in record.words.values()] == [line.text for line in receipt.lines]
    assert [word.line for word in record.words.values()] == [number + 1 for number in range(len(receipt.lines))]


def test_an_image_may_be_given_in_any_form(reader: Reader, photo: Path) -> None:
    picture = Image.open(photo)
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    texts = {reader.read(each).text for each in (photo, str(photo), encoded.getvalue(), np.asarray(picture), picture)}
    assert len(texts) == 1


def test_files_of_several_pages_are_read_page_by_page(reader: Reader, photo: Path, tmp_path: Path) -> None:
    path, single = tmp_path / "scan.pdf", tmp_path / "single.pdf"
    for file, pages in ((path, 3), (single, 1)):
        canvas = Canvas(str(file), pagesize=(200, 300))
        canvas.setFont("Courier", 24)
        canvas.drawString(20, 200, "2 Tea 4.50")
        canvas.showPage()
        if pages > 1:
            canvas.showPage()  # empty
            canvas.drawImage(ImageReader(Image.new("RGB", (40, 60), "white")), 0, 0, 200, 300)
            canvas.showPage()
        canvas.save()
    first, second, third = reader.read_pages(path, dpi=72)
    assert isinstance(first, Receipt)
    assert (first.text, first.number, first.count, first.page.size) == ("2 Tea 4.50", 1, 3, (200, 300))
    assert isinstance(second, BrokenPage)
    assert "scan.pdf, page 2 of 3: is empty" in second.message
    assert isinstance(third, Receipt)
    assert (third.text, third.number) == ("", 3)
    assert reader.read(single).text == reader.read(single.read_bytes()).text == "2 Tea 4.50"
    (seen,) = reader.read_pages(single, pdf_text="never")
    assert isinstance(seen, Receipt)
    assert seen.lines[0].score < 1
    with pytest.raises(InputError, match=r"scan\.pdf: has 3 pages; read_pages reads them one by one"):
        reader.read(path)
    Image.open(photo).save(tmp_path / "two.tif", save_all=True, append_images=[Image.new("RGB", (40, 60))])
    with pytest.raises(InputError, match="the image given: has 2 pages"):
        reader.read((tmp_path / "two.tif").read_bytes())


@pytest.mark.parametrize("shade", [0, 255])
def test_an_image_without_text_is_an_empty_receipt(reader: Reader, shade: int) -> None:
    receipt = reader.read(np.full((300, 200, 3), shade, np.uint8))
    assert receipt.to_dict()["words"] == {}
    assert (receipt.text, receipt.lines) == ("", ())
    plain = Reader(reader.detector, reader.recogniser, extractor=False).read(np.full((300, 200, 3), shade, np.uint8))
    assert plain.to_dict() == {"img_w": 200, "img_h": 300, "words": {}}
    assert plain.draw().shape == (300, 400, 3)


def test_uncertain_lines_are_left_out(reader: Reader, photo: Path) -> None:
    every = reader.read(photo)
    sure = Reader(reader.detector, reader.recogniser, min_confidence=0.9).read(photo)
    kept = [line.text for line in every.lines if line.confidence >= 0.9]
    assert [line.text for line in sure.lines] == kept
    assert 0 < len(kept) < len(every.lines)
    assert sorted({line.row for line in sure.lines}) == list(range(max(line.row for line in sure.lines) + 1))
    assert not any(line.unsure for line in (*every.lines, *sure.lines))


def test_uncertain_lines_are_marked(reader: Reader, photo: Path) -> None:
    every = reader.read(photo)
    marked = Reader(reader.detector, reader.recogniser, min_confidence=0.9, mark=True).read(photo)
    told, known = ([(line.text, line.confidence, line.row) for line in page.lines] for page in (marked, every))
    assert told == known
    assert [line.unsure for line in marked.lines] == [line.confidence < 0.9 for line in every.lines]
    entries = marked.to_dict()["words"].values()
    assert [entry.get("unsure") for entry in entries] == [line.unsure or None for line in marked.lines]
    changed_HW = (marked.draw() != every.draw()).any(axis=2)
    newly = [line for line in marked.lines if 0.5 <= line.confidence < 0.9]
    assert bool(newly) == bool(changed_HW.any()), "from 0.5 on, an overlay shows only marked lines in red"


@pytest.mark.parametrize("index", [1, 2])
def test_both_engines_read_the_same(reader: Reader, index: int) -> None:
    pytest.importorskip("onnxruntime")
    picture, _ = render_receipt(2, "test", index)
    other = Reader(WEIGHTS / "receipts.onnx", WEIGHTS / "lines.onnx", threads=1)
    assert other.read(picture.convert("RGB")).text == reader.read(picture.convert("RGB")).text


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_confidence": 1.5}, "min_confidence=1.5: must be 0 to 1"),
        ({"min_confidence": "high"}, "min_confidence=high: must be 0 to 1"),
        ({"detector": "none.onnx"}, "none.onnx: no such file"),
        ({"recogniser": WEIGHTS / "receipts.safetensors"}, "its network is for task=detection"),
    ],
)
def test_what_cannot_be_meant_is_told(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Reader(**settings)  # type: ignore[arg-type]


def test_an_image_that_cannot_be_read_is_told(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jpg"):
        reader.read(tmp_path / "none.jpg")


def test_a_recogniser_that_reads_spaces_alone_reads_nothing(reader: Reader, photo: Path) -> None:
    blank = LineReader(reader.recogniser.engine, reader.recogniser.transform, lambda _: Reading(" ", (0.9,)), 64)
    receipt = Reader(reader.detector, blank).read(photo)
    assert receipt.lines
    assert {(line.text, line.confidence, line.words) for line in receipt.lines} == {("", 0.0, ())}
    assert receipt.text == ""


def test_onnx_runtime_needs_no_torch(photo: Path) -> None:
    pytest.importorskip("onnxruntime")
    code = (
        "import sys, ocr\n"
        f"print(len(ocr.Reader(engine='onnxruntime').read({str(photo)!r}).text) > 100, 'torch' in sys.modules)\n"
    )
    environment = {"PYTHONPATH": str(REPOSITORY_ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_detector_and_recogniser_are_replaceable(reader: Reader, photo: Path) -> None:
    loaded = Reader(Detector.load(device="cpu", box_thresh=0.8), reader.recogniser)
    assert 0 < len(loaded.read(photo).lines) <= len(reader.read(photo).lines)
