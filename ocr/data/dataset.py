"""Record to sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from torch.utils.data import Dataset

from ocr.data.decode import ImageError, Picture, read_picture
from ocr.data.geometry_transforms import FitLongSide, Matrix, RandomCrop, from_original
from ocr.data.photometric import Photometric
from ocr.data.regions import Granularity, regions_of
from ocr.data.sampler import SampleKey
from ocr.geometry import transform_points
from ocr.types import FloatArray, Record, Sample, UInt8Array, Word

TargetBuilder = Callable[[Sequence[FloatArray], Sequence[bool], int, int], dict[str, FloatArray]]
"""(polygons in the input's frame, ignored or not, height, width) -> training maps by name."""


def centres_of(regions: Sequence[Word]) -> FloatArray:
    """float32 (N, 2) mean points of the regions that count."""
    centres = [region.points_N2.mean(axis=0) for region in regions if not region.ignore]
    return np.asarray(centres, dtype=np.float32).reshape(-1, 2)


def check_size(record: Record, picture: Picture) -> None:
    """Stop where the image is not the one that was annotated.

    Raises:
        ImageError: the annotation states another size than the upright image has.
    """
    width, height = picture.size
    stated = (record.width or width, record.height or height)
    if stated != (width, height):
        raise ImageError(
            f"{record.image_path}: the image is {width} x {height}, the annotation says {stated[0]} x {stated[1]}; "
            "if the two are swapped the EXIF orientation was not applied when annotating: run runners/convert.py "
            "format=native frame=raw"
        )


def make_sample(
    record: Record,
    image_HWC: UInt8Array,
    matrix_33: Matrix,
    original_size: tuple[int, int],
    regions: tuple[Word, ...],
    targets: TargetBuilder | None,
) -> Sample:
    """Put a transformed image, its regions and its training maps together."""
    maps: dict[str, FloatArray] = {}
    if targets is not None:
        polygons = [transform_points(region.points_N2, matrix_33) for region in regions]
        maps = targets(polygons, [region.ignore for region in regions], *image_HWC.shape[:2])
    image_CHW = np.ascontiguousarray(image_HWC.transpose(2, 0, 1))
    return Sample(image_CHW, matrix_33, original_size, record, regions, maps)


class TrainDataset(Dataset[Sample]):
    """Augmented samples; each is a pure function of (seed, epoch, index).

    Args:
        records: what to learn from.
        targets: builds the training maps.
        crop: random geometry.
        photometric: random appearance.
        granularity: what one region is.
        seed: base of the augmentation's randomness.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        targets: TargetBuilder,
        crop: RandomCrop,
        photometric: Photometric,
        granularity: Granularity,
        seed: int,
    ) -> None:
        self.records = records
        self.targets = targets
        self.crop = crop
        self.photometric = photometric
        self.granularity: Granularity = granularity
        self.seed = seed

    def __len__(self) -> int:
        """Number of records."""
        return len(self.records)

    def __getitem__(self, key: SampleKey) -> Sample:
        """The sample of one record in one epoch."""
        epoch, index = key
        record = self.records[index]
        rng = np.random.default_rng([self.seed, epoch, index])
        picture = read_picture(record.image_path, self.crop.long_side_range[1])
        check_size(record, picture)
        regions = regions_of(record, self.granularity)
        centres_N2 = centres_of(regions) / np.float32(picture.reduction)
        image_HWC, matrix_33 = self.crop(picture.image_HWC, centres_N2, rng)
        image_HWC = self.photometric(image_HWC, rng)
        matrix_33 = from_original(matrix_33, picture.reduction)
        return make_sample(record, image_HWC, matrix_33, picture.size, regions, self.targets)


class EvaluationDataset(Dataset[Sample | None]):
    """Whole images as they are; ``None`` for a key of ``None``.

    Args:
        records: what to evaluate on, or to predict (then without words).
        transform: the resize.
        granularity: what one region is.
        targets: builds the maps for the validation loss; ``None`` leaves them out.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        transform: FitLongSide,
        granularity: Granularity = "word",
        targets: TargetBuilder | None = None,
    ) -> None:
        self.records = records
        self.transform = transform
        self.granularity: Granularity = granularity
        self.targets = targets

    def __len__(self) -> int:
        """Number of records."""
        return len(self.records)

    def __getitem__(self, key: SampleKey | None) -> Sample | None:
        """The sample of one record."""
        if key is None:
            return None
        record = self.records[key[1]]
        picture = read_picture(record.image_path, self.transform.long_side)
        check_size(record, picture)
        image_HWC, matrix_33 = self.transform(picture.image_HWC)
        regions = regions_of(record, self.granularity)
        matrix_33 = from_original(matrix_33, picture.reduction)
        return make_sample(record, image_HWC, matrix_33, picture.size, regions, self.targets)
