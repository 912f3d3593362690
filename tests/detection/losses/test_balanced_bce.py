"""The balanced cross-entropy against a plain reference, and its gradient where there is little to learn from."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from ocr.detection.losses.balanced_bce import BalancedBCELoss, kth_largest, weights_of_largest


def reference(logits, target, mask, ratio=3.0, eps=1e-6):
    """Select, sort, add up, one list after the other."""
    positive, negative = [], []
    for logit, wanted, seen in zip(logits.flatten(), target.flatten(), mask.flatten(), strict=True):
        probability = torch.sigmoid(logit.double())
        if seen > 0.5 and wanted > 0.5:
            positive.append(-torch.log(probability))
        elif seen > 0.5:
            negative.append(-torch.log(1 - probability))
    hardest = sorted(negative, reverse=True)[: int(len(positive) * ratio)]
    return sum([*positive, *hardest], torch.tensor(0.0)) / (len(positive) + len(hardest) + eps)


def random_case(seed, positive=0.1, shape=(2, 12, 13)):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(shape, generator=generator)
    target = (torch.rand(shape, generator=generator) < positive).float()
    mask = (torch.rand(shape, generator=generator) < 0.9).float()
    return logits.requires_grad_(), target, mask


@pytest.mark.parametrize("positive", [0.02, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_reference(seed, positive):
    logits, target, mask = random_case(seed, positive)
    loss = BalancedBCELoss()(logits, target, mask)
    (gradient,) = torch.autograd.grad(loss, logits)
    expected = reference(logits, target, mask)
    (expected_gradient,) = torch.autograd.grad(expected, logits)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-4, atol=1e-7)


def test_agrees_with_topk_on_a_large_batch():
    logits, target, mask = random_case(7, 0.05, (4, 320, 320))
    losses = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    text = (target * mask).bool()
    negative = losses[(mask - target * mask).bool()]
    count = 3 * int(text.sum())
    expected = (losses[text].sum() + negative.topk(count).values.sum()) / (int(text.sum()) + count)
    assert BalancedBCELoss()(logits, target, mask).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize(
    ("target", "mask"),
    [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0)],
    ids=["no text", "masked", "neither", "all text"],
)
@pytest.mark.parametrize("logit", [0.0, 80.0, -80.0])
def test_is_finite_with_its_gradient(target, mask, logit):
    logits = torch.full((2, 5, 6), logit, requires_grad=True)
    loss = BalancedBCELoss()(logits, torch.full((2, 5, 6), target), torch.full((2, 5, 6), mask))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
    assert (loss.item() < 1e-30) == (target * mask == 0.0 or logit == 80.0)


def test_masked_pixels_have_no_gradient():
    logits, target, mask = random_case(1)
    BalancedBCELoss()(logits, target, mask).backward()
    assert (logits.grad[mask == 0] == 0).all()
    assert (logits.grad[(mask == 1) & (target == 1)] < 0).all()


def test_half_precision_logits_are_taken_to_float32():
    logits, target, mask = random_case(2)
    halved = logits.detach().bfloat16()
    loss = BalancedBCELoss()(halved, target, mask)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(BalancedBCELoss()(halved.float(), target, mask).item())


def test_a_nan_is_not_hidden():
    logits, target, mask = random_case(3)
    broken = logits.detach().clone()
    broken[target == 0] = float("nan")
    assert torch.isnan(BalancedBCELoss()(broken, target, mask))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 5), st.integers(0, 10**6))
def test_weights_add_up_the_largest_with_ties(size, count, levels, seed):
    values = torch.randint(0, levels, (size,), generator=torch.Generator().manual_seed(seed)).float()
    weights = weights_of_largest(values, count)
    expected = values.sort(descending=True).values[:count].sum()
    assert (values * weights).sum().item() == pytest.approx(expected.item(), rel=1e-5, abs=1e-5)
    assert weights.sum().item() == pytest.approx(min(count, size), rel=1e-5)
    assert len(weights[values == values.max()].unique()) == 1


@pytest.mark.parametrize("arrange", ["random", "sorted", "sampled pixels unlike the rest", "ties"])
@pytest.mark.parametrize("share", [0.00001, 0.01, 0.4, 0.999, 1.0])
def test_kth_largest_is_exact(arrange, share):
    values = torch.rand(200_003, generator=torch.Generator().manual_seed(0))
    if arrange == "sorted":
        values = values.sort().values
    elif arrange == "ties":
        values = (values * 3).floor()
    elif arrange == "sampled pixels unlike the rest":
        values[:: (len(values) // (1 << 14)) | 1] += 5.0
    k = max(1, int(len(values) * share))
    assert kth_largest(values, k) == values.sort(descending=True).values[k - 1]


@pytest.mark.parametrize(
    ("setting", "message"), [({"negative_ratio": -1.0}, "negative_ratio is -1.0"), ({"eps": 0.0}, "eps is 0.0")]
)
def test_settings_out_of_range_are_named(setting, message):
    with pytest.raises(ValueError, match=message):
        BalancedBCELoss(**setting)
