"""Draw ink that is not text: bar codes, QR codes, logos."""

from __future__ import annotations

import numpy as np
import segno
from barcode import Code128
from PIL import Image

from ocr.synthesis.content import CodeRow, LogoRow


def draw_code(row: CodeRow, width: int) -> Image.Image:
    """A bar code or QR code for a text area of this width in pixels, as an ``L`` image, 255 where there is ink."""
    if row.kind == "bar":
        modules = Code128(row.data).build()[0]
        unit = max(1, int(width * 0.85 / len(modules)))
        pattern = Image.frombytes("L", (len(modules), 1), bytes(255 if module == "1" else 0 for module in modules))
        return pattern.resize((len(modules) * unit, max(24, width // 9)), Image.Resampling.NEAREST)
    matrix = segno.make(row.data, error="m", micro=False).matrix
    unit = max(2, int(width * 0.3 / len(matrix)))
    pattern = Image.frombytes(
        "L", (len(matrix), len(matrix)), bytes(255 * module for line in matrix for module in line)
    )
    return pattern.resize((len(matrix) * unit, len(matrix) * unit), Image.Resampling.NEAREST)


def draw_logo(row: LogoRow, height: int) -> Image.Image:
    """A sign of simple shapes of this height in pixels, as an ``L`` image, 255 where there is ink."""
    height = max(8, height)
    y, x = np.ogrid[0:height, 0 : 2 * height]
    u, v = x - height, 2 * y - height  # the centre is (0, 0); v counts half pixels
    distance = 4 * u * u + v * v
    if row.shape == "disc":
        ink = (distance <= height * height) & (np.abs(u + v) > height // 8)
    elif row.shape == "ring":
        ink = (distance <= height * height) & (distance >= height * height * 9 // 16)
    elif row.shape == "diamond":
        ink = (np.abs(u) + np.abs(v) <= height) & (np.abs(u) + np.abs(v) >= height // 3)
    elif row.shape == "stripes":
        ink = (np.abs(u) <= height * 3 // 4) & ((u + y) // max(2, height // 6) % 2 == 0)
    else:
        ink = (u // max(2, height // 5) % 2 == 0) & (height - y > np.abs(u) // 2 + height // 10)
    return Image.fromarray(np.broadcast_to(ink, (height, 2 * height)).astype(np.uint8) * np.uint8(255))
