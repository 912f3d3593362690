"""Binary cross-entropy with hard negative mining (Liao et al., AAAI 2020, "Optimization")."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_SIZE = 1 << 14


class BalancedBCELoss(nn.Module):
    """Mean cross-entropy over all positives and the hardest negatives of the batch.

    Args:
        negative_ratio: at most this many negatives are taken per positive.
        eps: added to the number of pixels, so that a batch without positives gives 0.

    Raises:
        ValueError: a setting is negative, or ``eps`` is 0.
    """

    def __init__(self, negative_ratio: float = 3.0, eps: float = 1e-6) -> None:
        super().__init__()
        if negative_ratio < 0.0:
            raise ValueError(f"negative_ratio is {negative_ratio}; it cannot be negative")
        if eps <= 0.0:
            raise ValueError(f"eps is {eps}; it must be above 0")
        self.negative_ratio = negative_ratio
        self.eps = eps

    def forward(self, logits: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """The loss, a float32 scalar of at least 0.

        Args:
            logits: raw scores (any shape); converted to float32.
            target: 1 for text, 0 for background, same shape.
            mask: 1 for pixels that count, 0 for the others, same shape.
        """
        seen = mask > 0.5
        text = (target > 0.5) & seen
        background = seen & ~text
        positives = int(torch.count_nonzero(text))
        negatives = min(int(torch.count_nonzero(background)), int(positives * self.negative_ratio))
        loss = functional.binary_cross_entropy_with_logits(logits.float(), target.float(), reduction="none")
        with torch.no_grad():
            # No loss is negative, so -1 is never among the largest.
            hardest = weights_of_largest(loss.masked_fill(~background, -1.0), negatives)
            weights = hardest.masked_fill_(text, 1.0)
        return (loss * weights).sum() / (positives + negatives + self.eps)


def weights_of_largest(values: Tensor, count: int) -> Tensor:
    """1 for each of the ``count`` largest values, 0 for the others, as float32 of the same shape.

    Values that tie for the last place share it with equal weights, so that the result does not depend on the order.
    """
    if count <= 0:
        return torch.zeros_like(values)
    if count >= values.numel():
        return torch.ones_like(values)
    last = kth_largest(values.flatten(), count)
    weights = (values >= last).float()
    tied = values == last
    missing = count - (torch.count_nonzero(weights) - torch.count_nonzero(tied))
    return weights.masked_fill_(tied, float(missing) / max(int(torch.count_nonzero(tied)), 1))


def kth_largest(values_N: Tensor, k: int) -> Tensor:
    """The ``k``-th largest of the values, 1 <= k <= N: exact, and much faster than a full selection.

    A sorted sample of the values brackets the answer; only the few values within the bracket are searched. If the
    bracket misses the answer, all values are searched.
    """
    step = (len(values_N) // SAMPLE_SIZE) | 1
    sample = torch.sort(values_N[::step], descending=True).values
    place, margin = k // step, len(sample) // 50
    upper, lower = sample[max(place - margin, 0)], sample[min(place + margin, len(sample) - 1)]
    above = int(torch.count_nonzero(values_N > upper))
    bracketed = values_N[(values_N <= upper) & (values_N >= lower)]
    if above < k <= above + len(bracketed):
        return torch.topk(bracketed, k - above, sorted=False).values.min()
    return torch.topk(values_N, k, sorted=False).values.min()
