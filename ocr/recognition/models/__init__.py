"""Recognition networks: pictures of lines in, scores of characters out."""

from ocr.recognition.models.attention import AttentionRecognizer
from ocr.recognition.models.recognizer import Recognizer

__all__ = ["AttentionRecognizer", "Recognizer"]
