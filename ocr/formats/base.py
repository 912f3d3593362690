"""What all formats share."""

from __future__ import annotations


class AnnotationError(ValueError):
    """An annotation is wrong; the message names file, image, word and value, and says what to do about it."""
