"""Datasets that make samples of records, and the collation of samples to batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
import torch
from torch.utils.data import Dataset

from ocr.data.geometry_transforms import FitLongSide, Matrix, RandomCrop, channels_first, from_original
from ocr.data.photometric import Photometric
from ocr.data.sampler import SampleKey
from ocr.data.skipping import Broken, first_readable
from ocr.data.source import Source, StoredReceipts
from ocr.geometry import transform_points
from ocr.images.decode import MAX_PIXELS, Picture, read_picture
from ocr.images.header import ImageError
from ocr.types import Batch, FloatArray, Record, Sample, UInt8Array, Word

TargetBuilder = Callable[[Sequence[FloatArray], Sequence[bool], int, int], dict[str, FloatArray]]
"""(polygons in the input's frame, ignored or not, height, width) -> training maps by name."""


def centres_of(regions: Sequence[Word]) -> FloatArray:
    """float32 (N, 2) mean points of the regions that are not ignored."""
    counted = [region.points_N2 for region in regions if not region.ignore]
    if not counted:
        return np.empty((0, 2), np.float32)
    counts = np.array([len(points) for points in counted])
    sums_N2 = np.add.reduceat(np.concatenate(counted), np.cumsum(counts) - counts)
    centres_N2: FloatArray = (sums_N2 / counts[:, None]).astype(np.float32)
    return centres_N2


def mapped_polygons(regions: Sequence[Word], matrix_33: Matrix) -> list[FloatArray]:
    """The regions' polygons mapped through a homography, all at once."""
    if not regions:
        return []
    points = transform_points(np.concatenate([region.points_N2 for region in regions]), matrix_33)
    ends = np.cumsum([len(region.points_N2) for region in regions]).tolist()
    return [points[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def read_annotated(encoded: bytes, record: Record, long_side: float, max_pixels: int) -> Picture:
    """Decode a record's image, and check that its size is the annotated one.

    Raises:
        ImageError: it cannot be decoded, or the annotation states another size than the upright image has.
    """
    picture = read_picture(encoded, long_side, max_pixels, name=record.image_path)
    width, height = picture.size
    stated = (record.width or width, record.height or height)
    if stated != (width, height):
        raise ImageError(
            f"{record.image_path}: the image is {width} x {height}, the annotation says {stated[0]} x {stated[1]}; "
            "if the two are swapped and EXIF turns the image, run runners/convert.py format=native frame=raw; else "
            "correct img_w and img_h or put the annotated image there"
        )
    return picture


def make_sample(
    record: Record,
    picture: Picture,
    image_HWC: UInt8Array,
    matrix_33: Matrix,
    targets: TargetBuilder | None,
    skipped: tuple[str, ...] = (),
) -> Sample:
    """Build a sample from the network's input, its regions and its training maps; ``matrix_33`` is picture -> input."""
    matrix_33 = from_original(matrix_33, picture.reduction)
    regions = tuple(record.words.values())
    maps: dict[str, FloatArray] = {}
    if targets is not None:
        ignore = [region.ignore for region in regions]
        maps = targets(mapped_polygons(regions, matrix_33), ignore, *image_HWC.shape[:2])
    image_CHW, pages = channels_first(image_HWC), picture.pages
    return Sample(image_CHW, matrix_33, picture.size, record, regions, maps, skipped, pages)


@dataclass(eq=False)
class TrainDataset(Dataset[Sample]):
    """Augmented samples; each is a pure function of (seed, epoch, index).

    So is the replacement of an image that cannot be read: it does not depend on the process or the time.

    Attributes:
        source: the receipts to train on.
        targets: builds the training maps.
        crop: random geometry.
        photometric: random appearance.
        seed: seed of the augmentation.
        max_pixels: limit of an image's pixels.
        max_skipped: number of images that may fail for one sample; ``None``: the first failure is raised.
    """

    source: Source
    _: KW_ONLY
    targets: TargetBuilder
    crop: RandomCrop
    photometric: Photometric
    seed: int
    max_pixels: int = MAX_PIXELS
    max_skipped: int | None = None

    def __len__(self) -> int:
        """Receipts per epoch."""
        return len(self.source)

    def __getitem__(self, key: SampleKey) -> Sample:
        """The sample of one receipt in one epoch.

        Raises:
            ImageError: it cannot be read, and may not be replaced.
            InputError: more than ``max_skipped`` images cannot be read, or none can.
        """
        epoch, index = key
        rng = np.random.default_rng([self.seed, epoch, index])
        (record, picture), skipped = first_readable(
            lambda number: self._read(epoch, number), index, len(self), rng, self.max_skipped
        )
        centres_N2 = centres_of(tuple(record.words.values())) / np.float32(picture.reduction)
        image_HWC, matrix_33 = self.crop(picture.image_HWC, centres_N2, rng)
        image_HWC = self.photometric(image_HWC, rng)
        return make_sample(record, picture, image_HWC, matrix_33, self.targets, skipped)

    def _read(self, epoch: int, index: int) -> tuple[Record, Picture]:
        encoded, record = self.source(epoch, index)
        return record, read_annotated(encoded, record, self.crop.long_side_range[1], self.max_pixels)


@dataclass(eq=False)
class EvaluationDataset(Dataset[Sample | Broken | None]):
    """Whole images without augmentation; ``None`` for a key of ``None``.

    Attributes:
        source: the receipts to evaluate on.
        transform: the resize.
        targets: builds the maps for the validation loss; ``None`` omits them.
        max_pixels: limit of an image's pixels.
        skip: return `Broken` for an image that cannot be read, instead of raising an error.
    """

    source: StoredReceipts
    _: KW_ONLY
    transform: FitLongSide
    targets: TargetBuilder | None = None
    max_pixels: int = MAX_PIXELS
    skip: bool = False

    def __len__(self) -> int:
        """Number of receipts."""
        return len(self.source)

    def __getitem__(self, key: SampleKey | None) -> Sample | Broken | None:
        """The sample of one record.

        Raises:
            ImageError: the image cannot be read, and may not be skipped.
        """
        if key is None:
            return None
        record = self.source.records[key[1]]
        try:
            encoded = self.source.read(key[1], record.image_path)
            picture = read_annotated(encoded, record, self.transform.long_side, self.max_pixels)
        except ImageError as error:
            if not self.skip:
                raise
            return Broken.because(record.image_path, error)
        image_HWC, matrix_33 = self.transform(picture.image_HWC)
        return make_sample(record, picture, image_HWC, matrix_33, self.targets)


def collate(samples: Sequence[Sample | Broken | None]) -> Batch:
    """Stack samples, zero-padded on the right and at the bottom to the largest; `Broken` and ``None`` are left out.

    Padding is outside every mask, so it does not affect the loss. ``skipped`` lists the reasons for broken images.

    The memory is NumPy's: torch allocates aligned blocks, and glibc up to version 2.37 does not reuse the holes that
    they leave. A loader's worker grew by tens of megabytes for that reason, at any time in a run.
    """
    present = [sample for sample in samples if isinstance(sample, Sample)]
    broken = tuple(sample.message for sample in samples if isinstance(sample, Broken))
    height = max((sample.image_CHW.shape[1] for sample in present), default=0)
    width = max((sample.image_CHW.shape[2] for sample in present), default=0)
    images_BCHW = np.zeros((len(present), 3, height, width), np.uint8)
    names = present[0].targets.keys() if present else ()
    targets = {name: np.zeros((len(present), height, width), np.float32) for name in names}
    for row, sample in enumerate(present):
        _, rows, columns = sample.image_CHW.shape
        images_BCHW[row, :, :rows, :columns] = sample.image_CHW
        for name, map_HW in sample.targets.items():
            targets[name][row, :rows, :columns] = map_HW
    return Batch(
        images_BCHW=torch.from_numpy(images_BCHW),
        matrices_B33=np.array([sample.matrix_33 for sample in present]).reshape(-1, 3, 3),
        original_sizes=tuple(sample.original_size for sample in present),
        paths=tuple(sample.record.image_path for sample in present),
        regions=tuple(sample.regions for sample in present),
        targets={name: torch.from_numpy(map_BHW) for name, map_BHW in targets.items()},
        pages=tuple(sample.pages for sample in present),
        skipped=broken + tuple(reason for sample in present for reason in sample.skipped),
    )
