"""Recognition networks: pictures of lines in, scores of characters out."""

from ocr.recognition.models.recognizer import Recognizer

__all__ = ["Recognizer"]
