"""All eight EXIF orientations."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps, JpegImagePlugin

from encoded_images import exif
from ocr.formats.common.base import AnnotationError
from ocr.formats.common.cleaning import write_upright
from ocr.geometry import transform_points
from ocr.images.orientation import upright_matrix

WIDTH, HEIGHT = 48, 32
MARK = (8, 4, 16, 12)
"""Left, top, right, bottom of a bright square in the stored image."""


def stored(path: Path, orientation: int | None, **options: object) -> Path:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    left, top, right, bottom = MARK
    pixels[top:bottom, left:right] = 255
    stated = Image.Exif() if orientation is None else exif(orientation)
    Image.fromarray(pixels).save(path, exif=stated, **options)
    return path


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_mark_is_where_the_matrix_says(tmp_path: Path, orientation: int, ending: str) -> None:
    source = stored(tmp_path / f"stored{ending}", orientation)
    target = tmp_path / f"upright{ending}"
    header = write_upright(source, target)
    assert (header.orientation, header.width, header.height) == (orientation, WIDTH, HEIGHT)

    image = cv2.imread(str(target), cv2.IMREAD_GRAYSCALE)
    assert image.shape == ((HEIGHT, WIDTH) if orientation <= 4 else (WIDTH, HEIGHT))
    left, top, right, bottom = MARK
    corners = transform_points([[left, top], [right, bottom]], upright_matrix(orientation, WIDTH, HEIGHT))
    (x1, y1), (x2, y2) = np.sort(corners, axis=0).astype(int)
    assert image[y1:y2, x1:x2].min() > 200
    image[y1:y2, x1:x2] = 0
    assert image.max() < 60
    with Image.open(target) as written:
        assert written.getexif().get(ExifTags.Base.Orientation, 1) == 1
    # A viewer that applies EXIF shows the stored file just so.
    if ending != ".tif":  # OpenCV 5.0 cannot read a TIFF that lies on its side
        viewer = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
        assert viewer.shape == image.shape


@pytest.mark.parametrize("orientation", [None, 1, 0, 9])
def test_what_stands_upright_is_copied_byte_for_byte(tmp_path: Path, orientation: int | None) -> None:
    source = stored(tmp_path / "a.jpg", orientation, quality=30)
    write_upright(source, tmp_path / "b.jpg")
    assert (tmp_path / "b.jpg").read_bytes() == source.read_bytes()


def test_a_phone_s_picture_of_several_is_turned_as_a_jpeg(tmp_path: Path) -> None:
    """Pillow calls it MPO and would save it at quality 75 with half the colours' resolution."""
    second = Image.fromarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    source = stored(tmp_path / "a.jpg", 6, format="MPO", save_all=True, append_images=[second])
    write_upright(source, tmp_path / "b.jpg")
    stored(tmp_path / "expected.jpg", None, quality=95, subsampling=0)
    with Image.open(source) as before, Image.open(tmp_path / "b.jpg") as after:
        assert (before.format, after.format) == ("MPO", "JPEG")
        with Image.open(tmp_path / "expected.jpg") as expected:
            assert after.quantization == expected.quantization
        assert JpegImagePlugin.get_sampling(after) == 0
        assert after.getpixel((HEIGHT - 8, 12)) == pytest.approx((255, 255, 255), abs=8)


@pytest.mark.parametrize(
    ("ending", "options"), [(".png", {}), (".webp", {"quality": 60}), (".tif", {"compression": "jpeg"})]
)
def test_what_is_no_jpeg_is_turned_without_loss(tmp_path: Path, ending: str, options: dict[str, object]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    source, target = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    Image.fromarray(noise).save(source, exif=exif(6), **options)
    write_upright(source, target)
    with Image.open(source) as before, Image.open(target) as after:
        np.testing.assert_array_equal(np.asarray(after), np.asarray(ImageOps.exif_transpose(before)))


@pytest.mark.parametrize("damage", ["empty", "cut", "text"])
def test_a_damaged_image_leaves_nothing(tmp_path: Path, damage: str) -> None:
    source = stored(tmp_path / "a.jpg", None)
    whole = source.read_bytes()
    source.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"no image"}[damage])
    with pytest.raises(AnnotationError, match=r"a\.jpg: cannot be converted"):
        write_upright(source, tmp_path / "b.jpg")
    assert not (tmp_path / "b.jpg").exists()
