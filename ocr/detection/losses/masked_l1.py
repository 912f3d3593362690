"""Mean absolute error over the pixels of a mask."""

from __future__ import annotations

from torch import Tensor, nn


class MaskedL1Loss(nn.Module):
    """``sum(|prediction - target| mask) / sum(mask)`` over the whole batch.

    Args:
        eps: added to the denominator, so that an empty mask gives 0.

    Raises:
        ValueError: ``eps`` is not above 0.
    """

    def __init__(self, eps: float = 1e-6) -> None:
        super().__init__()
        if eps <= 0.0:
            raise ValueError(f"eps is {eps}; it must be above 0")
        self.eps = eps

    def forward(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """The loss, a float32 scalar of at least 0.

        Args:
            prediction: any shape.
            target: same shape.
            mask: 1 for pixels that count, 0 for the others, same shape.
        """
        return ((prediction.float() - target.float()).abs() * mask).sum() / (mask.sum() + self.eps)
