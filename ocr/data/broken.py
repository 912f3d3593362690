"""An image that cannot be used, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocr.types import InputError
from ocr.utils.printable import printable


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
        named = message if str(path) in message or printable(str(path)) in message else f"{path}: {message}"
        return cls(path, named)
