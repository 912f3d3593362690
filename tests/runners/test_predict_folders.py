"""Predicting on what lies in folders: everything that is an image is read, and the rest is named or counted."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from encoded_images import tiff_chain
from ocr.images.decode import read_picture
from ocr.utils.path_utils import REPOSITORY_ROOT
from refusals import assert_refused

WEIGHTS = REPOSITORY_ROOT / "weights" / "receipts.safetensors"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(20)


@pytest.fixture
def receipt(tiny_data: Path) -> Image.Image:
    return Image.open(sorted((tiny_data / "images" / "val").iterdir())[0]).convert("RGB")


def words_of(predictions: Path) -> dict[str, object]:
    images = json.loads(predictions.read_text(encoding="utf-8"))["images"]
    return {name: [word["points"] for word in image["words"].values()] for name, image in images.items()}


def test_transparent_paper_is_white_and_further_pages_are_named(
    run_runner, receipt: Image.Image, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    ink = 255 - np.asarray(receipt.convert("L"))
    nothing_HW3 = np.zeros((*ink.shape, 3), np.uint8)
    transparent = Image.fromarray(np.dstack([nothing_HW3, ink]))
    for name in ("rgba.png", "rgba.webp", "rgba.tif"):
        transparent.save(photos / name, **({"lossless": True} if name.endswith("webp") else {}))
    Image.fromarray(np.dstack([nothing_HW3[..., 0], ink]), "LA").save(photos / "la.png")
    Image.fromarray(read_picture(photos / "rgba.png").image_HWC).save(photos / "white.png")
    Image.fromarray(read_picture(photos / "rgba.png").image_HWC).save(
        photos / "three.tif", save_all=True, append_images=[receipt, receipt]
    )
    three = (photos / "three.tif").read_bytes()
    (photos / "cut.tif").write_bytes(three[: tiff_chain(three)[1]])
    receipt.save(photos / "moving.gif", save_all=True, append_images=[receipt.rotate(180)])
    process = run_runner(
        "predict", f"checkpoint_path={WEIGHTS}", "input=photos", "output=found", "data.long_side=640", "table=true",
        cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    found = words_of(tmp_path / "found" / "predictions.json")
    assert len(found["white.png"]) > 0
    for name in ("rgba.png", "rgba.webp", "rgba.tif", "la.png", "three.tif", "cut.tif"):
        assert found[name] == found["white.png"], name
    assert ", 4 further pages not read: found/predictions.json" in process.stdout
    assert "1 of 3" in process.stdout
    assert "8 of 12" in process.stdout  # the table's last line
    warning = process.stderr[process.stderr.index("warning: only the first page of 3 images was read, 4 were not:") :]
    assert warning.splitlines()[1:4] == [
        "  cut.tif: 1 of 2 pages not read, or more: the file ends before its further pages; copy it again",
        "  moving.gif: 1 of 2 pages not read",
        "  three.tif: 2 of 3 pages not read",
    ]
    images = json.loads((tmp_path / "found" / "predictions.json").read_text())["images"]
    assert {name: image["pages_not_read"] for name, image in images.items() if "pages_not_read" in image} == {
        "cut.tif": 1,
        "moving.gif": 1,
        "three.tif": 2,
    }


def test_content_decides_and_nothing_is_passed_over_in_silence(
    run_runner, receipt: Image.Image, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    (photos / "deep").mkdir(parents=True)
    kinds = {
        "a.jpg": "JPEG", "b.gif": "GIF", "c.jfif": "JPEG", "d.avif": "AVIF", "e.jp2": "JPEG2000", "f.jpe": "JPEG",
        "g.webp": "WEBP", "h.bmp": "BMP", "i.TIF": "TIFF", "j.ppm": "PPM", "deep/no ending": "PNG", "png.jpg": "PNG",
        "jpeg.txt": "JPEG", "K.JPG": "JPEG", "scan.001": "TIFF", ".hidden": "PNG",
    }  # fmt: skip
    for name, kind in kinds.items():
        receipt.save(photos / name, kind)
    named = {
        "l.pdf": b"%PDF-1.7\n", "m.heic": HEIC, "n.svg": b"<svg/>", "o.PDF": b"", "p.docx": b"PK\3\4",
        "q": bytes(range(256)), "r.jpg": b"<html>404</html>", "pdf.txt": b"%PDF-1.4\n",
        "y.cr2": b"II*\0\x10\0\0\0CR\2\0", "z": b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nENDHDR\nabcd",
    }  # fmt: skip
    beside = {
        ".DS_Store": b"\0\0\0\1Bud1", "Thumbs.db": b"\xd0\xcf\x11\xe0", "s.json": b"{}", "t.txt": b"",
        "u.csv": "합계".encode("cp949"), "deep/v.xml": b"<?xml version='1.0'?><PcGts/>", "README": b"about",
        "._a.jpg": b"\0\5\x16\7" + bytes(40),
        "w.npz": b"PK\3\4", "x.md": b"BM: a note",
    }  # fmt: skip
    for name, content in {**named, **beside}.items():
        (photos / name).write_bytes(content)
    for source in ("photos", "photos/**"):
        process = run_runner(
            "predict", f"checkpoint_path={WEIGHTS}", f"input={source}", "output=found", "data.long_side=64",
            "overwrite=true", cwd=tmp_path,
        )  # fmt: skip
        assert_refused(process)
        expected = set(kinds) - ({".hidden"} if source == "photos/**" else set())  # no glob names hidden files
        assert words_of(tmp_path / "found" / "predictions.json").keys() == expected
        assert f"{len(named)} of {len(named) + len(expected)} images left out:" in process.stderr
        for name in named:
            assert f"photos/{name}: " in process.stderr
        assert "l.pdf: is a PDF, which is read by" in process.stderr
        count = len(beside) - (2 if source == "photos/**" else 0)
        assert f"skipped, as not images: {count} other files: " in process.stderr
        assert "2 .txt" not in process.stderr


def test_side_files_alone_leave_the_status_at_0(run_runner, receipt: Image.Image, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    receipt.save(tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "notes.txt").write_text("a note")
    process = run_runner(
        "predict", f"checkpoint_path={WEIGHTS}", "input=photos", "output=found", "data.long_side=64", cwd=tmp_path
    )
    assert process.returncode == 0, process.stderr
    assert "skipped, as not images: 1 other files: 1 .txt" in process.stderr
