"""Find and read the images to predict on; an image that fails is passed on with the reason instead of raising.

Does not import torch, which prediction with ONNX Runtime does not need.
"""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2

from ocr.data.geometry_transforms import FitLongSide, channels_first, from_original
from ocr.data.skipping import Broken
from ocr.formats.common.names import check_spelling, in_order
from ocr.images.decode import MAX_PIXELS, Picture, read_picture
from ocr.images.files import SortedFiles, counted
from ocr.types import InputError, Record, Sample

Item = TypeVar("Item")
AHEAD = 2
"""Number of images that each reading thread may be ahead of the network."""


def find_images(
    source: str, leave_out: Sequence[Path] = (), setting: str = "input", others: list[Path] | None = None
) -> dict[str, Path]:
    """Find the images of a file, a folder (searched recursively) or a glob, sorted.

    The content decides, not the name. Files that are named like images or may have been meant as one are included, such
    as a PDF, a pipe or a broken link: their reader reports that they cannot be read. So are folders that cannot be
    searched: those without permission, and links to folders elsewhere, which are not followed.

    Args:
        source: path or glob.
        leave_out: files and folders to exclude although ``source`` matches them: the output of an earlier call.
        setting: name of the setting that ``source`` comes from.
        others: receives the files of a folder or a glob that were not meant as images (`is_side_file`).

    Returns:
        Path of each image by name: its path relative to the folder that contains them all, with ``/``.

    Raises:
        InputError: no image was found, or two names differ only in spelling (`ocr.formats.common.names`).
    """
    path = Path(source)
    if path.is_dir():
        found = search(path)
    elif os.path.lexists(path):
        found = [path]
    else:
        found = matches(source)
    written = [place.parent.resolve() / place.name for place in leave_out]
    found = [file for file in found if not any((file.parent.resolve() / file.name).is_relative_to(w) for w in written)]
    if path.is_dir() or not os.path.lexists(path):
        files = SortedFiles.of(found)
        found = [*files.images, *files.meant]
        if others is not None:
            others += files.others
    if not found and not os.path.lexists(path) and not glob.has_magic(source):
        raise InputError(f"{setting}={source}: does not exist; give a file, a folder of files, or a quoted glob")
    if not found:
        beside = f", and {counted(files.others)}" if files.others else ""
        raise InputError(f"{setting}={source}: no image found{beside}; give an image, a folder of images, or a glob")
    common = path if path.is_dir() else common_folder(found)
    if any(".." in file.relative_to(common).parts for file in found):  # such a name would lead out of the output folder
        found = [file.parent.resolve() / file.name for file in found]
        common = common_folder(found)
    named = {file.relative_to(common).as_posix(): file for file in found}
    check_spelling(named, f"{setting}={source}")
    return {name: named[name] for name in sorted(named, key=in_order)}


def common_folder(files: Sequence[Path]) -> Path:
    """The deepest folder that contains all of the files."""
    return Path(os.path.commonpath([file.parent for file in files]))


def search(folder: Path) -> list[Path]:
    """The files in and below a folder, and the folders that cannot be searched."""
    found: list[Path] = []

    def unsearched(error: OSError) -> None:
        found.append(Path(error.filename))

    for place, folders, files in os.walk(folder, onerror=unsearched):
        found += [Path(place, name) for name in files]
        links = [Path(place, name) for name in folders if Path(place, name).is_symlink()]
        found += [link for link in links if not link.resolve().is_relative_to(folder.resolve())]
    return found


def matches(pattern: str) -> list[Path]:
    """The files that a glob matches, each once: links can lead to the same folder in endless ways."""
    found: dict[Path, Path] = {}
    for match in sorted(map(Path, glob.glob(pattern, recursive=True)), key=lambda path: (len(path.parts), path)):  # noqa: PTH207 - absolute patterns too
        if not match.is_dir():
            found.setdefault(match.parent.resolve() / match.name, match)
    return list(found.values())


def read_ahead(
    paths: Sequence[Path], read: Callable[[Path], Item | Broken], num_workers: int
) -> Iterator[Item | Broken]:
    """Read images in order.

    Args:
        paths: the files.
        read: reads one; `Broken` with the reason if that fails.
        num_workers: threads that read ahead, up to two images each; 0 reads each image when it is needed. Decoding and
            resizing release the GIL, so that threads are as fast as processes, and nothing is copied between them.
    """
    cv2.setNumThreads(1)  # the threads work on different images, not on the rows of one
    if not num_workers:
        yield from map(read, paths)
        return
    pool, waiting = ThreadPoolExecutor(num_workers), deque[Future[Item | Broken]]()
    try:
        for path in paths:
            waiting.append(pool.submit(read, path))
            if len(waiting) > AHEAD * num_workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def read_samples(
    paths: Sequence[Path], transform: FitLongSide, num_workers: int, max_pixels: int = MAX_PIXELS
) -> Iterator[Sample | Broken]:
    """Read the images in order, resized for the network; `Broken` with the reason for those that fail.

    Args:
        paths: the files.
        transform: the resize.
        num_workers: threads that read ahead, as for `read_ahead`.
        max_pixels: maximum number of pixels of an image.
    """
    return read_ahead(paths, partial(read_sample, transform=transform, max_pixels=max_pixels), num_workers)


def read_sample(path: Path, transform: FitLongSide, max_pixels: int = MAX_PIXELS) -> Sample | Broken:
    """Read one file as a sample; `Broken` with the reason if that fails."""
    try:
        return sample_of(read_picture(path, transform.long_side, max_pixels), transform, path)
    except Exception as error:  # OpenCV errors, MemoryError, ...: raised here, it would end the whole prediction
        return Broken.because(path, error)


def sample_of(picture: Picture, transform: FitLongSide, path: Path) -> Sample:
    """Resize a decoded image for the network."""
    image_HWC, matrix_33 = transform(picture.image_HWC)
    matrix_33 = from_original(matrix_33, picture.reduction)
    image_CHW, record = channels_first(image_HWC), Record(path, {})
    return Sample(image_CHW, matrix_33, picture.size, record, (), pages=picture.pages, cut=picture.cut)


def check_name(name: str) -> None:
    """Check that an image's name, under which its results are written, is valid text on one line.

    Raises:
        InputError: the name is not.
    """
    if any(ord(sign) < ord(" ") or 0xD800 <= ord(sign) < 0xE000 for sign in name):
        raise InputError(f"{name}: the name contains a control character or is not UTF-8; rename the file")
