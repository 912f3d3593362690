"""What a split has to be learnt from or measured by, counted while its records are read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocr.geometry import swallowed
from ocr.types import InputError, Record


@dataclass(slots=True)
class TruthCounts:
    """Numbers over a split's records, whose words are the regions.

    Attributes:
        images: records.
        regions: what is to be found.
        ignored: what is neither to be found nor wrong when found.
        swallowed: regions that lie in ignored ones, where nothing is learnt and IoU finds nothing.
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
        """Stop where there is nothing to find, for whatever is learnt or measured then means nothing; log what is odd.

        Raises:
            InputError: there is no text, or all of it is ignored.
        """
        if not self.images:
            raise InputError(f"{root}/jsons/{split}.json: holds no image; add some or choose another split")
        if not self.regions:
            raise InputError(
                f"data.root={root}: split {split!r} has no text to find: {self.images} images with 0 regions, beside "
                f"{self.ignored} that are ignored; annotate text, set ignore to false where it is to be found, or "
                "choose another split (runners/check.py says what became of the words)"
            )
        if self.swallowed:
            logging.getLogger(__name__).warning(
                "data.root=%s: %d of %d regions of split %r lie in ignored regions: nothing is learnt of them, and IoU "
                "leaves out what finds them; runners/check.py names them",
                root,
                self.swallowed,
                self.regions,
                split,
            )
