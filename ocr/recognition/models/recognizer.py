"""A recogniser of text lines for CTC: convolutions, then attention along the line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from ocr.types import InputError

GREY = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in luma (ITU-R BT.601)."""
DECODER = "decoder."
"""Start of the names of a decoder's weights, which a network without one does not need."""


class Recognizer(nn.Module):
    """Convolutional stem, mixing blocks along the line, a score for each character and CTC's blank.

    The structure is SVTR's (Du et al. 2022) reduced to a CPU's means: three strided convolutions and depthwise blocks
    find strokes, the height is collapsed to one row, then blocks of convolution, attention and a feed-forward layer
    (Conformer, Gulati et al. 2020) mix along the line.

    A line's scores do not depend on what stands beside it in the batch: columns of zeros at the right end are padding,
    which is masked in every layer.

    Args:
        characters: the charset.
        height: rows of the input.
        channels: of the three convolutions of the stem.
        depth: depthwise blocks after the stem.
        width: channels along the line.
        blocks: mixing blocks along the line.
        heads: heads of their attention.
        dropout: in the mixing blocks, during training.

    Raises:
        ValueError: ``height`` is not a multiple of 8, ``width`` none of ``heads``, or ``channels`` are not three.

    Attributes:
        stride: columns of the input per step of the output.
        characters: the charset.
    """

    grey_C11: torch.Tensor

    def __init__(
        self,
        *,
        characters: str,
        height: int = 32,
        channels: Sequence[int] = (24, 48, 96),
        depth: int = 3,
        width: int = 192,
        blocks: int = 3,
        heads: int = 6,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if height % 8 or width % heads or len(channels) != 3:
            raise ValueError(
                f"height={height} must be a multiple of 8, width={width} one of heads={heads}, and "
                f"channels={list(channels)} three numbers"
            )
        self.stride = 4
        self.height = height
        self.characters = characters
        first, second, third = channels
        self.stem = nn.ModuleList(
            [
                ConvNorm(1, first, 3, stride=(2, 2)),
                ConvNorm(first, second, 3, stride=(2, 2)),
                ConvNorm(second, third, 3, stride=(2, 1)),
            ]
        )
        self.local = nn.ModuleList([DepthwiseBlock(third) for _ in range(depth)])
        self.collapse = nn.Linear(third * (height // 8), width)
        self.mix = nn.ModuleList([MixingBlock(width, heads, dropout) for _ in range(blocks)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, len(characters) + 1)
        self.register_buffer("grey_C11", torch.tensor(GREY).view(3, 1, 1), persistent=False)

    def forward(self, images_BCHW: torch.Tensor) -> dict[str, torch.Tensor]:
        """Pictures of lines to scores.

        Args:
            images_BCHW: uint8 RGB (B, 3, ``height``, W); W is a multiple of 8; padded with zeros on the right.

        Returns:
            ``logits``, float32 (B, W / 4, characters + 1), the first for CTC's blank; ``steps``, int64 (B,), how many
            of them belong to the line.

        Raises:
            InputError: the lines are not ``height`` pixels high.
        """
        x_BTC, mask_BT = self.features(images_BCHW)
        return self.scores(x_BTC, mask_BT)

    def scores(self, x_BTC: torch.Tensor, mask_BT: torch.Tensor) -> dict[str, torch.Tensor]:
        """``logits`` and ``steps`` from the result of `features`."""
        return {"logits": self.head(x_BTC).float(), "steps": mask_BT.sum(1).long()}

    def features(self, images_BCHW: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the network sees along the line.

        Args:
            images_BCHW: as for `forward`.

        Returns:
            Features (B, W / 4, ``width``), and float32 (B, W / 4), 1 where they belong to the line.

        Raises:
            InputError: as for `forward`.
        """
        if images_BCHW.shape[2] != self.height:
            raise InputError(
                f"the lines are {images_BCHW.shape[2]} pixels high, the network needs {self.height}: set "
                "data.transform.height to model.height"
            )
        pixels_BCHW = images_BCHW.float()
        # A column is part of the line if it or one behind it is not all zeros: up to the last one that is not.
        columns_W = torch.arange(1, images_BCHW.shape[-1] + 1, device=images_BCHW.device)
        last_B1 = ((images_BCHW.amax(dim=(1, 2)) > 0) * columns_W).amax(-1, keepdim=True)
        mask_B11W = (columns_W <= last_B1).float()[:, None, None]
        grey_B1HW = (pixels_BCHW * self.grey_C11).sum(1, keepdim=True) / 255.0
        x_BCHW = standardised(grey_B1HW, mask_B11W)
        for number, layer in enumerate(self.stem):
            mask_B11W = mask_B11W[..., ::2] if number < 2 else mask_B11W
            x_BCHW = layer(x_BCHW) * mask_B11W
        for layer in self.local:
            x_BCHW = layer(x_BCHW, mask_B11W)
        x_BTC = self.collapse(x_BCHW.permute(0, 3, 1, 2).flatten(2))
        mask_BT = mask_B11W[:, 0, 0]
        for layer in self.mix:
            x_BTC = layer(x_BTC, mask_BT)
        return self.norm(x_BTC), mask_BT

    def adapted(self, weights: Mapping[str, torch.Tensor], characters: str) -> dict[str, torch.Tensor]:
        """The weights of a network with another charset or decoder, for this one; what is new keeps its own.

        The last layer of a network of another width is returned as it is, for whoever loads it to refuse.

        Args:
            weights: the other network's weights by name.
            characters: its charset.
        """
        weights = {name: value for name, value in weights.items() if not name.startswith(DECODER)}
        before = {character: code for code, character in enumerate(characters, start=1)}
        kept = [(code, before[c]) for code, c in enumerate(self.characters, start=1) if c in before]
        own, theirs = torch.tensor([(0, 0), *kept]).T  # the blank is in every charset
        head = {f"head.{name}": value.detach().clone() for name, value in self.head.named_parameters()}
        fitting = {name: (len(characters) + 1, *value.shape[1:]) for name, value in head.items()}
        if any(name not in weights or weights[name].shape != shape for name, shape in fitting.items()):
            return weights
        for name, value in head.items():
            value[own] = weights[name][theirs].to(value)
        return {**weights, **head}


def standardised(grey_B1HW: torch.Tensor, mask_B11W: torch.Tensor) -> torch.Tensor:
    """Zero mean and unit variance over the columns of each line; zero in the padding."""
    count_B111 = (mask_B11W.sum(-1, keepdim=True) * grey_B1HW.shape[2]).clamp(min=1.0)
    # Rows first: in a sum of all pixels at once, ONNX Runtime's rounding errors add up.
    mean_B111 = (grey_B1HW * mask_B11W).sum(2, keepdim=True).sum(3, keepdim=True) / count_B111
    centred_B1HW = (grey_B1HW - mean_B111) * mask_B11W
    variance_B111 = centred_B1HW.square().sum(2, keepdim=True).sum(3, keepdim=True) / count_B111
    return centred_B1HW / (variance_B111.sqrt() + 0.02)  # blank paper's noise is not blown up


class ConvNorm(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, inward: int, outward: int, kernel: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inward, outward, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outward)

    def forward(self, x_BCHW: torch.Tensor) -> torch.Tensor:
        """(B, C, H, W) to (B, D, H / s, W / s)."""
        return functional.relu(self.norm(self.conv(x_BCHW)))


class DepthwiseBlock(nn.Module):
    """A residual block: 3 x 5 depthwise convolution, then two convolutions over the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(channels, channels, (3, 5), padding=(1, 2), groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.expand = nn.Conv2d(channels, 2 * channels, 1)
        self.reduce = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x_BCHW: torch.Tensor, mask_B11W: torch.Tensor) -> torch.Tensor:
        """(B, C, H, W) to the same, zero in the padding."""
        mixed = self.reduce(functional.relu(self.expand(self.norm(self.spread(x_BCHW)))))
        return cast(torch.Tensor, (x_BCHW + mixed) * mask_B11W)


class MixingBlock(nn.Module):
    """Depthwise convolution along the line, attention, feed-forward layer, each with a residual."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.local_norm, self.attention_norm, self.wide_norm = (nn.LayerNorm(width) for _ in range(3))
        self.local = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.local_mix = nn.Linear(width, width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BTC: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
        """(B, T, C) to the same; steps where ``mask_BT`` is 0 are not read."""
        seen_BTC = self.local_norm(x_BTC) * mask_BT[..., None]
        near_BTC = self.local(seen_BTC.transpose(1, 2)).transpose(1, 2)
        x_BTC = x_BTC + self.dropout(self.local_mix(functional.relu(near_BTC)))
        x_BTC = x_BTC + self.dropout(self.attend(self.attention_norm(x_BTC), mask_BT))
        wide_BTC = functional.relu(self.widen(self.wide_norm(x_BTC)))
        return cast(torch.Tensor, x_BTC + self.dropout(self.narrow(wide_BTC)))

    def attend(self, x_BTC: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
        """Multi-head attention (Vaswani et al. 2017) over the steps that are not padding."""
        batch, steps, width = x_BTC.shape
        parts = self.query_key_value(x_BTC).reshape(batch, steps, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        scores_BHTT = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
        scores_BHTT = scores_BHTT + (mask_BT[:, None, None] - 1.0) * 1e4
        mixed_BHTC = scores_BHTT.softmax(-1) @ value
        return cast(torch.Tensor, self.project(mixed_BHTC.transpose(1, 2).reshape(batch, steps, width)))
