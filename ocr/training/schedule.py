"""Learning rate over the steps of a run, as a factor of the base rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from ocr.types import InputError

Decay = Literal["cosine", "poly"]


@dataclass(frozen=True, kw_only=True)
class Warmup:
    """Linear warm-up from ``1 / warm-up steps`` to 1, then a decay.

    Attributes:
        warmup_fraction: share of all steps spent warming up, 0..1.
        decay: ``cosine``, half a cosine down to ``final`` (Loshchilov and Hutter 2017, equation 5, one cycle), or
            ``poly``, ``(1 - progress) ** power`` (Liao et al. 2020, section 4.2: power 0.9).
        final: factor at the last step of ``cosine``.
        power: exponent of ``poly``.

    Raises:
        InputError: ``decay`` is unknown.
    """

    warmup_fraction: float = 0.05
    decay: Decay = "cosine"
    final: float = 0.01
    power: float = 0.9

    def __post_init__(self) -> None:
        """Check the name."""
        if self.decay not in get_args(Decay):
            raise InputError(f"schedule.decay={self.decay!r} is unknown; use one of {', '.join(get_args(Decay))}")

    def __call__(self, step: int, total_steps: int) -> float:
        """Factor at an optimiser step, counted from 0."""
        warmup_steps = round(self.warmup_fraction * total_steps)
        progress = min(max(step - warmup_steps, 0) / max(total_steps - warmup_steps, 1), 1.0)
        warmed_up = min((step + 1) / warmup_steps, 1.0) if warmup_steps else 1.0
        if self.decay == "poly":
            return warmed_up * float((1.0 - progress) ** self.power)
        cosine = (1.0 + math.cos(math.pi * progress)) / 2.0
        return warmed_up * (self.final + (1.0 - self.final) * cosine)
