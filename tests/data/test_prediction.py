"""Finding images; broken ones are handed on with their reason."""

import os
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from ocr.data.geometry_transforms import FitLongSide, Matrix
from ocr.data.skipping import Broken
from ocr.pipeline.inputs import AHEAD, check_name, find_images, read_samples
from ocr.types import InputError, Sample, UInt8Array


def test_images_are_named_by_their_place(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.PNG", "deep/c.jpeg", "notes.txt", "deep/er/b.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(find_images(str(tmp_path))) == ["a.PNG", "b.jpg", "deep/c.jpeg", "deep/er/b.jpg"]
    assert find_images(str(tmp_path / "notes.txt")) == {"notes.txt": tmp_path / "notes.txt"}
    assert list(find_images(f"{tmp_path}/**/*.jp*g")) == ["b.jpg", "deep/c.jpeg", "deep/er/b.jpg"]
    assert list(find_images(f"{tmp_path}/deep/*/*.jpg")) == ["b.jpg"]
    with pytest.raises(InputError, match="none: does not exist"):
        find_images(str(tmp_path / "none"))
    with pytest.raises(InputError, match="no image found"):
        find_images(str(tmp_path / "none" / "*.jpg"))


@pytest.mark.parametrize("workers", [0, 2])
def test_broken_images_come_with_their_reason(tiny_data: Path, tmp_path: Path, workers: int) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"x")
    good = next((tiny_data / "images" / "val").iterdir())
    paths = [good, tmp_path / "broken.jpg", good]
    first, broken, last = read_samples(paths, FitLongSide(long_side=160), workers)
    for sample in (first, last):
        assert isinstance(sample, Sample)
        assert sample.image_CHW.shape == (3, 160, 128)
        assert (sample.original_size, sample.record.image_path) == ((200, 300), good)
        np.testing.assert_allclose(sample.matrix_33, np.diag([107 / 200, 160 / 300, 1.0]))
    assert isinstance(broken, Broken)
    assert broken.path == tmp_path / "broken.jpg"
    assert "is not an image" in broken.message


@pytest.mark.parametrize("source", ["photos", "photos/**", "photos/found/../**/*.jpg"])
def test_what_an_earlier_call_wrote_is_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "found/mine.jpg", "found/overlays/a.jpg", "found/overlays/deep/b.jpg", "found/found.json"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).touch()
    written = (tmp_path / "photos/found/overlays", Path("photos/found/found.json"))
    assert sorted(path.name for path in find_images(source, written).values()) == ["a.jpg", "mine.jpg"]
    with pytest.raises(InputError, match="no image found"):
        find_images("photos/found/overlays", written)


class FailsOnTall(FitLongSide):
    """Runs out of memory on tall images."""

    def __call__(self, image_HWC: UInt8Array) -> tuple[UInt8Array, Matrix]:
        if image_HWC.shape[0] > image_HWC.shape[1]:
            raise MemoryError("no room")
        return super().__call__(image_HWC)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_cannot_be_resized_costs_no_other(tiny_data: Path, tmp_path: Path, workers: int) -> None:
    tall = next((tiny_data / "images" / "val").iterdir())
    wide = tmp_path / "wide.png"
    cv2.imwrite(str(wide), np.zeros((20, 50, 3), np.uint8))
    failed, sample = read_samples([tall, wide], FailsOnTall(long_side=160), workers)
    assert failed == Broken(tall, f"{tall}: MemoryError: no room")
    assert isinstance(sample, Sample)


class Counts(FitLongSide):
    """Counts the images that were read."""

    seen: ClassVar[list[int]] = []

    def __call__(self, image_HWC: UInt8Array) -> tuple[UInt8Array, Matrix]:
        self.seen.append(1)
        return super().__call__(image_HWC)


def test_threads_keep_the_order_and_read_no_more_than_is_soon_needed(tiny_data: Path) -> None:
    files = sorted((tiny_data / "images").rglob("*.png"))
    paths = [files[number % len(files)] for number in range(40)]
    samples = read_samples(paths, Counts(long_side=64), 2)
    for number, sample in enumerate(samples, start=1):
        assert isinstance(sample, Sample)
        assert sample.record.image_path == paths[number - 1]
        assert len(Counts.seen) <= number + 2 * AHEAD
        if number == 20:
            break
    samples.close()
    assert len(Counts.seen) < 40


def test_a_reason_names_the_file_once() -> None:
    named = InputError("a/b.jpg: cannot be read: it is a pipe; remove it")
    assert Broken.because(Path("a/b.jpg"), named).message == str(named)
    assert Broken.because(Path("a/b.jpg"), ValueError("not a number")).message == "a/b.jpg: ValueError: not a number"


def test_what_is_no_file_is_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    (tmp_path / "gone.jpg").symlink_to("nowhere")
    (tmp_path / "folder.jpg").mkdir()
    found = find_images(str(tmp_path))
    assert list(found) == ["device.jpg", "gone.jpg", "loop.jpg", "pipe.png"]
    device, gone, loop, pipe = read_samples(list(found.values()), FitLongSide(), 2)
    for broken, reason in (
        (device, "it is a device"),
        (gone, "No such file"),
        (loop, "Too many"),
        (pipe, "it is a pipe"),
    ):
        assert isinstance(broken, Broken)
        assert f"{broken.path}: cannot be read: {reason}" in broken.message
    assert find_images(str(tmp_path / "pipe.png")) == {"pipe.png": tmp_path / "pipe.png"}


def test_links_to_folders_are_named_where_they_lead_elsewhere(tmp_path: Path) -> None:
    for name in ("photos/deep/a.jpg", "elsewhere/b.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "photos" / "here").symlink_to("deep")
    (tmp_path / "photos" / "round").symlink_to(".")
    assert list(find_images(f"{tmp_path}/photos")) == ["deep/a.jpg"]
    assert list(find_images(f"{tmp_path}/photos/**/*.jpg")) == ["a.jpg"]
    (tmp_path / "photos" / "there").symlink_to("../elsewhere")
    found = find_images(f"{tmp_path}/photos")
    assert list(found) == ["deep/a.jpg", "there"]
    *_, link = read_samples(list(found.values()), FitLongSide(), 0)
    assert isinstance(link, Broken)
    assert "there: cannot be read: it is a folder" in link.message


def test_no_name_leads_out_of_where_it_is_written_to(tmp_path: Path) -> None:
    for name in ("a/x.jpg", "b/y.jpg", "z.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list(find_images(f"{tmp_path}/*/../z.jpg")) == ["z.jpg"]
    assert list(find_images(f"{tmp_path}/[ab]/../[ab]/*.jpg")) == ["a/x.jpg", "b/y.jpg"]


@pytest.mark.parametrize("name", ["line\nbreak.jpg", "\x1b[2J.jpg", "not-\udcff-utf8.jpg"])
def test_a_name_that_is_no_line_of_text_is_refused(name: str) -> None:
    check_name("영수증 a,'b'.jpg")
    with pytest.raises(InputError, match="rename the file"):
        check_name(name)


def test_an_image_of_too_many_pixels_is_left_out(tiny_data: Path) -> None:
    path = next((tiny_data / "images" / "val").iterdir())
    (broken,) = read_samples([path], FitLongSide(), 0, 59_999)
    assert isinstance(broken, Broken)
    assert "the image has 200 x 300 pixels, more than data.max_pixels=59999" in broken.message
