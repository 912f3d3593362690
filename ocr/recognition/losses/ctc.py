"""Connectionist temporal classification, also for truth without letter case."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

from ocr.text import BLANK

IMPOSSIBLE = -1e4
"""Log probability that is 0 as a probability, and finite."""


class CTCLoss(nn.Module):
    """CTC (Graves et al. 2006), divided by the number of characters.

    Truth in capitals alone says nothing about the letter case that is printed. For such lines the probabilities of a
    letter's two cases are added: the network keeps the case that it would choose by itself.

    A known limit: within such a line a change of case inside one character costs nothing, so the paths ``-oo-`` and
    ``-oO-`` both have the loss 0 for "O", though the second is read as "oO". Nothing rewards the change either: the
    gradient keeps the ratio of the two cases at each step. The synthetic lines in the same batches, whose case is
    known, teach that a letter has one case at all its steps, and CTC's letters mostly have a single step.

    Lines without codes count zero, as do those that cannot be aligned, because their text needs more steps than they
    have; ``too_long`` is the share of the latter.

    Args:
        characters: the charset.
    """

    lower_K: torch.Tensor
    upper_K: torch.Tensor
    folded_K: torch.Tensor

    def __init__(self, characters: str) -> None:
        super().__init__()
        codes = {character: code for code, character in enumerate(characters, start=1)}
        # Of several letters with the same capital (Greek has two sigmas), one forms the pair.
        small = [c for c in characters if c.upper() in codes and c != c.upper() and c == c.upper().lower()]
        pairs = [(codes[c], codes[c.upper()]) for c in small]
        self.register_buffer("lower_K", torch.tensor([low for low, _ in pairs], dtype=torch.long), persistent=False)
        self.register_buffer("upper_K", torch.tensor([high for _, high in pairs], dtype=torch.long), persistent=False)
        folds = torch.arange(len(characters) + 1)
        folds[self.lower_K] = self.upper_K
        self.register_buffer("folded_K", folds, persistent=False)

    def forward(
        self, output: Mapping[str, torch.Tensor], targets: Mapping[str, torch.Tensor]
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Loss of a batch.

        Args:
            output: ``logits`` (B, T, K) and ``steps`` (B,) of a `Recognizer`.
            targets: ``codes``, int64 (B, L), ``lengths``, int64 (B,), ``case_known``, bool (B,).

        Returns:
            The mean over the lines of the negative log likelihood per character, and its parts ``ctc``, ``too_long``.
        """
        logs_BTK = output["logits"].float().log_softmax(-1)
        known_B, codes_BL = targets["case_known"], targets["codes"]
        if not bool(known_B.all()):
            logs_BTK = torch.where(known_B[:, None, None], logs_BTK, self.folded(logs_BTK))
            codes_BL = torch.where(known_B[:, None], codes_BL, self.folded_K[codes_BL])
        lengths_B, steps_B = targets["lengths"], output["steps"]
        repeats_B = ((codes_BL[:, 1:] == codes_BL[:, :-1]) & (codes_BL[:, 1:] != BLANK)).sum(1)
        fits_B = lengths_B + repeats_B <= steps_B
        # CUDA has no deterministic gradient of CTC.
        place = torch.device("cpu") if torch.are_deterministic_algorithms_enabled() else logs_BTK.device
        each_B = functional.ctc_loss(
            logs_BTK.transpose(0, 1).to(place),
            codes_BL.to(place),
            steps_B.to(place),
            lengths_B.to(place),
            BLANK,
            reduction="none",
            zero_infinity=True,
        ).to(logs_BTK.device)
        learnt_B = fits_B & (lengths_B > 0)
        mean = (torch.where(learnt_B, each_B, 0.0) / lengths_B.clamp(min=1)).mean()
        return mean, {"ctc": mean.detach(), "too_long": 1.0 - fits_B.float().mean()}

    def folded(self, logs_BTK: torch.Tensor) -> torch.Tensor:
        """Log probabilities where capitals stand for both cases, and small letters are impossible."""
        both = torch.logaddexp(logs_BTK[..., self.upper_K], logs_BTK[..., self.lower_K])
        # The sum must stay 1: PyTorch's gradient of CTC holds for normalised probabilities alone.
        return logs_BTK.index_fill(-1, self.lower_K, IMPOSSIBLE).index_copy(-1, self.upper_K, both)
