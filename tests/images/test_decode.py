"""Image files to pixels: colours, orientation, and a message for every way a file can be wrong."""

import resource
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from encoded_images import exif
from hostile_folder import png_of_size
from ocr.images.decode import read_picture
from ocr.images.files import MAX_BYTES
from ocr.images.header import ImageError
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
    image_HWC = read_picture(tmp_path / name).image_HWC
    assert image_HWC.dtype == np.uint8
    assert np.array_equal(image_HWC, picture)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "I;16"])
def test_any_kind_of_picture_comes_as_three_channels(tmp_path, mode):
    grey = Image.new("L", (6, 4), 255)
    picture = Image.new("I;16", (6, 4), 65535) if mode == "I;16" else grey.convert(mode)
    picture.save(tmp_path / "a.png")
    image_HWC = read_picture(tmp_path / "a.png").image_HWC
    assert image_HWC.shape == (4, 6, 3)
    assert (image_HWC == 255).all()


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_exif_orientation_is_applied(tmp_path, orientation, turns):
    image_HWC = np.zeros((48, 64, 3), np.uint8)
    image_HWC[:24, :32] = 255
    Image.fromarray(image_HWC).save(tmp_path / "a.jpg", exif=exif(orientation), quality=95)
    upright = np.rot90(image_HWC, turns)  # counter-clockwise
    read = read_picture(tmp_path / "a.jpg").image_HWC
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
        (b"%PDF-1.7 not a picture", "is a PDF, which is read by"),
        (half_a_png(), "is not an image or is damaged"),
        (huge_png(), "remove it"),
    ],
)
def test_broken_file_is_named_with_its_fault(tmp_path, content, message):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_picture(path)
    assert str(path) in str(caught.value)


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere\.png: cannot be read: No such file"):
        read_picture(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="cannot be read: it is a folder"):
        read_picture(tmp_path)


@pytest.fixture
def page():
    """480 x 640, smooth enough that JPEG and averaging leave it alone; brighter to the right and below."""
    y, x = np.mgrid[:640, :480]
    waves = 20 * np.sin(x / 23) * np.cos(y / 31)
    return np.stack([60 + x / 4 + waves, 90 + y / 8 + waves, 120 + (x + y) / 16], axis=-1).astype(np.uint8)


def save(path, image_HWC, orientation=None):
    Image.fromarray(image_HWC).save(path, quality=95, **({} if orientation is None else {"exif": exif(orientation)}))


@pytest.mark.parametrize(
    ("long_side", "reduction"), [(1000, 1), (321, 1), (320, 2), (161, 2), (160, 4), (80, 8), (10, 8)]
)
def test_a_jpeg_is_reduced_as_far_as_the_side_allows(tmp_path, page, long_side, reduction):
    save(tmp_path / "a.jpg", page)
    picture = read_picture(tmp_path / "a.jpg", long_side)
    assert picture.reduction == reduction
    assert picture.size == (480, 640)
    assert picture.image_HWC.shape == (640 // reduction, 480 // reduction, 3)
    if reduction == 1:
        assert np.array_equal(picture.image_HWC, read_picture(tmp_path / "a.jpg").image_HWC)


@pytest.mark.parametrize("reduction", [2, 4, 8])
def test_reduced_pixels_are_near_the_average_of_those_they_stand_for(tmp_path, page, reduction):
    save(tmp_path / "a.jpg", page)
    picture = read_picture(tmp_path / "a.jpg", 640 / reduction)
    size = (480 // reduction, 640 // reduction)
    averaged = cv2.resize(read_picture(tmp_path / "a.jpg").image_HWC, size, interpolation=cv2.INTER_AREA)
    assert np.abs(picture.image_HWC.astype(int) - averaged).mean() < 1.0


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_a_reduced_jpeg_is_upright_and_knows_the_upright_size(tmp_path, page, orientation, turns):
    page = page[:636, :468]
    save(tmp_path / "a.jpg", page, orientation)
    upright = np.rot90(page, turns)
    picture = read_picture(tmp_path / "a.jpg", 75)
    assert (picture.reduction, picture.size) == (4, upright.shape[1::-1])  # 8 does not divide the sides
    height, width = (side // 4 for side in upright.shape[:2])
    averaged = upright.reshape(height, 4, width, 4, 3).mean(axis=(1, 3))
    assert np.abs(picture.image_HWC - averaged).mean() < 1.0


def test_a_side_that_the_reduction_does_not_divide_ends_in_part_of_a_pixel(tmp_path, page):
    save(tmp_path / "a.jpg", page[:637, :475])
    picture = read_picture(tmp_path / "a.jpg", 150)
    assert (picture.reduction, picture.size) == (4, (475, 637))
    assert picture.image_HWC.shape == (160, 119, 3)
    averaged = page[:636, :472].reshape(159, 4, 118, 4, 3).mean(axis=(1, 3))
    assert np.abs(picture.image_HWC[:159, :118] - averaged).mean() < 1.0


def test_a_turned_page_has_no_part_of_a_pixel_on_its_left(tmp_path, page):
    save(tmp_path / "a.jpg", page[:637, :475], 3)
    picture = read_picture(tmp_path / "a.jpg", 150)
    assert (picture.reduction, picture.size) == (1, (475, 637))


@pytest.mark.parametrize(("width", "height"), [(637, 640), (475, 637)])
def test_a_turned_page_of_odd_sides_is_read_whole(tmp_path, width, height):
    save(tmp_path / "a.jpg", np.zeros((height, width, 3), np.uint8), 6)
    picture = read_picture(tmp_path / "a.jpg", 160)
    assert (picture.reduction, picture.size) == (1, (height, width))


def test_other_formats_are_read_whole(tmp_path, page):
    Image.fromarray(page).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png", 10)
    assert (picture.reduction, picture.size) == (1, (480, 640))
    assert np.array_equal(picture.image_HWC, page)


@pytest.mark.parametrize("length", [2, 20, 200])
def test_a_jpeg_cut_off_in_its_header_is_named(tmp_path, page, length):
    save(tmp_path / "whole.jpg", page)
    (tmp_path / "a.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:length])
    with pytest.raises(ImageError, match=r"a\.jpg: is not an image or is damaged"):
        read_picture(tmp_path / "a.jpg", 10)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "bmp"])
def test_an_image_of_too_many_pixels_is_refused_by_its_header(tmp_path, page, ending):
    path = tmp_path / f"a.{ending}"
    save(path, page)
    assert read_picture(path, 640, 480 * 640).size == (480, 640)
    with pytest.raises(ImageError, match=rf"a\.{ending}: the image has 480 x 640 pixels, .*data\.max_pixels=307199"):
        read_picture(path, 10, 480 * 640 - 1)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "a.jpg").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # a hole, which takes no room
    with pytest.raises(ImageError, match=rf"a\.jpg: cannot be read: it has {MAX_BYTES + 1} bytes"):
        read_picture(tmp_path / "a.jpg")


def test_a_bomb_asks_for_no_memory(tmp_path):
    (tmp_path / "a.png").write_bytes(png_of_size(60_000, 60_000))
    with pytest.raises(ImageError, match="60000 x 60000"):
        read_picture(tmp_path / "a.png")


def with_faults(whole, rng):
    """The bytes of a file with a few changed, often in its header, some cut off and some added."""
    content = whole.copy()
    reach = len(content) if rng.random() < 0.5 else 64
    content[rng.integers(0, min(reach, len(content)), 4)] = rng.integers(0, 256, 4)
    content = content[: rng.integers(1, len(content))] if rng.random() < 0.3 else content
    return np.append(content, rng.integers(0, 256, 20, dtype=np.uint8)) if rng.random() < 0.2 else content


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "bmp", "gif", "avif", "jp2", "ppm"])
def test_whatever_is_in_a_file_it_is_a_picture_within_the_limit_or_an_error_with_its_name(tmp_path, page, ending):
    save(tmp_path / f"a.{ending}", page[:96, :64])
    whole, rng, limit = np.fromfile(tmp_path / f"a.{ending}", np.uint8), np.random.default_rng(0), 100_000
    sizes, errors = [], []
    for _ in range(60):
        try:
            sizes.append(read_picture(with_faults(whole, rng).tobytes(), 20, limit, name=tmp_path / "a").size)
        except ImageError as error:
            errors.append(str(error))
    assert len(errors) > 10
    assert all(error.startswith(f"{tmp_path / 'a'}: ") for error in errors)
    assert all(width * height <= limit for width, height in sizes)


def test_a_chunk_that_says_it_is_longer_than_the_file_takes_no_memory(tmp_path, page):
    """OpenCV alone took four gigabytes for these few bytes, and half a minute."""
    save(tmp_path / "a.png", page)
    whole = (tmp_path / "a.png").read_bytes()
    place = whole.index(b"IDAT") - 4
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImageError, match="it ends before the image does"):
        read_picture(whole[:place] + b"\x7f\xff\xff\xf0" + whole[place + 4 :], 10)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 100_000  # kB
