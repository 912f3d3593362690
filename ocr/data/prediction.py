"""Images to predict on: found by path, folder or glob; one that fails is handed on with its reason, not fatal."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from torch.utils.data import DataLoader, Dataset

from ocr.data.collate import collate
from ocr.data.dataset import make_sample
from ocr.data.decode import read_image
from ocr.data.geometry_transforms import FitLongSide
from ocr.data.shared_memory import bytes_per_pixel, check_shared_memory, fitted_pixels, loader_need
from ocr.data.workers import end_with_parent
from ocr.formats.base import IMAGE_ENDINGS
from ocr.types import Batch, InputError, Record, Sample


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


def find_images(source: str, leave_out: Sequence[Path] = ()) -> dict[str, Path]:
    """The images that a file, a folder (searched below) or a glob names, sorted.

    Args:
        source: path or glob.
        leave_out: files and folders that are no input, though ``source`` names them: what an earlier call wrote there.

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
        raise InputError(f"input={source}: no image found; give a file, a folder with {endings} files, or a glob")
    common = path if path.is_dir() else Path(os.path.commonpath([file.parent for file in found]))
    return {file.relative_to(common).as_posix(): file for file in sorted(found)}


class PredictionDataset(Dataset[Sample | Broken]):
    """Images without annotation.

    Args:
        paths: the files.
        transform: the resize.
    """

    def __init__(self, paths: Sequence[Path], transform: FitLongSide) -> None:
        self.paths = paths
        self.transform = transform

    def __len__(self) -> int:
        """Number of files."""
        return len(self.paths)

    def __getitem__(self, index: int) -> Sample | Broken:
        """The sample of one file, or why there is none."""
        path = self.paths[index]
        try:
            original_HWC = read_image(path)
            image_HWC, matrix_33 = self.transform(original_HWC)
        except Exception as error:  # OpenCV's own, MemoryError, ...: raised here, it would end the whole loader
            return Broken.because(path, error)
        size = (original_HWC.shape[1], original_HWC.shape[0])
        return make_sample(Record(path, {}), image_HWC, matrix_33, size, (), None)


def prediction_loader(
    paths: Sequence[Path], transform: FitLongSide, num_workers: int
) -> DataLoader[tuple[Batch, list[Broken]]]:
    """One image at a time, in order: a batch of it, or an empty batch and the reason.

    Raises:
        InputError: there is too little shared memory for the workers.
    """
    largest = fitted_pixels(None, None, transform) * bytes_per_pixel(None)
    check_shared_memory({"images": loader_need(num_workers, largest)}, num_workers=num_workers, setting="num_workers")
    cv2.setNumThreads(1)  # as in the data module: OpenCV's thread pool hangs in a forked worker
    dataset = PredictionDataset(paths, transform)
    loader: DataLoader[Any] = DataLoader(
        dataset, batch_size=1, num_workers=num_workers, collate_fn=split_broken, worker_init_fn=end_with_parent
    )
    return loader


def split_broken(samples: Sequence[Sample | Broken]) -> tuple[Batch, list[Broken]]:
    """What can be predicted on as a batch, and the rest."""
    whole = [sample for sample in samples if isinstance(sample, Sample)]
    return collate(whole), [sample for sample in samples if isinstance(sample, Broken)]
