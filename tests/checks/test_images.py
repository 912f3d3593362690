"""Image files: each flaw of a file is found in it, and a sound one has none."""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from encoded_images import encoded, exif, tiff_chain
from ocr.checks.duplicates import NEAR
from ocr.checks.images import Limits, check_image, look_of
from ocr.checks.kinds import Kind
from picture_kinds import KINDS

LIMITS = Limits(pixels=100_000, bytes=1_000_000)
RNG = np.random.default_rng(0)
PICTURE = Image.fromarray(cv2.resize(RNG.integers(0, 255, (8, 6, 3), np.uint8), (120, 160)))


def saved(ending: str, image: Image.Image = PICTURE, **options: Any) -> bytes:
    return encoded(image, ending, **options)


def deep(ending: str) -> bytes:
    return cv2.imencode(ending, RNG.integers(0, 65535, (20, 30, 3), np.uint16))[1].tobytes()


def transparent() -> Image.Image:
    image = PICTURE.convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


JPEG = saved("JPEG", quality=95)
HALF = JPEG[: len(JPEG) // 2]
PNG = saved("PNG")

CASES = {
    "jpeg.jpg": (JPEG, set()),
    "progressive.jpeg": (saved("JPEG", progressive=True), set()),
    "png.png": (PNG, set()),
    "webp.webp": (saved("WEBP"), set()),
    "tiff.tif": (saved("TIFF"), set()),
    "bmp.bmp": (saved("BMP"), set()),
    "phone.jpg": (saved("MPO", save_all=True, append_images=[PICTURE]), {Kind.ANIMATED}),
    "phone with a preview.jpg": (
        saved("MPO", save_all=True, append_images=[PICTURE.resize((60, 80))]),
        set(),
    ),
    "empty.jpg": (b"", {Kind.EMPTY_FILE}),
    "text.jpg": (b"<html>404</html>", {Kind.NOT_AN_IMAGE}),
    "cut.jpg": (HALF, {Kind.TRUNCATED}),
    "without its end.jpg": (JPEG[:-2], {Kind.TRUNCATED}),
    "cut and closed.jpg": (HALF + b"\xff\xd9", {Kind.DAMAGED}),
    "cut.png": (PNG[: len(PNG) // 2], {Kind.TRUNCATED}),
    "without its end.png": (PNG[:-12], {Kind.TRUNCATED}),
    "cut.bmp": (saved("BMP")[:9000], {Kind.TRUNCATED}),
    "wrong sum.png": (PNG[:-20] + bytes([PNG[-20] ^ 1]) + PNG[-19:], {Kind.UNDECODABLE}),
    "png.jpg": (PNG, {Kind.WRONG_EXTENSION}),
    "no ending": (PNG, {Kind.WRONG_EXTENSION}),
    "moving.gif": (saved("GIF", save_all=True, append_images=[PICTURE.rotate(90)]), {Kind.ANIMATED}),
    "moving.png": (saved("PNG", save_all=True, append_images=[PICTURE.rotate(90)]), {Kind.ANIMATED}),
    "inks.jpg": (saved("JPEG", PICTURE.convert("CMYK")), {Kind.CMYK}),
    "deep.png": (deep(".png"), {Kind.DEEP}),
    "deep.tiff": (deep(".tiff"), {Kind.DEEP}),
    "deep.jp2": (KINDS["deep-jpeg2000"].content, {Kind.DEEP}),
    "deep grey.png": (saved("PNG", PICTURE.convert("I").convert("I;16")), {Kind.DEEP, Kind.GREY}),
    "grey.png": (saved("PNG", PICTURE.convert("L")), {Kind.GREY}),
    "opaque.png": (saved("PNG", PICTURE.convert("RGBA")), {Kind.ALPHA}),
    "transparent.png": (saved("PNG", transparent()), {Kind.TRANSPARENT}),
    "turned.jpg": (saved("JPEG", exif=exif(6)), {Kind.EXIF_ROTATED}),
    "turned.png": (saved("PNG", exif=exif(3)), {Kind.EXIF_ROTATED}),
    "no orientation.jpg": (saved("JPEG", exif=exif(11)), set()),
    "large.png": (saved("PNG", Image.new("1", (400, 400))), {Kind.TOO_LARGE}),
    "long.jpg": (JPEG + bytes(1_000_000), {Kind.TOO_LARGE}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_flaws_of_a_file_are_found(tmp_path: Path, name: str) -> None:
    content, expected = CASES[name]
    (tmp_path / name).write_bytes(content)
    image = check_image(tmp_path / name, tmp_path.resolve(), LIMITS)
    assert {kind for kind, _ in image.flaws} == expected
    decoded = not expected & {Kind.EMPTY_FILE, Kind.NOT_AN_IMAGE, Kind.TRUNCATED, Kind.UNDECODABLE, Kind.TOO_LARGE}
    assert (image.size is not None) == bool(image.digest) == bool(image.look) == decoded


def test_pages_that_a_file_ends_before_are_missed_though_the_first_is_whole(tmp_path: Path) -> None:
    content = saved("TIFF", save_all=True, append_images=[PICTURE.rotate(90), PICTURE.rotate(180)])
    for place in tiff_chain(content)[1:]:
        (tmp_path / "a.tif").write_bytes(content[:place])
        image = check_image(tmp_path / "a.tif", tmp_path.resolve(), LIMITS)
        assert {kind for kind, _ in image.flaws} == {Kind.TRUNCATED, Kind.ANIMATED}
        assert (Kind.TRUNCATED, "the file ends before its further pages") in image.flaws
        assert image.size == PICTURE.size


def test_nothing_but_files_of_the_folder_is_opened(tmp_path: Path) -> None:
    root = tmp_path / "data"
    (root / "folder.png").mkdir(parents=True)
    (tmp_path / "outside.png").write_bytes(PNG)
    (root / "inside.png").write_bytes(PNG)
    (root / "leads out.png").symlink_to("../outside.png")
    (root / "stays.png").symlink_to("inside.png")
    (root / "loop.png").symlink_to("loop.png")
    os.mkfifo(root / "pipe.png")

    def kinds(name: str, limits: Limits = LIMITS) -> list[Kind]:
        return [kind for kind, _ in check_image(root / name, root.resolve(), limits).flaws]

    for name in ("folder.png", "loop.png", "pipe.png", "gone.png", "nu\0ll.png", "x" * 300 + ".png"):
        assert kinds(name) == [Kind.MISSING_IMAGE], name
    assert kinds("leads out.png") == [Kind.OUTSIDE_LINK]
    assert kinds("stays.png") == []
    assert kinds("leads out.png", Limits(10**6, 10**6, follow_links=True)) == []


def test_a_picture_saved_again_looks_the_same_and_another_does_not() -> None:
    fine = cv2.resize(RNG.integers(0, 255, (40, 30, 3), np.uint8), (300, 400), interpolation=cv2.INTER_CUBIC)
    other = cv2.resize(RNG.integers(0, 255, (40, 30, 3), np.uint8), (300, 400), interpolation=cv2.INTER_CUBIC)
    again = cv2.imdecode(cv2.imencode(".jpg", fine, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    small = cv2.resize(fine, (210, 280), interpolation=cv2.INTER_AREA)

    def differ(picture: np.ndarray) -> int:
        bits = np.frombuffer(look_of(fine), np.uint8) ^ np.frombuffer(look_of(picture), np.uint8)
        return int(np.bitwise_count(bits).sum())

    assert max(differ(again), differ(small)) <= NEAR
    assert differ(other) > 4 * NEAR
