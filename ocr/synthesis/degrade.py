"""What printing, ageing, scanning and taking pictures do to ink."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from ocr.synthesis import paper
from ocr.synthesis.chance import Chance


def gaussian_table(sigma: float) -> npt.NDArray[np.uint8]:
    """256 equally likely values whose distribution is about normal around 128.

    Made from the logistic quantile function, scaled to the standard deviation; rounded to whole grey levels, so that
    the last bit of ``math.log`` does not matter.

    Args:
        sigma: standard deviation in grey levels.
    """
    values = []
    for step in range(256):
        probability = (step + 0.5) / 256.0
        quantile = math.log(probability / (1.0 - probability)) * math.sqrt(3.0) / math.pi
        values.append(min(255, max(0, round(128.0 + sigma * round(quantile, 6)))))
    return np.array(values, dtype=np.uint8)


def add_noise(chance: Chance, image: Image.Image, sigma: float) -> Image.Image:
    """The image with independent noise; colour images get the same noise in every channel."""
    grain = paper.noise(chance, image.size, gaussian_table(sigma))
    if image.mode == "RGB":
        grain = Image.merge("RGB", (grain, grain, grain))
    return ImageChops.add(image, grain, 1.0, -128)


def fade(chance: Chance, ink: Image.Image, least: int) -> Image.Image:
    """Thermal print with uneven strength, pale streaks of weak heating elements and pinholes.

    Args:
        chance: random numbers.
        ink: ``L`` image, 255 where there is ink.
        least: the strength, of 255, that ink keeps where the print is weakest; it keeps every word readable.
    """
    weakest = max(least, chance.weighted(((235, 4), (190, 3), (140, 2), (105, 1))))
    strength = paper.cloud(chance, ink.size, chance.integer(60, 300), weakest, 255)
    ink = ImageChops.multiply(ink, strength)
    if chance.coin(0.2):
        width, height = ink.size
        streaks = np.full(width, 255, dtype=np.uint8)
        for _ in range(chance.integer(1, 4)):
            start = chance.integer(0, width - 1)
            streaks[start : start + chance.integer(1, 2)] = chance.integer(90, 180)
        ink = ImageChops.multiply(
            ink, Image.fromarray(streaks[None, :]).resize((width, height), Image.Resampling.NEAREST)
        )
    if chance.coin(0.35):
        holes = np.where(np.arange(256) < chance.integer(8, 50), chance.integer(90, 190), 255).astype(np.uint8)
        ink = ImageChops.multiply(ink, paper.noise(chance, ink.size, holes))
    return ink


def blur(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur by box filters; nothing below a quarter of a pixel."""
    return image if radius < 0.25 else image.filter(ImageFilter.GaussianBlur(radius))
