"""Classes of tokens, where some are known, and of others only what they may be."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

LEAST = 1e-6
"""Least probability of what must be, so that its logarithm is finite."""


class TokenLoss(nn.Module):
    """The negative logarithm of the probability of what is known, mean over the tokens of each page.

    Of a token, the probabilities of the classes that it may have are added (partial labels, Cour et al. 2011); of the
    tokens among which a class must occur, the probability counts that at least one has it (noisy-or, multiple
    instances). The first tokens of items are told from others by binary cross entropy, where items are known.

    Args:
        starts: weight of the first tokens of items.
        needed: weight of what must occur.
    """

    def __init__(self, starts: float = 0.5, needed: float = 0.1) -> None:
        super().__init__()
        self.starts = starts
        self.needed = needed

    def forward(
        self, output: Mapping[str, torch.Tensor], targets: Mapping[str, torch.Tensor]
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Loss of a batch.

        Args:
            output: ``logits`` (B, N, K), ``starts`` (B, N) and ``counts`` (B,) of an `Extractor`.
            targets: bool ``allowed`` and ``needed`` (B, N, K), ``starts`` (B, N), ``items`` (B,).

        Returns:
            The loss, and its parts ``fields``, ``occurs``, ``starts``.
        """
        logs_BNK = output["logits"].float().log_softmax(-1)
        place_N = torch.arange(logs_BNK.shape[1], device=logs_BNK.device)
        mask_BN = (place_N < output["counts"][:, None]).float()
        counts_B = mask_BN.sum(1).clamp(min=1.0)
        allowed_BN = logs_BNK.masked_fill(~targets["allowed"], -1e4).logsumexp(-1)
        fields = -((allowed_BN * mask_BN).sum(1) / counts_B).mean()
        needed_BNK = targets["needed"]
        none_BK = torch.where(needed_BNK, torch.log1p(-logs_BNK.exp().clamp(max=1.0 - LEAST)), 0.0).sum(1)
        occurs_BK = torch.where(needed_BNK.any(1), -torch.log((1.0 - none_BK.exp()).clamp(min=LEAST)), 0.0)
        occurs = occurs_BK.sum(1).mean()
        first_BN = functional.binary_cross_entropy_with_logits(
            output["starts"].float(), targets["starts"].float(), reduction="none"
        )
        starts = ((first_BN * mask_BN).sum(1) / counts_B * targets["items"].float()).mean()
        total = fields + self.needed * occurs + self.starts * starts
        return total, {"fields": fields.detach(), "occurs": occurs.detach(), "starts": starts.detach()}
