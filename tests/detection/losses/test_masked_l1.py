"""The mean absolute error by hand and with nothing to see."""

import pytest
import torch

from ocr.detection.losses.masked_l1 import MaskedL1Loss


def test_by_hand():
    prediction, target = torch.tensor([0.5, 0.2, 0.9]), torch.tensor([0.3, 0.6, 0.1])
    assert MaskedL1Loss()(prediction, target, torch.tensor([1.0, 1.0, 0.0])).item() == pytest.approx(0.3, rel=1e-5)


def test_empty_mask_gives_0_and_no_gradient():
    prediction = torch.rand(2, 4, 5, requires_grad=True)
    loss = MaskedL1Loss()(prediction, torch.rand(2, 4, 5), torch.zeros(2, 4, 5))
    loss.backward()
    assert loss.item() == 0.0
    assert (prediction.grad == 0).all()


def test_eps_must_be_above_0():
    with pytest.raises(ValueError, match="eps is -1"):
        MaskedL1Loss(eps=-1.0)
