"""A flaw that was found, and the state of the files, images and words that were checked."""

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
        kind: the kind of flaw.
        split: the split that has it.
        image: name of the image in its split, ``None`` for a flaw of the annotation file.
        word: key of the word, ``None`` for a flaw of the whole image.
        value: what was found, in a few words.
        points: the polygon in pixels of the upright image, if there is one to draw.
        weight: findings of a kind are listed by it, largest first.
    """

    kind: Kind
    split: str
    image: str | None = None
    word: str | None = None
    value: str = ""
    points: tuple[tuple[float, float], ...] | None = None
    weight: float = 0.0

    @property
    def about(self) -> About:
        """Severity, meaning and remedy of the flaw."""
        return ABOUT[self.kind]

    @property
    def place(self) -> str:
        """Split, image and word, in words."""
        image = self.split if self.image is None else f"{self.split}/{self.image}"
        return image if self.word is None else f"{image}, word {self.word}"


class State(StrEnum):
    """State of an annotation file, an image or a word after the check."""

    CLEAN = "clean"
    WITH_FINDINGS = "with findings"
    UNREADABLE = "unreadable"

    @classmethod
    def of(cls, own: Iterable[Kind], within: Iterable[Kind] = ()) -> State:
        """The state that follows from the flaws.

        Args:
            own: its own flaws.
            within: flaws of its parts, which leave it readable.
        """
        kinds = list(own)
        if any(ABOUT[kind].unreadable for kind in kinds):
            return cls.UNREADABLE
        return cls.WITH_FINDINGS if kinds or list(within) else cls.CLEAN


@dataclass(frozen=True, slots=True)
class Tally:
    """Number of checked items by state; the three states add up to ``checked``.

    Raises:
        RuntimeError: they do not add up, so a check that loses an item cannot succeed.
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
        """Count the states.

        Args:
            checked: number of items, counted where they were read.
            states: the state of each item.
        """
        counts = Counter(states)
        return cls(checked, counts[State.CLEAN], counts[State.WITH_FINDINGS], counts[State.UNREADABLE])
