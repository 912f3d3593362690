"""The binarisation is equation 2 of the paper."""

import math

import pytest
import torch

from ocr.detection.models import DBHead


@pytest.mark.parametrize("k", [10.0, 50.0])
def test_the_binary_map_is_one_over_one_plus_exp(k: float) -> None:
    maps = DBHead(16, k=k).eval()(torch.randn(2, 16, 5, 7))
    probability, threshold = maps["probability_logits"].sigmoid(), maps["threshold"]
    expected = 1.0 / (1.0 + torch.exp(-k * (probability - threshold).double()))
    torch.testing.assert_close(maps["binary"].double(), expected, atol=1e-5, rtol=1e-4)
    assert maps["binary"].shape == (2, 20, 28)


def test_far_from_the_threshold_nothing_overflows() -> None:
    head = DBHead(16, k=1e6)
    maps = head(torch.full((1, 16, 2, 2), 100.0, requires_grad=True))
    maps["binary"].sum().backward()
    assert torch.isfinite(maps["binary"]).all()
    assert all(math.isfinite(float(p.grad.abs().sum())) for p in head.parameters() if p.grad is not None)
