"""Procedural textures: paper, the surface below it, light; noise and blur of a scanner or a camera."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from ocr.synthesis.chance import Chance

QUANTILES = tuple(round(math.log((step + 0.5) / (255.5 - step)) * math.sqrt(3.0) / math.pi, 6) for step in range(256))
"""256 equally likely values of the logistic distribution with standard deviation 1, rounded so that the last bit of
``math.log`` does not matter."""


def cloud(chance: Chance, size: tuple[int, int], grain: int, low: int, high: int, stretch: int = 1) -> Image.Image:
    """A smooth random field as an ``L`` image with values in [low, high].

    Args:
        chance: random numbers.
        size: (width, height) in pixels.
        grain: size of a cloud in pixels.
        low: minimum.
        high: maximum.
        stretch: ratio of the clouds' length to their width.
    """
    shape = (max(2, size[1] // (grain * stretch) + 1), max(2, size[0] // grain + 1))
    field = chance.generator.integers(low, high + 1, size=shape, dtype=np.uint8)
    return Image.fromarray(field).resize(
        size, Image.Resampling.BICUBIC if min(shape) > 3 else Image.Resampling.BILINEAR
    )


def noise(chance: Chance, size: tuple[int, int], table: npt.NDArray[np.uint8]) -> Image.Image:
    """Independent noise around 128 for every pixel, as an ``L`` image.

    Args:
        chance: random numbers.
        size: (width, height) in pixels.
        table: 256 values, from which each pixel takes one.
    """
    width, height = size
    raw = np.frombuffer(chance.generator.bytes(width * height), dtype=np.uint8)
    return Image.fromarray(table[raw].reshape(height, width))


def sheet(chance: Chance, size: tuple[int, int], level: int) -> Image.Image:
    """Slightly uneven blank paper of a grey level."""
    spread = chance.weighted(((2, 3), (5, 2), (9, 1)))
    return cloud(chance, size, chance.integer(40, 160), max(0, level - spread), min(255, level + spread // 2))


def surface(chance: Chance, size: tuple[int, int]) -> Image.Image:
    """The surface below a photographed receipt, as an RGB image: wood, cloth, stone or plain colour."""
    kind = chance.pick(("wood", "cloth", "stone", "plain", "plain"))
    half = (-(-size[0] // 2), -(-size[1] // 2))
    base = chance.pick(((150, 110, 70), (90, 60, 40), (60, 62, 66), (190, 186, 178), (120, 130, 140), (205, 195, 170),
                        (40, 50, 70), (160, 60, 50), (70, 100, 80), (225, 225, 222), (25, 25, 28)))  # fmt: skip
    if kind == "wood":
        texture = cloud(chance, half, chance.integer(3, 9), 150, 255, stretch=chance.integer(12, 40))
        if chance.coin(0.5):
            texture = texture.transpose(Image.Transpose.ROTATE_90).resize(half)
    elif kind == "cloth":
        step = chance.integer(3, 8)
        rows, columns = np.ogrid[0 : half[1], 0 : half[0]]
        weave = 200 + 25 * (rows // step % 2) + 25 * (columns // step % 2)
        texture = ImageChops.multiply(Image.fromarray(weave.astype(np.uint8)), cloud(chance, half, 90, 200, 255))
    elif kind == "stone":
        texture = ImageChops.multiply(cloud(chance, half, 5, 180, 255), cloud(chance, half, 60, 160, 255))
    else:
        texture = cloud(chance, half, chance.integer(100, 300), 215, 255)
    bands = [texture.point([value * channel // 255 for value in range(256)]) for channel in base]
    return Image.merge("RGB", bands).resize(size, Image.Resampling.BILINEAR)


def light(chance: Chance, size: tuple[int, int], darkest: int) -> Image.Image:
    """Uneven illumination as an ``L`` image, 255 for full light."""
    return cloud(chance, size, max(size) // chance.integer(1, 3), darkest, 255)


def gaussian_table(sigma: float) -> npt.NDArray[np.uint8]:
    """256 equally likely values, distributed about normally around 128.

    Args:
        sigma: standard deviation in grey levels.
    """
    return np.array([min(255, max(0, round(128.0 + sigma * quantile))) for quantile in QUANTILES], dtype=np.uint8)


def add_noise(chance: Chance, image: Image.Image, sigma: float) -> Image.Image:
    """Add independent noise to an image; colour images get the same noise in every channel."""
    grain = noise(chance, image.size, gaussian_table(sigma))
    if image.mode == "RGB":
        grain = Image.merge("RGB", (grain, grain, grain))
    return ImageChops.add(image, grain, 1.0, -128)


def blur(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur by box filters; the image is unchanged below a quarter of a pixel."""
    return image if radius < 0.25 else image.filter(ImageFilter.GaussianBlur(radius))
