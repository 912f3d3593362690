"""What is decayed and what is not."""

import pytest
import torch
from torch import nn

from ocr.training.optimisation import AdamW


def test_weights_decay_and_biases_and_norms_do_not() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    network[0].weight.requires_grad_(True)
    optimiser = AdamW(lr=0.1, weight_decay=0.5)(network)
    decayed, plain = optimiser.param_groups
    assert decayed["params"] == [network[0].weight]
    assert {id(p) for p in plain["params"]} == {id(p) for p in (network[0].bias, *network[1].parameters())}
    assert (decayed["weight_decay"], plain["weight_decay"], plain["lr"]) == (0.5, 0.0, 0.1)


def test_without_gradient_a_weight_shrinks_by_rate_times_decay() -> None:
    network = nn.Linear(2, 2)
    before = network.weight.detach().clone()
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    AdamW(lr=0.1, weight_decay=0.5)(network).step()
    torch.testing.assert_close(network.weight, before * (1 - 0.1 * 0.5))


def test_frozen_parameters_are_left_out() -> None:
    network = nn.Linear(2, 2)
    network.weight.requires_grad_(False)
    assert [len(group["params"]) for group in AdamW()(network).param_groups] == [0, 1]


@pytest.mark.parametrize("beta", [0.5])
def test_betas_are_handed_on(beta: float) -> None:
    assert AdamW(betas=(beta, 0.9))(nn.Linear(1, 1)).defaults["betas"] == (beta, 0.9)
