"""Images to predict on: found by path, folder or glob; one that fails is handed on with its reason, not fatal.

Knows no torch: a prediction with ONNX Runtime starts without.
"""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2

from ocr.data.decode import read_picture
from ocr.data.geometry_transforms import FitLongSide, channels_first, from_original
from ocr.formats.base import IMAGE_ENDINGS
from ocr.types import InputError, Record, Sample

AHEAD = 2
"""Images that each reading thread is ahead of the network."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An image that there are no detections of.

    Attributes:
        path: the file.
        message: what went wrong with it; names the file.
    """

    path: Path
    message: str

    @classmethod
    def because(cls, path: Path, error: Exception) -> Broken:
        """An image on which something was raised."""
        message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        return cls(path, message if str(path) in message else f"{path}: {message}")


def find_images(source: str, leave_out: Sequence[Path] = (), setting: str = "input") -> dict[str, Path]:
    """The images that a file, a folder (searched below) or a glob names, sorted.

    Args:
        source: path or glob.
        leave_out: files and folders that are no input, though ``source`` names them: what an earlier call wrote there.
        setting: name of the setting that ``source`` comes from.

    Returns:
        Path of each image by its name: its path relative to the folder that holds them all, with ``/``.

    Raises:
        InputError: there is none.
    """
    path = Path(source)
    if path.is_dir():
        found = [file for file in path.rglob("*") if file.suffix.lower() in IMAGE_ENDINGS and file.is_file()]
    elif path.is_file():
        found = [path]
    else:
        found = [Path(match) for match in glob.glob(source, recursive=True) if Path(match).is_file()]  # noqa: PTH207 - absolute patterns too
    written = [place.resolve() for place in leave_out]
    found = [file for file in found if not any((file.parent.resolve() / file.name).is_relative_to(w) for w in written)]
    if not found:
        endings = " ".join(sorted(IMAGE_ENDINGS))
        raise InputError(f"{setting}={source}: no image found; give a file, a folder with {endings} files, or a glob")
    common = path if path.is_dir() else Path(os.path.commonpath([file.parent for file in found]))
    return {file.relative_to(common).as_posix(): file for file in sorted(found)}


def read_samples(paths: Sequence[Path], transform: FitLongSide, num_workers: int) -> Iterator[Sample | Broken]:
    """The images in order, resized for the network, or why one is not there.

    Args:
        paths: the files.
        transform: the resize.
        num_workers: threads that read ahead, each up to two images; 0 reads when the image is asked for. Decoding and
            resizing leave Python alone, so that threads do what processes would, and nothing is copied between them.
    """
    cv2.setNumThreads(1)  # the images are spread over threads, not the rows of one image
    if not num_workers:
        yield from (read_sample(path, transform) for path in paths)
        return
    pool, waiting = ThreadPoolExecutor(num_workers), deque[Future[Sample | Broken]]()
    try:
        for path in paths:
            waiting.append(pool.submit(read_sample, path, transform))
            if len(waiting) > AHEAD * num_workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def read_sample(path: Path, transform: FitLongSide) -> Sample | Broken:
    """The sample of one file, or why there is none."""
    try:
        picture = read_picture(path, transform.long_side)
        image_HWC, matrix_33 = transform(picture.image_HWC)
    except Exception as error:  # OpenCV's own, MemoryError, ...: raised here, it would end the whole prediction
        return Broken.because(path, error)
    matrix_33 = from_original(matrix_33, picture.reduction)
    return Sample(channels_first(image_HWC), matrix_33, picture.size, Record(path, {}), ())
