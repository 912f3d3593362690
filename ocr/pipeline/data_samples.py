"""The samples of a split of a native data folder, one by one, and what its annotation says in numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocr.checks.folder import splits_of
from ocr.checks.result import spread
from ocr.formats.common.names import find
from ocr.formats.native import read_native
from ocr.images.decode import Picture, read_picture
from ocr.metrics.facts import facts_of_record
from ocr.report.errors import fitted
from ocr.report.overlay import draw_regions
from ocr.report.zoom import region_outlines, zoom_page
from ocr.types import InputError, Record, UInt8Array


@dataclass(frozen=True, slots=True)
class SplitSamples:
    """The annotated images of a split.

    Attributes:
        folder: of the images.
        records: by image name, in the order of the file.
        broken: a message for each entry that cannot be read.
    """

    folder: Path
    records: Mapping[str, Record]
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path, split: str) -> SplitSamples:
        """Read the annotation of a split; polygons may be any, as the data check says what is wrong with them.

        Raises:
            InputError: the file is missing or no annotation.
        """
        folder, broken = find(root, f"images/{split}"), list[str]()
        records = read_native(
            find(root, f"jsons/{split}.json"), strict=False, on_error=lambda error: broken.append(str(error))
        )
        return cls(folder, {record.image_path.as_posix(): record for record in records}, tuple(broken))

    def thumbnail(self, name: str, long_side: int) -> UInt8Array:
        """An image with its regions, uint8 RGB (H, W, 3), its longer side at most so many pixels.

        Raises:
            InputError: it cannot be read.
        """
        picture = self.picture(name, long_side)
        small_HWC = fitted(picture.image_HWC, long_side)
        scale = small_HWC.shape[1] / picture.size[0]
        regions = [replace(word, points_N2=word.points_N2 * scale) for word in self.records[name].words.values()]
        return draw_regions(small_HWC, regions)

    def page(self, name: str) -> str:
        """The page of an image with its regions (`ocr.report.zoom`).

        Raises:
            InputError: the image cannot be read.
        """
        picture = self.picture(name, math.inf)
        return zoom_page(name, picture.image_HWC, picture.size, region_outlines(self.records[name].words.values()))

    def picture(self, name: str, long_side: float) -> Picture:
        """An image, no smaller than asked for; links out of the folder are not followed."""
        return read_picture(find(self.folder, name), long_side, within=self.folder)


@dataclass(frozen=True, slots=True)
class SplitNumbers:
    """What the annotation of a split says, in numbers.

    Attributes:
        counts: of images, regions and texts, by what is counted.
        spreads: percentiles (`ocr.checks.result.spread`) by what was measured, lengths in pixels.
        characters: how often each stands in the texts of regions that are not ignored.
        labels: regions by the field that they are labelled as.
        fields: receipts that state a field, by the field.
    """

    counts: Mapping[str, int]
    spreads: Mapping[str, Mapping[str, float]]
    characters: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)


def numbers_of(samples: SplitSamples) -> SplitNumbers:
    """Count what an annotation says; no image is opened."""
    records = list(samples.records.values())
    words = [word for record in records for word in record.words.values()]
    facts = [facts_of_record(record) for record in records]
    sides = [word.points_N2.max(axis=0) - word.points_N2.min(axis=0) for word in words]
    return SplitNumbers(
        counts={
            "images": len(records),
            "regions": len(words),
            "ignored": sum(word.ignore for word in words),
            "with text": sum(word.readable for word in words),
            "labelled": sum(word.field is not None for word in words),
            "items": sum(len(each.items) for each in facts),
        },
        spreads={
            "image width": spread(record.width for record in records if record.width),
            "image height": spread(record.height for record in records if record.height),
            "regions an image": spread(len(record.words) for record in records),
            "region width": spread(side[0] for side in sides),
            "region height": spread(side[1] for side in sides),
            "characters a region": spread(len(word.text or "") for word in words if word.readable),
        },
        characters=Counter("".join(word.text or "" for word in words if word.readable)),
        labels=Counter(word.field for word in words if word.field),
        fields=Counter(name for each in facts for name in each.fields),
    )


def split_names(root: Path) -> list[str]:
    """The splits of a data folder that are annotated, sorted.

    Raises:
        InputError: there is no such folder, or nothing in it is annotated.
    """
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; give a data folder, with images/<split>/ and jsons/<split>.json")
    names = sorted(name for name in splits_of(root).values() if find(root, f"jsons/{name}.json").is_file())
    if not names:
        raise InputError(f"{root}: has no jsons/<split>.json; runners/convert.py makes one from other formats")
    return names
