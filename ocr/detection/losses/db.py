"""The loss of Differentiable Binarization (Liao et al., AAAI 2020, "Optimization")."""

from __future__ import annotations

from torch import Tensor, nn

from ocr.detection.losses.balanced_bce import BalancedBCELoss
from ocr.detection.losses.dice import MaskedDiceLoss
from ocr.detection.losses.masked_l1 import MaskedL1Loss


class DBLoss(nn.Module):
    """Weighted sum of the losses on the probability, the threshold and the binary map.

    Args:
        alpha: weight of the balanced cross-entropy on the probability map.
        beta: weight of the mean absolute error on the threshold map.
        dice_weight: weight of the dice loss on the binary map.
        negative_ratio: negatives per positive in the cross-entropy.
        eps: keeps empty denominators away from 0.

    The default weights are those of the authors' code; the paper has 1, 10 and 1, and a cross-entropy instead of dice.
    """

    def __init__(
        self,
        alpha: float = 5.0,
        beta: float = 10.0,
        dice_weight: float = 1.0,
        negative_ratio: float = 3.0,
        eps: float = 1e-6,
    ) -> None:
        super().__init__()
        self.alpha = alpha
        self.beta = beta
        self.dice_weight = dice_weight
        self.shrink_bce = BalancedBCELoss(negative_ratio, eps)
        self.threshold_l1 = MaskedL1Loss(eps)
        self.binary_dice = MaskedDiceLoss(eps)

    def forward(self, maps: dict[str, Tensor], targets: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare the network's maps with their targets.

        Args:
            maps: ``probability_logits`` raw, ``threshold`` and ``binary`` 0 to 1; (B, H, W) each.
            targets: ``shrink_map``, ``shrink_mask``, ``threshold_map``, ``threshold_mask``; (B, H, W) each, as
                `ocr.detection.targets.db.DBTargetBuilder` makes them.

        Returns:
            The loss, a float32 scalar, and its unweighted parts without gradient: ``shrink_bce``, ``threshold_l1``,
            ``binary_dice``. Finite for finite maps with any masks; a non-finite map gives a non-finite loss.
        """
        shrink_map, shrink_mask = targets["shrink_map"], targets["shrink_mask"]
        parts = {
            "shrink_bce": self.shrink_bce(maps["probability_logits"], shrink_map, shrink_mask),
            "threshold_l1": self.threshold_l1(maps["threshold"], targets["threshold_map"], targets["threshold_mask"]),
            "binary_dice": self.binary_dice(maps["binary"], shrink_map, shrink_mask),
        }
        total = (
            self.alpha * parts["shrink_bce"]
            + self.beta * parts["threshold_l1"]
            + self.dice_weight * parts["binary_dice"]
        )
        return total, {name: part.detach() for name, part in parts.items()}
