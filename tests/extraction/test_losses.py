"""The loss of tokens: equal to known losses where all is known, and to hand-computed ones where it is not."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from ocr.extraction.losses.tokens import TokenLoss


def output(logits_BNK: torch.Tensor, counts: list[int]) -> dict[str, torch.Tensor]:
    return {"logits": logits_BNK, "starts": torch.zeros(logits_BNK.shape[:2]), "counts": torch.tensor(counts)}


def targets(allowed_BNK: torch.Tensor, needed_BNK: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
    needed = torch.zeros_like(allowed_BNK) if needed_BNK is None else needed_BNK
    batch, tokens, _ = allowed_BNK.shape
    starts = torch.zeros(batch, tokens, dtype=torch.bool)
    return {"allowed": allowed_BNK, "needed": needed, "starts": starts, "items": torch.zeros(batch, dtype=torch.bool)}


def test_one_class_a_token_is_cross_entropy() -> None:
    torch.manual_seed(0)
    logits, classes = torch.randn(1, 7, 5), torch.randint(0, 5, (1, 7))
    total, parts = TokenLoss()(output(logits, [7]), targets(functional.one_hot(classes, 5).bool()))
    expected = functional.cross_entropy(logits[0], classes[0])
    assert math.isclose(float(total), float(expected), rel_tol=1e-5)
    assert float(parts["occurs"]) == float(parts["starts"]) == 0.0


def test_padding_does_not_count() -> None:
    torch.manual_seed(1)
    logits, allowed = torch.randn(1, 4, 3), functional.one_hot(torch.tensor([[0, 1, 2, 0]]), 3).bool()
    whole, _ = TokenLoss()(output(logits, [4]), targets(allowed))
    padded = {name: torch.cat([value, value[:, :2]], 1) if value.dim() > 1 else value
              for name, value in targets(allowed).items()}  # fmt: skip
    longer, _ = TokenLoss()(output(torch.cat([logits, logits[:, :2]], 1), [4]), padded)
    assert math.isclose(float(whole), float(longer), rel_tol=1e-6)


def test_allowed_classes_are_added_and_anything_costs_nothing() -> None:
    logits = torch.log(torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]]))
    allowed = torch.tensor([[[True, True, False], [True, True, True]]])
    total, _ = TokenLoss()(output(logits, [2]), targets(allowed))
    assert math.isclose(float(total), -math.log(0.8) / 2, rel_tol=1e-4)


def test_one_of_several_tokens_must_have_a_class() -> None:
    logits = torch.log(torch.tensor([[[0.4, 0.6], [0.5, 0.5]]]))
    anything = torch.ones(1, 2, 2, dtype=torch.bool)
    needed = torch.zeros_like(anything)
    needed[0, :, 1] = True
    total, parts = TokenLoss(needed=2.0)(output(logits, [2]), targets(anything, needed))
    assert math.isclose(float(parts["occurs"]), -math.log(1 - 0.4 * 0.5), rel_tol=1e-4)
    assert math.isclose(float(total), 2 * -math.log(0.8), rel_tol=1e-4)


def test_first_tokens_count_where_items_are_known() -> None:
    logits, allowed = torch.zeros(2, 3, 2), torch.ones(2, 3, 2, dtype=torch.bool)
    known = targets(allowed) | {"items": torch.tensor([True, False])}
    known["starts"][0, 1] = True
    _, parts = TokenLoss()(output(logits, [3, 3]), known)
    assert math.isclose(float(parts["starts"]), math.log(2) / 2, rel_tol=1e-5)


def test_gradients_are_finite_where_a_class_is_certain() -> None:
    logits = torch.full((1, 2, 3), -100.0)
    logits[..., 0] = 100.0
    logits.requires_grad_()
    needed = torch.zeros(1, 2, 3, dtype=torch.bool)
    needed[..., 1] = True
    total, _ = TokenLoss()(output(logits, [2]), targets(torch.ones(1, 2, 3, dtype=torch.bool), needed))
    total.backward()
    assert logits.grad is not None
    assert torch.isfinite(torch.cat([total[None], logits.grad.flatten()])).all()
