"""Dice loss over the pixels of a mask (Milletari et al. 2016)."""

from __future__ import annotations

from torch import Tensor, nn


class MaskedDiceLoss(nn.Module):
    """``1 - 2 |P T| / (|P| + |T|)`` over the whole batch.

    Args:
        eps: added to the denominator, so that an empty mask gives a finite loss.

    Raises:
        ValueError: ``eps`` is not above 0.
    """

    def __init__(self, eps: float = 1e-6) -> None:
        super().__init__()
        if eps <= 0.0:
            raise ValueError(f"eps is {eps}; it must be above 0")
        self.eps = eps

    def forward(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """The loss, a float32 scalar between 0 and 1 (clamped against rounding).

        Args:
            prediction: 0 to 1 (any shape).
            target: 0 or 1, same shape.
            mask: 1 for pixels that count, 0 for the others, same shape.
        """
        shown, wanted = prediction.float() * mask, target.float() * mask
        overlap = (shown * wanted).sum()
        return (1.0 - 2.0 * overlap / (shown.sum() + wanted.sum() + self.eps)).clamp(0.0, 1.0)
