"""The differentiable binarisation head (Liao et al. 2020, section 3.2)."""

from __future__ import annotations

import torch
from torch import nn


def map_branch(in_channels: int, channels: int) -> nn.Sequential:
    """Feature at stride 4 to one logit per input pixel: a 3 x 3 convolution, then two x2 upsamplings."""
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(channels, channels, 2, stride=2, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(channels, 1, 2, stride=2),
    )


class DBHead(nn.Module):
    """Probability and threshold maps and their differentiable binarisation.

    Args:
        in_channels: channels of the decoder's result, which is at stride 4.
        k: steepness of the approximate step function (equation 2; 50 in the paper).
    """

    def __init__(self, in_channels: int, *, k: float = 50.0) -> None:
        super().__init__()
        self.k = k
        self.probability = map_branch(in_channels, in_channels // 4)
        self.threshold = map_branch(in_channels, in_channels // 4)

    def forward(self, feature_BCHW: torch.Tensor, *, probability_only: bool = False) -> dict[str, torch.Tensor]:
        """Maps of shape (B, H, W) in float32 at the input image's size.

        Returns:
            ``probability_logits``; and unless ``probability_only``: ``threshold`` in 0..1 and ``binary`` in 0..1, the
            approximate binary map 1 / (1 + exp(-k (P - T))). It is computed in float32 as a sigmoid, because the
            exponential overflows in half precision.
        """
        logits_BHW = self.probability(feature_BCHW).squeeze(1).float()
        if probability_only:
            return {"probability_logits": logits_BHW}
        threshold_BHW = self.threshold(feature_BCHW).squeeze(1).float().sigmoid()
        binary_BHW = torch.sigmoid(self.k * (logits_BHW.sigmoid() - threshold_BHW))
        return {"probability_logits": logits_BHW, "threshold": threshold_BHW, "binary": binary_BHW}
