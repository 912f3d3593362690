"""The encoder: any timm backbone as a feature pyramid. The only file that imports timm."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import timm
import torch
from torch import nn


def feature_info(body: nn.Module) -> Any:
    """Timm's description of a model's features (timm publishes no type for it)."""
    return body.feature_info


def convolve_in_full_precision(convolution: nn.Conv2d, images_BCHW: torch.Tensor) -> torch.Tensor:
    """Run a convolution in the precision of its weights, even under CPU autocast.

    oneDNN's backward pass of a depthwise convolution is slower in bfloat16 than in float32 (the row of half precision
    in docs/benchmarks.md). On other devices, and without autocast, nothing changes.
    """
    if images_BCHW.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
        return type(convolution).forward(convolution, images_BCHW)
    with torch.autocast("cpu", enabled=False):
        return type(convolution).forward(convolution, images_BCHW.to(convolution.weight.dtype))


class TimmEncoder(nn.Module):
    """A timm model cut into a pyramid of features.

    Args:
        name: timm model name, for example ``resnet18`` or ``mobilenetv3_small_075``.
        pretrained: load timm's published weights (needs the network on first use).
        strides: the strides (input pixels per feature pixel) to return, ascending.
        options: further arguments of the timm model. Transformers with a fixed input size (Swin) need
            ``{"dynamic_img_size": True}``, or they reject every image of another size.

    Attributes:
        channels: channels of each returned feature.
        strides: stride of each returned feature.

    Raises:
        ValueError: the model has no feature at one of the strides.
    """

    def __init__(
        self,
        name: str,
        *,
        pretrained: bool = False,
        strides: tuple[int, ...] = (4, 8, 16, 32),
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        options = options or {}
        reductions = feature_info(timm.create_model(name, features_only=True, pretrained=False, **options)).reduction()
        missing = [stride for stride in strides if stride not in reductions]
        if missing:
            raise ValueError(
                f"encoder {name!r} has features at strides {reductions}, not at {missing}; choose from those"
            )
        self.strides = tuple(strides)
        self.body = timm.create_model(
            name,
            features_only=True,
            pretrained=pretrained,
            out_indices=tuple(reductions.index(stride) for stride in strides),
            **options,
        )
        self.channels: tuple[int, ...] = tuple(feature_info(self.body).channels())
        for module in self.body.modules():
            if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
                # Not a wrapper module, so that weights keep their names; `partial` lets a deep copy call its own.
                module.__dict__["forward"] = partial(convolve_in_full_precision, module)
        # Swin, MambaOut and others return channels last; MobileNetV3's body, without the attribute, returns them first.
        self.features_are_BHWC = getattr(self.body, "output_fmt", "NCHW") == "NHWC"

    def forward(self, images_BCHW: torch.Tensor) -> list[torch.Tensor]:
        """Features (B, C_i, H / stride_i, W / stride_i), finest first."""
        features = cast("list[torch.Tensor]", self.body(images_BCHW))
        return [feature.permute(0, 3, 1, 2) for feature in features] if self.features_are_BHWC else features
