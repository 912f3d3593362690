"""The whole loss: its parts, its weights, its ends, and that following it leads to the targets."""

import pytest
import torch

from ocr.detection.losses.db import DBLoss


def scene(seed=0, shape=(2, 16, 20)):
    generator = torch.Generator().manual_seed(seed)
    maps = {
        "probability_logits": torch.randn(shape, generator=generator).requires_grad_(),
        "threshold": torch.rand(shape, generator=generator).requires_grad_(),
        "binary": torch.rand(shape, generator=generator).requires_grad_(),
    }
    targets = {
        "shrink_map": (torch.rand(shape, generator=generator) > 0.8).float(),
        "shrink_mask": (torch.rand(shape, generator=generator) > 0.1).float(),
        "threshold_map": 0.3 + 0.4 * torch.rand(shape, generator=generator),
        "threshold_mask": (torch.rand(shape, generator=generator) > 0.5).float(),
    }
    return maps, targets


def test_total_is_the_weighted_sum_of_the_parts():
    total, parts = DBLoss(alpha=2.0, beta=3.0, dice_weight=0.5)(*scene())
    assert set(parts) == {"shrink_bce", "threshold_l1", "binary_dice"}
    expected = 2 * parts["shrink_bce"] + 3 * parts["threshold_l1"] + 0.5 * parts["binary_dice"]
    assert total.item() == pytest.approx(expected.item(), rel=1e-6)
    assert total.requires_grad
    assert not any(part.requires_grad for part in parts.values())


def test_each_map_is_compared_with_its_own_target():
    maps, targets = scene()
    total, parts = DBLoss()(maps, targets)
    mask, wanted = targets["shrink_mask"], targets["shrink_map"]
    away = ((maps["threshold"] - targets["threshold_map"]).abs() * targets["threshold_mask"]).sum()
    assert parts["threshold_l1"].item() == pytest.approx((away / targets["threshold_mask"].sum()).item(), rel=1e-5)
    shown = maps["binary"] * mask
    dice = 1 - 2 * (shown * wanted).sum() / (shown.sum() + (wanted * mask).sum())
    assert parts["binary_dice"].item() == pytest.approx(dice.item(), rel=1e-5)
    total.backward()
    assert all(values.grad.abs().sum() > 0 for values in maps.values())


@pytest.mark.parametrize("empty", ["shrink_map", "shrink_mask", "threshold_mask", "all"])
@pytest.mark.parametrize("logit", [None, 1e4, -1e4])
def test_is_finite_with_its_gradient_whatever_is_empty(empty, logit):
    maps, targets = scene()
    for name in targets if empty == "all" else [empty]:
        targets[name] = torch.zeros_like(targets[name])
    if logit is not None:
        maps["probability_logits"] = torch.full_like(maps["threshold"], logit).requires_grad_()
    total, parts = DBLoss()(maps, targets)
    total.backward()
    assert torch.isfinite(total)
    assert all(torch.isfinite(part) for part in parts.values())
    assert all(torch.isfinite(values.grad).all() for values in maps.values())


def test_perfect_maps_cost_next_to_nothing():
    _, targets = scene()
    maps = {
        "probability_logits": 40 * (targets["shrink_map"] - 0.5),
        "threshold": targets["threshold_map"],
        "binary": targets["shrink_map"],
    }
    assert DBLoss()(maps, targets)[0].item() < 1e-4


@pytest.mark.parametrize("name", ["probability_logits", "threshold", "binary"])
def test_a_map_that_is_not_a_number_gives_a_loss_that_is_none(name):
    maps, targets = scene()
    maps[name] = torch.full_like(maps[name], float("nan"))
    assert not torch.isfinite(DBLoss()(maps, targets)[0])


def test_half_precision_maps_give_a_float32_loss():
    maps, targets = scene()
    total, _ = DBLoss()({name: values.detach().bfloat16() for name, values in maps.items()}, targets)
    assert total.dtype == torch.float32


def test_descent_leads_to_the_targets():
    _, targets = scene(3, (1, 12, 12))
    logits, threshold = torch.zeros(1, 12, 12, requires_grad=True), torch.zeros(1, 12, 12, requires_grad=True)
    optimizer = torch.optim.Adam([logits, threshold], lr=0.1)
    for _ in range(200):
        shown, level = torch.sigmoid(logits), torch.sigmoid(threshold)
        maps = {"probability_logits": logits, "threshold": level, "binary": torch.sigmoid(50 * (shown - level))}
        total, _ = DBLoss()(maps, targets)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    seen = targets["shrink_mask"] > 0
    assert ((logits > 0)[seen] == (targets["shrink_map"] > 0.5)[seen]).all()
    near = targets["threshold_mask"] > 0
    assert (torch.sigmoid(threshold) - targets["threshold_map"])[near].abs().max() < 0.05
