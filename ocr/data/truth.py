"""Count a split's images and regions while its records are read, and refuse a split without text."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocr.geometry import swallowed
from ocr.types import InputError, Record


@dataclass(slots=True)
class TruthCounts:
    """Counts over a split's records, whose words are the regions.

    Attributes:
        images: number of records.
        regions: number of regions that are not ignored.
        ignored: number of ignored regions.
        swallowed: number of regions inside ignored ones, where nothing is learnt and IoU counts nothing.
    """

    images: int = 0
    regions: int = 0
    ignored: int = 0
    swallowed: int = 0

    def counted(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records, counted as they pass."""
        for record in records:
            regions = list(record.words.values())
            ignored = sum(region.ignore for region in regions)
            self.images += 1
            self.ignored += ignored
            self.regions += len(regions) - ignored
            self.swallowed += len({region for region, _ in swallowed(regions)})
            yield record

    def check(self, root: str, split: str) -> None:
        """Refuse a split without text, for which training and scores are meaningless; warn of swallowed regions.

        Raises:
            InputError: there is no text, or all of it is ignored.
        """
        if not self.images:
            raise InputError(f"{root}/jsons/{split}.json: holds no image; add some or choose another split")
        if not self.regions:
            raise InputError(
                f"data.root={root}: split {split!r} has no text to find: {self.images} images with 0 regions, beside "
                f"{self.ignored} that are ignored; annotate text, set ignore to false for text to be found, or "
                "choose another split (runners/check.py reports the flaws of the words)"
            )
        if self.swallowed:
            logging.getLogger(__name__).warning(
                "data.root=%s: %d of %d regions of split %r lie in ignored regions: training skips them, and IoU "
                "ignores detections of them; runners/check.py names them",
                root,
                self.swallowed,
                self.regions,
                split,
            )
