"""timm models as pyramids."""

from __future__ import annotations

import pytest
import torch

from ocr.models import TimmEncoder


def test_features_are_finest_first_at_their_strides() -> None:
    encoder = TimmEncoder("resnet18", strides=(4, 16))
    features = encoder.eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(feature.shape) for feature in features] == [(1, 64, 16, 24), (1, 256, 4, 6)]
    assert encoder.channels == (64, 256)


def test_a_stride_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"'resnet18' has features at strides \[2, 4, 8, 16, 32\], not at \[64\]"):
        TimmEncoder("resnet18", strides=(4, 64))
