"""Count and log the images that a run skips, up to a limit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

import numpy as np

from ocr.images.header import ImageError
from ocr.types import Batch, InputError
from ocr.utils.printable import printable

OnError = Literal["raise", "skip"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Broken:
    """An image that cannot be processed.

    Attributes:
        path: the file.
        message: the error; names the file.
    """

    path: Path
    message: str

    @classmethod
    def because(cls, path: Path, error: Exception) -> Broken:
        """An image for which an error was raised."""
        message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        is_named = str(path) in message or printable(str(path)) in message
        return cls(path, message if is_named else f"{path}: {message}")


class SkippedImages:
    """The images skipped so far, by their error messages, which name the file.

    A message depends only on the file, so an image is not counted again in the next epoch.

    Args:
        on_error: ``raise`` ends the run at the first image that cannot be read; ``skip`` continues without it.
        limit: distinct images, in training and evaluation together, that may be skipped.

    Raises:
        InputError: ``on_error`` is neither, or the limit is negative.
    """

    def __init__(self, on_error: OnError, limit: int) -> None:
        if on_error not in get_args(OnError):
            raise InputError(f"data.on_error={on_error!r} is unknown; use 'raise' or 'skip'")
        if limit < 0:
            raise InputError(f"data.max_skipped={limit} is negative; give at least 0")
        self.allowed = on_error == "skip"
        self.limit = limit
        self._reasons: dict[str, None] = {}
        self._of_several_pages: set[Path] = set()

    def __len__(self) -> int:
        """Number of skipped images."""
        return len(self._reasons)

    @property
    def replaceable(self) -> int | None:
        """How many images may fail for one training sample; ``None``: the first failure ends the run."""
        return self.limit if self.allowed else None

    @property
    def reasons(self) -> list[str]:
        """One message per image, in the order of their occurrence."""
        return list(self._reasons)

    def add(self, reasons: Iterable[str], *, logged: bool = False) -> None:
        """Count images, and log the new ones.

        Args:
            reasons: one message per image.
            logged: whether another process or an earlier part of the run has logged them.

        Raises:
            InputError: the limit is exceeded.
        """
        for reason in reasons:
            if reason not in self._reasons:
                self._reasons[reason] = None
                if not logged:
                    logging.getLogger(__name__).warning("skipped: %s", reason)
        if len(self) > self.limit:
            raise too_many(self.reasons, self.limit)

    def receive(self, batch: Batch) -> None:
        """Count and log the skipped images of a batch, in a loop without Lightning.

        Raises:
            InputError: the limit is exceeded.
        """
        self.add(batch.skipped)
        self.log_pages(batch)

    def log_pages(self, batch: Batch) -> None:
        """Log once which of a batch's files have several pages or pictures, of which only the first is used."""
        for path, pages in zip(batch.paths, batch.pages, strict=False):  # pages are optional in a batch
            if pages > 1 and path not in self._of_several_pages:
                self._of_several_pages.add(path)
                logging.getLogger(__name__).warning("%s: only the first of %d pages is used", path, pages)


def first_readable(
    read: Callable[[int], T], index: int, count: int, rng: np.random.Generator, max_skipped: int | None
) -> tuple[T, tuple[str, ...]]:
    """What is read of an image, or of its random replacement, with the reasons why those before it cannot be read.

    Args:
        read: reads the image of an index.
        index: the wanted image.
        count: number of images.
        rng: chooses replacements.
        max_skipped: number of images that may fail; ``None``: the first failure is raised.

    Raises:
        ImageError: the image cannot be read, and may not be replaced.
        InputError: more than ``max_skipped`` images cannot be read, or none can.
    """
    tried: dict[int, str] = {}
    while True:
        try:
            return read(index), tuple(tried.values())
        except ImageError as error:
            if max_skipped is None:
                raise
            tried[index] = str(error)
        if len(tried) > min(max_skipped, count - 1):
            raise too_many(tried.values(), max_skipped)
        while index in tried:
            index = int(rng.integers(count))


def too_many(reasons: Iterable[str], limit: int) -> InputError:
    """The error for a run that exceeds its limit of skipped images."""
    lines = [f"  {reason}" for reason in reasons]
    much = f"more than data.max_skipped={limit}" if len(lines) > limit else "none is left"
    return InputError(
        f"{len(lines)} images cannot be used, {much}:",
        *lines,
        "repair or remove them (runners/check.py finds them all), or allow more with data.max_skipped=",
    )
