"""Order: a pure function of seed and epoch, dealt out to processes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.data.sampler import EvaluationSampler, ShuffleSampler
from ocr.types import InputError


def test_every_record_once_an_epoch_in_an_order_of_its_own() -> None:
    sampler = ShuffleSampler(50, seed=1)
    first = list(sampler)
    assert first == list(sampler)
    assert sorted(index for _, index in first) == list(range(50))
    sampler.set_epoch(1)
    second = list(sampler)
    assert {epoch for epoch, _ in second} == {1}
    assert [index for _, index in second] != [index for _, index in first]
    assert [index for _, index in ShuffleSampler(50, seed=2)] != [index for _, index in first]


@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 3))
def test_processes_take_turns_in_the_one_order(length: int, world_size: int, epoch: int) -> None:
    if length < world_size:
        with pytest.raises(InputError, match="use fewer devices"):
            ShuffleSampler(length, seed=0, rank=0, world_size=world_size)
        return
    whole = ShuffleSampler(length, seed=0)
    whole.set_epoch(epoch)
    hands = [ShuffleSampler(length, seed=0, rank=rank, world_size=world_size) for rank in range(world_size)]
    for hand in hands:
        hand.set_epoch(epoch)
    assert {len(hand) for hand in hands} == {length // world_size}
    dealt = [key for turn in zip(*hands, strict=True) for key in turn]
    assert dealt == list(whole)[: len(dealt)]


@given(st.integers(0, 40), st.integers(1, 5), st.integers(1, 3))
def test_evaluation_sees_every_record_once(length: int, world_size: int, batch_size: int) -> None:
    hands = [
        list(EvaluationSampler(length, rank=rank, world_size=world_size, batch_size=batch_size))
        for rank in range(world_size)
    ]
    for index, keys in enumerate(zip(*hands, strict=True)):
        assert [key for key in keys if key is not None] == [(0, index)]
    assert all(len(hand) == length for hand in hands)
