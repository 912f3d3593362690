"""Photometric augmentation: brightness, contrast, colour, sharpness, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from ocr.types import UInt8Array


@dataclass(frozen=True, kw_only=True)
class Photometric:
    """Random photometric changes, each with its own probability.

    Attributes:
        tone_probability: brightness, contrast and gamma.
        colour_probability: one gain per channel.
        invert_probability: light text on a dark background.
        blur_probability: Gaussian blur.
        noise_probability: Gaussian noise.
        jpeg_probability: JPEG compression.
    """

    tone_probability: float = 0.7
    colour_probability: float = 0.3
    invert_probability: float = 0.02
    blur_probability: float = 0.2
    noise_probability: float = 0.2
    jpeg_probability: float = 0.2

    def __call__(self, image_HWC: UInt8Array, rng: np.random.Generator) -> UInt8Array:
        """uint8 RGB in, uint8 RGB of the same shape out."""
        chance = rng.uniform(size=6)
        image_HWC = self._curve(image_HWC, rng, chance[0] < self.tone_probability, chance[1] < self.colour_probability)
        if chance[2] < self.invert_probability:
            image_HWC = 255 - image_HWC
        if chance[3] < self.blur_probability:
            image_HWC = cast(UInt8Array, cv2.GaussianBlur(image_HWC, (0, 0), rng.uniform(0.4, 1.2)))
        if chance[4] < self.noise_probability:
            image_HWC = self._noise(image_HWC, rng)
        if chance[5] < self.jpeg_probability:
            image_HWC = self._jpeg(image_HWC, int(rng.integers(35, 90)))
        return image_HWC

    @staticmethod
    def _curve(image_HWC: UInt8Array, rng: np.random.Generator, tone: bool, colour: bool) -> UInt8Array:
        """Brightness, contrast, gamma and channel gains as look-up tables."""
        levels = np.linspace(0.0, 1.0, 256)
        if tone:
            levels = levels ** np.exp(rng.uniform(-0.5, 0.5))
            levels = (levels - 0.5) * rng.uniform(0.6, 1.3) + 0.5 + rng.uniform(-0.2, 0.2)
        gains = rng.uniform(0.85, 1.15, size=3) if colour else np.ones(1)
        if not (tone or colour):
            return image_HWC
        tables = np.clip(gains[:, None] * levels * 255.0, 0, 255).astype(np.uint8)
        if not colour:
            return cast(UInt8Array, cv2.LUT(image_HWC, tables[0]))
        # Channel by channel: OpenCV is slower with a table of three channels.
        channels = [cv2.LUT(channel, table) for channel, table in zip(cv2.split(image_HWC), tables, strict=True)]
        return cast(UInt8Array, cv2.merge(channels))

    @staticmethod
    def _noise(image_HWC: UInt8Array, rng: np.random.Generator) -> UInt8Array:
        # OpenCV's generator takes a third of NumPy's time.
        cv2.setRNGSeed(int(rng.integers(2**31)))
        noise_HW = np.empty(image_HWC.shape[:2], np.int16)
        cv2.randn(noise_HW, np.zeros(1), np.array([rng.uniform(2, 12)]))
        return cast(UInt8Array, cv2.add(image_HWC, cv2.merge([noise_HW] * 3), dtype=cv2.CV_8U))

    @staticmethod
    def _jpeg(image_HWC: UInt8Array, quality: int) -> UInt8Array:
        _, encoded = cv2.imencode(".jpg", image_HWC, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return cast(UInt8Array, cv2.imdecode(encoded, cv2.IMREAD_COLOR))
