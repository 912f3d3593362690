"""Folded layers compute what the layers did."""

import pytest
import torch
from torch import nn

from ocr.detection.models.head import map_branch
from ocr.engines.fold import fold_doublings


def scrambled(module: nn.Module) -> nn.Module:
    """With normalisations that do something."""
    torch.manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values in (layer.weight.data, layer.bias.data, layer.running_mean, layer.running_var):
                nn.init.uniform_(values, 0.5, 2.0)
    return module.eval()


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (8, 16)])
def test_a_map_branch_stays_the_same_function(size: tuple[int, int]) -> None:
    branch = scrambled(map_branch(12, 5)).double()
    feature = torch.randn(2, 12, *size, dtype=torch.float64)
    with torch.no_grad():
        expected = branch(feature)
        assert fold_doublings(branch) == 1
        folded = branch.double()(feature)
    assert folded.shape == (2, 1, 4 * size[0], 4 * size[1])
    torch.testing.assert_close(folded, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "last",
    [
        nn.ConvTranspose2d(4, 2, 2, stride=2),
        nn.ConvTranspose2d(4, 1, 3, stride=2),
        nn.ConvTranspose2d(4, 1, 2, bias=False),
    ],
)
def test_other_heads_are_left_alone(last: nn.Module) -> None:
    head = nn.Sequential(nn.ConvTranspose2d(8, 4, 2, stride=2), nn.BatchNorm2d(4), nn.ReLU(), last)
    before = list(head)
    assert fold_doublings(head) == 0
    assert list(head) == before
