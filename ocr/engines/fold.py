"""Rewrite a network's last layers to compute the same with less memory traffic."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn
from torch.nn import functional


class FoldedDoublings(nn.Module):
    """Two x2 upsamplings at the end of a map branch (transposed convolution, norm, ReLU, the same), at coarse size.

    A transposed convolution with kernel 2 and stride 2 maps each input pixel to four output pixels that no other pixel
    touches. Both are therefore 1 x 1 convolutions with the four (then sixteen) output pixels as channels, and one
    rearrangement at the end: exact up to rounding.

    Args:
        first: (C, D, 2, 2), stride 2.
        norm: over its D channels, in evaluation mode.
        second: (D, 1, 2, 2), stride 2, with bias.
    """

    def __init__(self, first: nn.ConvTranspose2d, norm: nn.BatchNorm2d, second: nn.ConvTranspose2d) -> None:
        super().__init__()
        between = first.out_channels
        scale_D, shift_D = norm_as_affine(norm, first.bias)
        self.first = nn.Conv2d(first.in_channels, 4 * between, 1)
        self.second = nn.Conv2d(4 * between, 16, 1)
        with torch.no_grad():
            weight_22DC = first.weight.permute(2, 3, 1, 0) * scale_D[None, None, :, None]
            self.first.weight.copy_(weight_22DC.reshape(4 * between, -1, 1, 1))
            self.first.bias.copy_(shift_D.repeat(4))  # type: ignore[union-attr]
            # Output pixel (2 y1 + y2, 2 x1 + x2) depends only on pixel (y1, x1) of the first upsampling.
            weight = torch.zeros(2, 2, 2, 2, 2, 2, between)  # y1 y2 x1 x2, and the y1 x1 that is read
            for y1 in range(2):
                for x1 in range(2):
                    weight[y1, :, x1, :, y1, x1] = second.weight[:, 0].permute(1, 2, 0)
            self.second.weight.copy_(weight.reshape(16, 4 * between, 1, 1))
            self.second.bias.copy_(cast(torch.Tensor, second.bias).repeat(16))  # type: ignore[union-attr]

    def forward(self, feature_BCHW: torch.Tensor) -> torch.Tensor:
        """(B, C, H, W) to (B, 1, 4 H, 4 W)."""
        return functional.pixel_shuffle(self.second(self.first(feature_BCHW).relu()), 4)


def norm_as_affine(norm: nn.BatchNorm2d, bias: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Batch normalisation as scale and shift per channel, after a layer with the given bias."""
    mean, variance = cast(torch.Tensor, norm.running_mean), cast(torch.Tensor, norm.running_var)
    scale_D = norm.weight / torch.sqrt(variance + norm.eps)
    return scale_D, norm.bias + ((0 if bias is None else bias) - mean) * scale_D


def fold_doublings(network: nn.Module) -> int:
    """Replace, in place, the two x2 upsamplings at the end of each branch with one channel; return their number.

    Networks whose heads end differently are unchanged.
    """
    count = 0
    for module in network.modules():
        tail = list(module)[-4:] if isinstance(module, nn.Sequential) else []
        if [type(layer) for layer in tail] != [nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU, nn.ConvTranspose2d]:
            continue
        first, norm, second = (
            cast(nn.ConvTranspose2d, tail[0]),
            cast(nn.BatchNorm2d, tail[1]),
            cast(nn.ConvTranspose2d, tail[3]),
        )
        if is_doubling(first) and is_doubling(second) and second.out_channels == 1 and second.bias is not None:
            sequence = cast(nn.Sequential, module)
            del sequence[-4:]
            sequence.append(FoldedDoublings(first, norm, second).eval())
            count += 1
    return count


def is_doubling(layer: nn.ConvTranspose2d) -> bool:
    """Whether each input pixel produces 2 x 2 output pixels of its own."""
    shape = (layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation, layer.groups)
    return shape == ((2, 2), (2, 2), (0, 0), (0, 0), (1, 1), 1)
