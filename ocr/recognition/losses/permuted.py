"""Permuted language modelling of a decoder beside CTC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from ocr.recognition.losses.ctc import CTCLoss
from ocr.text import BLANK
from ocr.types import InputError

LEFT_OUT = -100
"""Code of a position that is not learnt."""


class PermutedLoss(nn.Module):
    """Cross-entropy of a decoder that learns to read in several orders (PARSeq, section 3.3), added to CTC.

    The orders are from left to right, from right to left, and random ones with their reverses. In each, a position
    knows the characters before it in that order. Before these, all positions are read with nothing known, as the first
    pass of the decoding does: PARSeq learns that only for the first position of an order, too rarely for long lines.
    The end of the text is learnt in the first two alone. In evaluation mode there are no random orders, so that the
    loss is a function of its input.

    For lines whose letter case is unknown, the probabilities of both cases are added as in `CTCLoss`, and the context
    is the mean of both. Texts that are longer than the decoder can read are left out, and counted in ``too_long``.

    Args:
        characters: the charset.
        orders: number of orders, 2 or more, even.
        ctc_weight: weight of CTC; the decoder's is 1.

    Raises:
        ValueError: ``orders`` is not an even number of at least 2.
    """

    lowered_K: torch.Tensor

    def __init__(self, characters: str, orders: int = 6, ctc_weight: float = 1.0) -> None:
        super().__init__()
        if orders < 2 or orders % 2:
            raise ValueError(f"orders={orders} must be 2, 4, 6, ...: orders and their reverses")
        self.ctc = CTCLoss(characters)
        self.orders = orders
        self.ctc_weight = ctc_weight
        lowered = torch.arange(len(characters) + 1)
        lowered[self.ctc.upper_K] = self.ctc.lower_K
        self.register_buffer("lowered_K", lowered, persistent=False)

    def forward(
        self, output: Mapping[str, Any], targets: Mapping[str, torch.Tensor]
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Loss of a batch.

        Args:
            output: of an `AttentionRecognizer`.
            targets: as for `CTCLoss`.

        Returns:
            The sum, and its parts ``ctc``, ``decoder``, ``too_long``.

        Raises:
            InputError: the network has no decoder.
        """
        if "taught" not in output:
            raise InputError("loss=permuted needs a network with a decoder, such as model=recognizer_attention")
        ctc, parts = self.ctc(output["ctc"], targets)
        known_B1, codes_BL = targets["case_known"][:, None], targets["codes"]
        fits_B = targets["lengths"] < output["longest"]
        codes_BL = torch.where(known_B1, codes_BL, self.ctc.folded_K[codes_BL])[:, : output["longest"] - 1]
        context_BLC = output["embed"](codes_BL, torch.where(known_B1, codes_BL, self.lowered_K[codes_BL]))
        lengths_B = torch.where(fits_B, targets["lengths"], 0).to(codes_BL.device)
        places_N = torch.arange(codes_BL.shape[1] + 1, device=codes_BL.device)
        wanted_BN = torch.where(places_N < lengths_B[:, None], functional.pad(codes_BL, (0, 1)), LEFT_OUT)
        last_BN = torch.where((places_N == lengths_B[:, None]) & (lengths_B > 0)[:, None], BLANK, wanted_BN)
        padding_B1L = functional.pad(places_N[:-1] >= lengths_B[:, None], (1, 0))[:, None]
        total, count = ctc.new_zeros(()), 0
        for number, before_NL in enumerate(self.known(codes_BL.shape[1])):
            known_BNL = before_NL.to(codes_BL.device) & ~padding_B1L
            logs_BNK = output["taught"](context_BLC, known_BNL).log_softmax(-1)
            logs_BNK = torch.where(known_B1[..., None], logs_BNK, self.ctc.folded(logs_BNK))
            learnt_BN = last_BN if number < 2 else wanted_BN
            total = total + functional.nll_loss(
                logs_BNK.flatten(0, 1), learnt_BN.flatten(), ignore_index=LEFT_OUT, reduction="sum"
            )
            count += int((learnt_BN != LEFT_OUT).sum())
        decoder = total / max(count, 1)
        too_long = torch.maximum(parts["too_long"], 1.0 - fits_B.float().mean())
        return self.ctc_weight * ctc + decoder, {
            "ctc": parts["ctc"],
            "decoder": decoder.detach(),
            "too_long": too_long,
        }

    def known(self, length: int) -> list[torch.Tensor]:
        """Bool (length + 1, length + 1) each: what a position knows of the beginning and the characters.

        The position behind the last one is the end of the text, which knows all.
        """
        orders = [torch.arange(length)]
        if self.training:
            orders += [torch.randperm(length) for _ in range(self.orders // 2 - 1)]
        nothing_NL = functional.pad(torch.zeros(length + 1, length, dtype=torch.bool), (1, 0), value=True)
        return [nothing_NL] + [mask for order in orders for mask in (_before(order), _before(order.flip(0)))]


def _before(order_L: torch.Tensor) -> torch.Tensor:
    """What each position knows if the characters are read in this order."""
    length = len(order_L)
    rank_L = torch.empty(length + 1, dtype=torch.long)
    rank_L[order_L] = torch.arange(length)
    rank_L[length] = length
    known_NL = rank_L[None, :-1] < rank_L[:, None]
    return functional.pad(known_NL, (1, 0), value=True)
