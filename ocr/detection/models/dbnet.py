"""DBNet and DBNet++, assembled from encoder, decoder and head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import nn

from ocr.detection.models.encoder import TimmEncoder
from ocr.types import InputError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class DBNet(nn.Module):
    """Differentiable binarisation text detector (Liao et al. 2020; with ``FPNASF`` as decoder: DBNet++, 2022).

    The network takes raw uint8 pixels and normalises them itself, so that an exported model needs no preprocessing
    except the resize.

    Args:
        encoder: the feature pyramid.
        decoder: builds the decoder from the encoder's channels.
        head: builds the head from the decoder's ``out_channels``.
        channels_last: keep weights and activations in NHWC memory order, in which most machines convolve faster.

    Attributes:
        stride: pixels of the input per pixel of the coarsest feature; height and width must be multiples of it.

    Examples:
        >>> from functools import partial
        >>> from ocr.detection.models import DBHead, DBNet, FPN, TimmEncoder
        >>> network = DBNet(TimmEncoder("resnet18"), partial(FPN, channels=64), DBHead)
        >>> maps = network(torch.zeros(1, 3, 64, 96, dtype=torch.uint8))
        >>> maps["binary"].shape
        torch.Size([1, 64, 96])
    """

    mean_C11: torch.Tensor
    std_C11: torch.Tensor

    def __init__(
        self,
        encoder: TimmEncoder,
        decoder: Callable[[Sequence[int]], nn.Module],
        head: Callable[[int], nn.Module],
        *,
        channels_last: bool = True,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder(encoder.channels)
        self.head = head(cast(int, self.decoder.out_channels))
        self.stride = encoder.strides[-1]
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.register_buffer("mean_C11", torch.tensor(IMAGENET_MEAN).view(3, 1, 1) * 255.0, persistent=False)
        self.register_buffer("std_C11", torch.tensor(IMAGENET_STD).view(3, 1, 1) * 255.0, persistent=False)
        self.to(memory_format=self.memory_format)

    def forward(self, images_BCHW: torch.Tensor, *, probability_only: bool = False) -> dict[str, torch.Tensor]:
        """Images to maps.

        Args:
            images_BCHW: uint8 RGB, 0..255; height and width are multiples of ``stride`` (32).
            probability_only: compute only the probability map; the others are for the loss.

        Returns:
            The head's maps, each float32 (B, H, W).

        Raises:
            InputError: height or width is not a multiple of ``stride``; the maps would differ in size from the image.
        """
        height, width = images_BCHW.shape[-2:]
        if height % self.stride or width % self.stride:
            raise InputError(
                f"the network input is {width} x {height} pixels; width and height must be multiples of the encoder's "
                f"stride {self.stride}: change data.crop.size (training) or data.transform.multiple (evaluation)"
            )
        normalised_BCHW = (images_BCHW.float() - self.mean_C11) / self.std_C11
        features = self.encoder(normalised_BCHW.contiguous(memory_format=self.memory_format))
        return cast("dict[str, torch.Tensor]", self.head(self.decoder(features), probability_only=probability_only))
