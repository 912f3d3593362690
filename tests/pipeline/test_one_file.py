"""A file that is given as bytes is read into the files that ``read`` writes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drawn_receipts import draw_receipt
from ocr.pipeline.loading import default_weights
from ocr.pipeline.loop import Wanted
from ocr.pipeline.one_file import KINDS, OneFile
from ocr.pipeline.read import read
from ocr.pipeline.read_settings import FORMATS, ReadSettings
from ocr.types import InputError

ENGINE = "onnxruntime"


@pytest.fixture(scope="module")
def settings() -> ReadSettings:
    weights = str(default_weights(ENGINE)), str(default_weights(ENGINE, "lines"))
    return ReadSettings(*weights, formats=FORMATS, max_pages=3)


@pytest.fixture(scope="module")
def reader(settings: ReadSettings) -> OneFile:
    return OneFile(settings)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A receipt as JPEG, two in a PDF as JPEGs, the second of them on its side."""
    folder = tmp_path_factory.mktemp("given")
    draw_receipt(folder / "a.png", np.random.default_rng(0))
    page = Image.open(folder / "a.png").resize((600, 900))
    page.save(folder / "photo.jpg", quality=92)
    page.save(folder / "scan.pdf", save_all=True, append_images=[page.rotate(90, expand=True)])
    return folder


@pytest.mark.parametrize("name", ["photo.jpg", "scan.pdf"])
def test_each_format_has_the_bytes_that_read_writes(
    reader: OneFile, settings: ReadSettings, drawn: Path, tmp_path: Path, name: str
) -> None:
    assert not read(str(drawn / name), settings, Wanted(tmp_path / "read"))
    seen: list[tuple[int, int]] = []
    file = reader.open((drawn / name).read_bytes(), name, lambda *page: seen.append(page))
    count = len(file.pages)
    assert seen == [(number, count) for number in range(1, count + 1)]
    assert (count, file.left_out) == ({"photo.jpg": 1, "scan.pdf": 2}[name], ())
    found = {name: content for kind in FORMATS for name, content in reader.results(file, kind).items()}
    written = {path.name: path.read_bytes() for path in (tmp_path / "read").rglob("*") if path.is_file()}
    assert found == written
    assert len(found) == 8 + count, "three tables, a PAGE file for each page, one of each other format"
    for kind in KINDS:
        assert reader.read(file.encoded, name, kind).content in written.values()


def test_a_page_is_shown_upright(reader: OneFile, drawn: Path) -> None:
    file = reader.open((drawn / "scan.pdf").read_bytes(), "scan.pdf")
    for number, page in file.pages.items():
        height, width = reader.picture(file, number).shape[:2]
        assert (width, height) == page.page.size
        assert width < height


def test_what_cannot_be_read_is_refused_by_name(reader: OneFile) -> None:
    pages = [Image.new("RGB", (40, 40), "white") for _ in range(4)]
    long = io.BytesIO()
    pages[0].save(long, "PDF", save_all=True, append_images=pages[1:])
    for encoded, name, reason in (
        (b"\xff\xd8\xff", "broken.jpg", "broken.jpg: .*damaged"),
        (b"hello", "a.txt", "a.txt"),
        (long.getvalue(), "long.pdf", "long.pdf: has 4 pages, more than max_pages=3"),
    ):
        with pytest.raises(InputError, match=reason):
            reader.open(encoded, name)
