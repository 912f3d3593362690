"""Polygons drawn over the receipt."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from encoded_images import exif
from ocr.report.overlay import FOUND, IGNORED, PICTURE_ENDINGS, TRUTH, draw_overlay, save_image
from ocr.types import Detection, InputError, Word
from shapes import box


def test_outlines_have_their_colours_and_the_rest_stays(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((200, 300, 3), 77, np.uint8))
    regions = [Word(box(20, 20, 40)), Word(box(120, 20, 40), ignore=True)]
    drawn = draw_overlay(tmp_path / "a.png", [Detection(box(20, 100, 40), 0.9)], regions)
    assert drawn.shape == (200, 300, 3)
    assert tuple(drawn[20, 40]) == TRUTH
    assert tuple(drawn[20, 140]) == IGNORED
    assert tuple(drawn[100, 40]) == FOUND
    assert tuple(drawn[110, 40]) == (77, 77, 77)
    assert (drawn[150:] == 77).all()


def test_the_picture_stands_upright(tmp_path: Path) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif(6))
    assert draw_overlay(tmp_path / "a.jpg", []).shape == (30, 20, 3)


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.jpg: cannot be read"):
        draw_overlay(tmp_path / "a.jpg", [])


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.png")
    Image.new("RGB", (8, 6), "white").save(tmp_path / "a.png")
    path.write_bytes((tmp_path / "a.png").read_bytes())
    assert draw_overlay(path, []).shape == (6, 8, 3)


def test_saving_makes_the_folder(tmp_path: Path) -> None:
    save_image(np.full((4, 6, 3), (9, 8, 7), np.uint8), tmp_path / "new" / "a.png")
    with Image.open(tmp_path / "new" / "a.png") as image:
        assert image.size == (6, 4)
        assert image.getpixel((0, 0)) == (9, 8, 7)


@pytest.mark.parametrize(
    ("name", "file"),
    [("scan", "scan.jpg"), ("scan.001", "scan.001.jpg"), ("scan.h5", "scan.h5.jpg"), ("a.JPEG", "a.JPEG")],
)
def test_a_name_that_is_no_pictures_gets_an_ending(tmp_path: Path, name: str, file: str) -> None:
    save_image(np.zeros((4, 6, 3), np.uint8), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [file]
    with Image.open(tmp_path / file) as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize("ending", sorted(PICTURE_ENDINGS))
def test_every_ending_can_be_written(tmp_path: Path, ending: str) -> None:
    save_image(np.zeros((4, 6, 3), np.uint8), tmp_path / f"a{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"a{ending}"]


def test_a_picture_stays_in_its_folder_whatever_links_lie_there(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").write_text("precious", encoding="utf-8")
    output = tmp_path / "found"
    output.mkdir()
    (output / "way-out").symlink_to("../elsewhere")
    (output / "a.png").symlink_to("../elsewhere/a.png")
    page_HWC = np.zeros((4, 4, 3), np.uint8)
    for name in ("way-out/b.png", "way-out/new/b.png"):
        with pytest.raises(InputError, match="a link leads out of"):
            save_image(page_HWC, output / name, within=output)
    save_image(page_HWC, output / "a.png", within=output)
    assert not (output / "a.png").is_symlink()
    (tmp_path / "linked").symlink_to(output)  # the folder itself is where the user said
    save_image(page_HWC, tmp_path / "linked" / "deep" / "c.png", within=tmp_path / "linked")
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["a.png"]
    assert (tmp_path / "elsewhere" / "a.png").read_text(encoding="utf-8") == "precious"
