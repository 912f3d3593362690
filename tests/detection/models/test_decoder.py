"""Decoders: known answers where the weights are known."""

import pytest
import torch
from torch import nn

from ocr.detection.models.decoder import FPN, AdaptiveScaleFusion, UNet, upsample_to

CHANNELS = (8, 16, 24, 32)


def pyramid() -> list[torch.Tensor]:
    return [torch.randn(2, count, 16 // 2**level, 24 // 2**level) for level, count in enumerate(CHANNELS)]


@pytest.mark.parametrize("decoder", [FPN, UNet])
def test_the_result_lies_at_the_finest_stride(decoder: type[nn.Module]) -> None:
    network = decoder(CHANNELS, channels=12)
    assert network(pyramid()).shape == (2, network.out_channels, 16, 24)


def test_fpn_needs_a_share_for_every_level() -> None:
    with pytest.raises(ValueError, match="channels 10 must be a multiple of the 4 levels"):
        FPN(CHANNELS, channels=10)


def test_fusion_with_zero_weights_halves_every_level() -> None:
    """All convolutions zero: the sigmoid of nothing is one half."""
    fusion = AdaptiveScaleFusion(8, 4)
    for parameter in fusion.parameters():
        nn.init.zeros_(parameter)
    levels = [torch.randn(1, 2, 4, 4) for _ in range(4)]
    torch.testing.assert_close(fusion(levels), torch.cat(levels, dim=1) / 2)


def test_fusion_weights_each_level_by_itself() -> None:
    """A scale weight of plus or minus infinity opens one level and shuts the others."""
    fusion = AdaptiveScaleFusion(8, 4)
    for parameter in fusion.parameters():
        nn.init.zeros_(parameter)
    nn.init.ones_(fusion.mix.bias)
    scale = fusion.scale[0]
    with torch.no_grad():
        scale.weight.fill_(-100.0)
        scale.weight[2] = 100.0
    levels = [torch.randn(1, 2, 4, 4) for _ in range(4)]
    fused = fusion(levels)
    torch.testing.assert_close(fused[:, 4:6], levels[2])
    assert fused[:, :4].abs().max() == fused[:, 6:].abs().max() == 0


def test_nearest_neighbours_are_repeated() -> None:
    small = torch.arange(4.0).view(1, 1, 2, 2)
    assert upsample_to(small, torch.zeros(1, 1, 4, 4))[0, 0].tolist() == [
        [0, 0, 1, 1],
        [0, 0, 1, 1],
        [2, 2, 3, 3],
        [2, 2, 3, 3],
    ]
