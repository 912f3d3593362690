"""What a conversion did: counts and lists, on the screen and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from ocr.formats.common.writing import write_json
from ocr.utils.printable import printable

TITLES = {
    "joined": "annotation files read together, into one split",
    "renamed": "renamed",
    "turned": "turned",
    "first_page_alone": "first page alone",
    "clipped": "clipped",
    "repaired": "repaired",
    "dropped": "dropped",
    "around_words": "ignored regions around words, left out",
    "left_out": "left out",
    "faults": "entries left out",
    "lost": "lost",
}
"""The lists of a report, and what they are called on the screen."""


@dataclass(slots=True)
class Report:
    """What a conversion did.

    Attributes:
        images: number of images written.
        words: number of words written.
        regions: those of the words that are not ignored.
        joined: annotation files that were read together; give one of them as ``input=`` where each is a split.
        renamed: images of one name in several folders, which got that of their folder before it.
        turned: images that were turned upright.
        first_page_alone: images of several pages or pictures, of which the first is used.
        clipped: words that reached out of their image and were cut at its border.
        repaired: words whose polygon crossed itself and became its largest simple part.
        dropped: words that have no area in the image, or none in the hundredths of a pixel that are written.
        around_words: ignored regions that words lie in; they are left out, as IoU would leave out what finds the words.
        left_out: images that are not in the result, with the reason.
        faults: entries of the annotation that could not be read and are not in the result, with the reason.
        lost: what the format that was written cannot hold; the native one holds all.
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
        """An image or an entry of the annotation is not in the result, which the exit status says."""
        return bool(self.left_out or self.faults)

    def write(self, path: Path) -> None:
        """Write everything as JSON; a name that is not UTF-8 with escapes."""
        content = {
            name: list(map(printable, value)) if isinstance(value, list) else value
            for name, value in asdict(self).items()
        }
        write_json(content, path)

    def lines(self, shown: int = 10) -> list[str]:
        """The counts, each with its first ``shown`` names."""
        lines = [f"{self.images} images with {self.words} words"]
        if not self.regions:
            lines.append("no word is to be found, so that a training refuses this split")
        for name, title in TITLES.items():
            entries: list[str] = getattr(self, name)
            if entries:
                lines.append(f"{title}: {len(entries)}")
                lines += [f"  {printable(entry)}" for entry in entries[:shown]]
                lines += [f"  ... and {len(entries) - shown} more"] if len(entries) > shown else []
        return lines
