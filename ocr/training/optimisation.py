"""The optimiser of a network's parameters."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True, kw_only=True)
class AdamW:
    """AdamW (Loshchilov and Hutter 2019) with weight decay on weights only.

    Biases and normalisation parameters (every parameter of fewer than two dimensions) are not decayed.

    Attributes:
        lr: base learning rate.
        weight_decay: decoupled weight decay.
        betas: decay of the first and second moment.
    """

    lr: float = 1e-3
    weight_decay: float = 1e-2
    betas: tuple[float, float] = (0.9, 0.999)

    def __call__(self, network: nn.Module) -> torch.optim.Optimizer:
        """The optimiser for all trainable parameters."""
        trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in trainable if p.ndim >= 2], "weight_decay": self.weight_decay},
            {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.lr, betas=(self.betas[0], self.betas[1]))
