"""A flaw that was found, and what came of the files, images and words that were checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ocr.checks.catalogue import ABOUT
from ocr.checks.kinds import About, Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw.

    Attributes:
        kind: what it is.
        split: where.
        image: name of the image in its split, ``None`` where it is the annotation file's.
        word: key of the word, ``None`` where it is the whole image's.
        value: what was found there, in a few words.
        points: the polygon, pixels of the upright image, where there is one to be drawn.
    """

    kind: Kind
    split: str
    image: str | None = None
    word: str | None = None
    value: str = ""
    points: tuple[tuple[float, float], ...] | None = None

    @property
    def about(self) -> About:
        """What kind of flaw it is."""
        return ABOUT[self.kind]

    @property
    def place(self) -> str:
        """Split, image and word, in words."""
        image = self.split if self.image is None else f"{self.split}/{self.image}"
        return image if self.word is None else f"{image}, word {self.word}"


class State(StrEnum):
    """What came of an annotation file, an image or a word."""

    CLEAN = "clean"
    WITH_FINDINGS = "with findings"
    UNREADABLE = "unreadable"

    @classmethod
    def of(cls, own: Iterable[Kind], within: Iterable[Kind] = ()) -> State:
        """By its flaws.

        Args:
            own: flaws of it.
            within: flaws of its parts, which leave it readable.
        """
        kinds = list(own)
        if any(ABOUT[kind].unreadable for kind in kinds):
            return cls.UNREADABLE
        return cls.WITH_FINDINGS if kinds or list(within) else cls.CLEAN


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of something were checked and what came of it; the three parts add up to the whole.

    Raises:
        RuntimeError: they do not, so that a check that loses something cannot end well.
    """

    checked: int = 0
    clean: int = 0
    with_findings: int = 0
    unreadable: int = 0

    def __post_init__(self) -> None:
        if self.checked != self.clean + self.with_findings + self.unreadable:
            raise RuntimeError(f"{self} does not add up")

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.checked + other.checked,
            self.clean + other.clean,
            self.with_findings + other.with_findings,
            self.unreadable + other.unreadable,
        )

    @classmethod
    def of(cls, checked: int, states: Iterable[State]) -> Tally:
        """Count.

        Args:
            checked: how many there are, counted where they were read.
            states: what came of each.
        """
        counts = Counter(states)
        return cls(checked, counts[State.CLEAN], counts[State.WITH_FINDINGS], counts[State.UNREADABLE])
