"""What every format has in common."""

from __future__ import annotations

from ocr.types import InputError


class AnnotationError(InputError):
    """Something in an annotation file is wrong; the message names the file, image, word and value."""
