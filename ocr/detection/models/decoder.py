"""Decoders: from the encoder's pyramid to one feature at the finest stride.

All share one interface: built with ``in_channels`` (finest first) and called with the list of features, they return one
tensor of ``out_channels`` channels at the stride of the first feature.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional


def conv_bn_relu(in_channels: int, out_channels: int, kernel_size: int) -> nn.Sequential:
    """Convolution that keeps the size, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


def upsample_to(feature_BCHW: torch.Tensor, like_BCHW: torch.Tensor) -> torch.Tensor:
    """Nearest-neighbour resize to the height and width of another feature, whose size is a multiple.

    Scaling by a factor, not to a size, puts a constant into an exported graph, so that ONNX Runtime keeps the memory
    layout of the convolutions around it.
    """
    factor = like_BCHW.shape[-1] // feature_BCHW.shape[-1]
    return functional.interpolate(feature_BCHW, scale_factor=float(factor), mode="nearest")


class FPN(nn.Module):
    """Feature pyramid as DBNet uses it (Lin et al. 2017; Liao et al. 2020, section 3.1).

    Lateral 1 x 1 convolutions, a top-down path by addition, a 3 x 3 convolution to a quarter of the channels at each
    level, all levels resized to the finest and concatenated.

    Args:
        in_channels: channels of the encoder's four features, finest first.
        channels: channels of the top-down path and of the result; a multiple of the number of levels.
    """

    def __init__(self, in_channels: Sequence[int], *, channels: int = 256) -> None:
        super().__init__()
        levels = len(in_channels)
        if channels % levels:
            raise ValueError(f"decoder channels {channels} must be a multiple of the {levels} levels")
        self.out_channels = channels
        self.lateral = nn.ModuleList(conv_bn_relu(count, channels, 1) for count in in_channels)
        self.smooth = nn.ModuleList(conv_bn_relu(channels, channels // levels, 3) for _ in in_channels)

    def levels(self, features: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Smoothed pyramid levels, each (B, channels / levels, H, W) at the finest size, finest first."""
        laterals = [layer(feature) for layer, feature in zip(self.lateral, features, strict=True)]
        merged = [laterals[-1]]
        for lateral in reversed(laterals[:-1]):
            merged.insert(0, lateral + upsample_to(merged[0], lateral))
        smoothed = [layer(level) for layer, level in zip(self.smooth, merged, strict=True)]
        return [smoothed[0], *(upsample_to(level, smoothed[0]) for level in smoothed[1:])]

    def forward(self, features: Sequence[torch.Tensor]) -> torch.Tensor:
        """(B, channels, H, W) at the stride of the first feature."""
        return torch.cat(self.levels(features), dim=1)


class AdaptiveScaleFusion(nn.Module):
    """Weights each pyramid level at each position (Liao et al. 2022, section 3.3, figure 5).

    Args:
        channels: total channels of all levels.
        levels: number of levels.
    """

    def __init__(self, channels: int, levels: int) -> None:
        super().__init__()
        reduced = channels // levels
        self.mix = nn.Conv2d(channels, reduced, 3, padding=1)
        self.spatial = nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(1, 1, 1, bias=False),
            nn.Sigmoid(),
        )
        self.scale = nn.Sequential(nn.Conv2d(reduced, levels, 1, bias=False), nn.Sigmoid())

    def forward(self, levels: Sequence[torch.Tensor]) -> torch.Tensor:
        """Levels of equal size, each (B, C, H, W), to their weighted concatenation (B, C * levels, H, W)."""
        mixed_BCHW = self.mix(torch.cat(list(levels), dim=1))
        attended_BCHW = mixed_BCHW + self.spatial(mixed_BCHW.mean(dim=1, keepdim=True))
        weights_BLHW = self.scale(attended_BCHW)
        return torch.cat([level * weights_BLHW[:, i : i + 1] for i, level in enumerate(levels)], dim=1)


class FPNASF(FPN):
    """The feature pyramid of DBNet++: FPN with adaptive scale fusion in place of plain concatenation."""

    def __init__(self, in_channels: Sequence[int], *, channels: int = 256) -> None:
        super().__init__(in_channels, channels=channels)
        self.fusion = AdaptiveScaleFusion(channels, len(in_channels))

    def forward(self, features: Sequence[torch.Tensor]) -> torch.Tensor:
        """(B, channels, H, W) at the stride of the first feature."""
        fused: torch.Tensor = self.fusion(self.levels(features))
        return fused


class UNet(nn.Module):
    """Top-down path with concatenated skip connections (Ronneberger et al. 2015).

    Args:
        in_channels: channels of the encoder's features, finest first.
        channels: channels of the result; every coarser level has twice as many as the next finer, at most four times.
    """

    def __init__(self, in_channels: Sequence[int], *, channels: int = 64) -> None:
        super().__init__()
        self.out_channels = channels
        widths = [channels * min(2**level, 4) for level in range(len(in_channels))]
        self.bottom = conv_bn_relu(in_channels[-1], widths[-1], 1)
        self.merge = nn.ModuleList(
            conv_bn_relu(widths[level + 1] + in_channels[level], widths[level], 3)
            for level in range(len(in_channels) - 1)
        )

    def forward(self, features: Sequence[torch.Tensor]) -> torch.Tensor:
        """(B, channels, H, W) at the stride of the first feature."""
        merged_BCHW: torch.Tensor = self.bottom(features[-1])
        for level in reversed(range(len(self.merge))):
            skip_BCHW = features[level]
            merged_BCHW = self.merge[level](torch.cat([upsample_to(merged_BCHW, skip_BCHW), skip_BCHW], dim=1))
        return merged_BCHW
