"""The dice loss by hand and at its ends."""

import pytest
import torch

from ocr.detection.losses.dice import MaskedDiceLoss


def test_by_hand():
    prediction, target = torch.tensor([0.8, 0.4, 0.2, 0.9]), torch.tensor([1.0, 1.0, 0.0, 0.0])
    mask = torch.tensor([1.0, 1.0, 1.0, 0.0])
    assert MaskedDiceLoss()(prediction, target, mask).item() == pytest.approx(1 - 2 * 1.2 / (1.4 + 2.0), rel=1e-5)


@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("prediction", [0.0, 1.0])
@pytest.mark.parametrize("mask", [0.0, 1.0])
def test_is_between_0_and_1_with_a_finite_gradient(prediction, target, mask):
    shown = torch.full((2, 500, 500), prediction, requires_grad=True)
    loss = MaskedDiceLoss()(shown, torch.full((2, 500, 500), target), torch.full((2, 500, 500), mask))
    loss.backward()
    assert 0.0 <= loss.item() <= 1.0
    assert torch.isfinite(shown.grad).all()
    assert loss.item() == pytest.approx(1.0 - prediction * target * mask, abs=1e-5)


def test_eps_must_be_above_0():
    with pytest.raises(ValueError, match="eps is 0"):
        MaskedDiceLoss(eps=0.0)
