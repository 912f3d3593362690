"""The interface of an engine."""

from __future__ import annotations

from collections.abc import Callable

from ocr.types import FloatArray, UInt8Array

Engine = Callable[[UInt8Array], FloatArray]
"""uint8 RGB (B, 3, H, W), H and W multiples of the stride, to text probabilities, float32 (B, H, W) in 0..1."""

INPUT = "images"
OUTPUT = "probability"
