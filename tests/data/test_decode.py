"""Image files to pixels: colours, orientation, and a message for every way a file can be wrong."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.data.decode import ImageError, read_image
from ocr.types import InputError

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def picture():
    """4 x 6: red above, blue below."""
    image_HWC = np.empty((4, 6, 3), np.uint8)
    image_HWC[:2], image_HWC[2:] = RED, BLUE
    return image_HWC


@pytest.mark.parametrize("name", ["a.png", "영수증 1.png", "a.bmp", "a.tiff"])
def test_pixels_are_rgb_whatever_the_file_is_called(tmp_path, picture, name):
    Image.fromarray(picture).save(tmp_path / name)
    image_HWC = read_image(tmp_path / name)
    assert image_HWC.dtype == np.uint8
    assert np.array_equal(image_HWC, picture)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "I;16"])
def test_any_kind_of_picture_comes_as_three_channels(tmp_path, mode):
    grey = Image.new("L", (6, 4), 255)
    picture = Image.new("I;16", (6, 4), 65535) if mode == "I;16" else grey.convert(mode)
    picture.save(tmp_path / "a.png")
    image_HWC = read_image(tmp_path / "a.png")
    assert image_HWC.shape == (4, 6, 3)
    assert (image_HWC == 255).all()


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_exif_orientation_is_applied(tmp_path, orientation, turns):
    image_HWC = np.zeros((48, 64, 3), np.uint8)
    image_HWC[:24, :32] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(image_HWC).save(tmp_path / "a.jpg", exif=exif, quality=95)
    upright = np.rot90(image_HWC, turns)  # counter-clockwise
    read = read_image(tmp_path / "a.jpg")
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).mean() < 3


def huge_png():
    """A PNG whose header promises more pixels than any decoder would take."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 200_000, 200_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def half_a_png():
    _, encoded = cv2.imencode(".png", np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8))
    return encoded.tobytes()[:30]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7 not a picture", "is not an image or is damaged"),
        (half_a_png(), "is not an image or is damaged"),
        (huge_png(), "remove it"),
    ],
)
def test_broken_file_is_named_with_its_fault(tmp_path, content, message):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_image(path)
    assert str(path) in str(caught.value)


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere\.png: cannot be opened"):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="cannot be opened"):
        read_image(tmp_path)
