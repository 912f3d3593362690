"""Networks that find the facts of a receipt among the tokens of its text."""

from ocr.extraction.models.extractor import Extractor

__all__ = ["Extractor"]
