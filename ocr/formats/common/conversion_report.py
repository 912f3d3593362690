"""The report of a conversion: counts and lists, on the screen and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from ocr.formats.common.writing import write_json
from ocr.utils.printable import printable

TITLES = {
    "joined": "annotation files read together, into one split",
    "renamed": "renamed",
    "turned": "turned",
    "first_page_alone": "only the first page read",
    "clipped": "clipped",
    "repaired": "repaired",
    "dropped": "dropped",
    "around_words": "ignored regions around words, left out",
    "left_out": "left out",
    "faults": "entries left out",
    "lost": "lost",
}
"""The lists of a report, and their titles on the screen."""


@dataclass(slots=True)
class Report:
    """The report of a conversion.

    Attributes:
        images: number of images written.
        words: number of words written.
        regions: number of words that are not ignored.
        joined: annotation files that were read together; give one of them as ``input=`` if each is a split.
        renamed: images of the same name in several folders, which got their folder's name as a prefix.
        turned: images that were turned upright.
        first_page_alone: images of several pages or pictures, of which the first is used.
        clipped: words that left their image and were clipped at its border.
        repaired: words whose polygon crossed itself and was replaced by its largest simple part.
        dropped: words without area in the image, or in the hundredths of a pixel that are written.
        around_words: ignored regions around words; left out, as IoU would ignore detections of the words.
        left_out: images that are not in the result, with the reason.
        faults: entries of the annotation that could not be read and are not in the result, with the reason.
        lost: what the written format cannot hold; the native format holds everything.
    """

    images: int = 0
    words: int = 0
    regions: int = 0
    joined: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    first_page_alone: list[str] = field(default_factory=list)
    clipped: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    around_words: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def incomplete(self) -> bool:
        """Whether an image or an annotation entry is missing in the result; decides the exit status."""
        return bool(self.left_out or self.faults)

    def write(self, path: Path) -> None:
        """Write everything as JSON; names that are not UTF-8 are escaped."""
        content = {
            name: list(map(printable, value)) if isinstance(value, list) else value
            for name, value in asdict(self).items()
        }
        write_json(content, path)

    def lines(self, shown: int = 10) -> list[str]:
        """The counts, each with its first ``shown`` names."""
        lines = [f"{self.images} images with {self.words} words"]
        if not self.regions:
            lines.append("all words are ignored or missing, so training refuses this split")
        for name, title in TITLES.items():
            entries: list[str] = getattr(self, name)
            if entries:
                lines.append(f"{title}: {len(entries)}")
                lines += [f"  {printable(entry)}" for entry in entries[:shown]]
                lines += [f"  ... and {len(entries) - shown} more"] if len(entries) > shown else []
        return lines
