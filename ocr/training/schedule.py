"""Learning rate over the steps of a run, as a factor of the base rate."""

from __future__ import annotations

import math
from dataclasses import dataclass


def warmed_up(step: int, warmup_steps: int) -> float:
    """Linear from ``1 / warmup_steps`` at step 0 to 1."""
    return min((step + 1) / warmup_steps, 1.0) if warmup_steps else 1.0


@dataclass(frozen=True, kw_only=True)
class WarmupCosine:
    """Linear warm-up, then half a cosine down to ``final`` (Loshchilov and Hutter 2017, equation 5, one cycle).

    Attributes:
        warmup_fraction: share of all steps spent warming up, 0..1.
        final: factor at the last step.
    """

    warmup_fraction: float = 0.05
    final: float = 0.01

    def __call__(self, step: int, total_steps: int) -> float:
        """Factor at an optimiser step, counted from 0."""
        warmup_steps = round(self.warmup_fraction * total_steps)
        progress = min(max(step - warmup_steps, 0) / max(total_steps - warmup_steps, 1), 1.0)
        cosine = (1.0 + math.cos(math.pi * progress)) / 2.0
        return warmed_up(step, warmup_steps) * (self.final + (1.0 - self.final) * cosine)


@dataclass(frozen=True, kw_only=True)
class WarmupPoly:
    """Linear warm-up, then ``(1 - progress) ** power`` (Liao et al. 2020, section 4.2: power 0.9).

    Attributes:
        warmup_fraction: share of all steps spent warming up, 0..1.
        power: exponent of the decay.
    """

    warmup_fraction: float = 0.05
    power: float = 0.9

    def __call__(self, step: int, total_steps: int) -> float:
        """Factor at an optimiser step, counted from 0."""
        warmup_steps = round(self.warmup_fraction * total_steps)
        progress = min(max(step - warmup_steps, 0) / max(total_steps - warmup_steps, 1), 1.0)
        return warmed_up(step, warmup_steps) * float((1.0 - progress) ** self.power)
