"""Images that a run does without: each is named once, and there may be so many."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ocr.types import Batch, InputError
from ocr.utils.printable import printable

OnError = Literal["raise", "skip"]


@dataclass(frozen=True, slots=True)
class Broken:
    """An image that there are no detections of.

    Attributes:
        path: the file.
        message: what went wrong with it; names the file.
    """

    path: Path
    message: str

    @classmethod
    def because(cls, path: Path, error: Exception) -> Broken:
        """An image on which something was raised."""
        message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        is_named = str(path) in message or printable(str(path)) in message
        return cls(path, message if is_named else f"{path}: {message}")


class SkippedImages:
    """What could not be read so far, by the message that says so; it names the file.

    Messages depend on the file alone, so that an image that comes again in the next epoch is not counted again.

    Args:
        on_error: ``raise`` ends the run at the first image that cannot be read; ``skip`` goes on without it.
        limit: distinct images, training and evaluation together, that may be skipped.

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
        """How many images."""
        return len(self._reasons)

    @property
    def reasons(self) -> list[str]:
        """A message an image, in the order in which they were met."""
        return list(self._reasons)

    def add(self, reasons: Iterable[str], *, logged: bool = False) -> None:
        """Count images, and log those that are new.

        Args:
            reasons: a message an image.
            logged: another process or an earlier part of the run has logged them.

        Raises:
            InputError: there are more than may be.
        """
        for reason in reasons:
            if reason not in self._reasons:
                self._reasons[reason] = None
                if not logged:
                    logging.getLogger(__name__).warning("skipped: %s", reason)
        if len(self) > self.limit:
            raise too_many(self.reasons, self.limit)

    def receive(self, batch: Batch) -> None:
        """Count and say what a batch lacks, in a loop that goes without Lightning.

        Raises:
            InputError: more images are skipped than may be.
        """
        self.add(batch.skipped)
        self.log_pages(batch)

    def log_pages(self, batch: Batch) -> None:
        """Log which of a batch's files have several pages or pictures, of which the first alone is used; each once."""
        for path, pages in zip(batch.paths, batch.pages, strict=False):  # who makes a batch may leave them out
            if pages > 1 and path not in self._of_several_pages:
                self._of_several_pages.add(path)
                logging.getLogger(__name__).warning("%s: the first of %d pages alone is used", path, pages)


def too_many(reasons: Iterable[str], limit: int) -> InputError:
    """What ends a run that would skip more than it may."""
    lines = [f"  {reason}" for reason in reasons]
    much = f"more than data.max_skipped={limit}" if len(lines) > limit else "none is left"
    return InputError(
        f"{len(lines)} images cannot be used, {much}:",
        *lines,
        "repair or remove them (runners/check.py finds all there are), or allow more with data.max_skipped=",
    )
