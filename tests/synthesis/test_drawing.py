"""Codes and logos fit the paper."""

from typing import Literal

import numpy as np
import pytest

from ocr.synthesis.content import CodeRow, LogoRow
from ocr.synthesis.drawing import draw_code, draw_logo


@pytest.mark.parametrize(("kind", "data"), [("bar", "12345678901234"), ("qr", "https://www.example.com/r/1234")])
def test_codes_are_black_and_white_and_fit(kind: Literal["bar", "qr"], data: str) -> None:
    code = np.asarray(draw_code(CodeRow(kind, data), 400))
    assert set(np.unique(code)) == {0, 255}
    assert code.shape[1] <= 400


@pytest.mark.parametrize("shape", ["disc", "ring", "diamond", "stripes", "steps"])
def test_logos_have_the_height_asked_for_and_their_own_shape(
    shape: Literal["disc", "ring", "diamond", "stripes", "steps"],
) -> None:
    logo = np.asarray(draw_logo(LogoRow(shape, 2.0), 60))
    assert logo.shape == (60, 120)
    assert 0.05 < (logo == 255).mean() < 0.9
