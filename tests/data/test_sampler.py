"""Order is a pure function of seed and epoch; processes share it out without gap or repetition."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.data.sampler import EvaluationSampler, ShuffleSampler
from ocr.types import InputError


def epoch_of(sampler, epoch):
    sampler.set_epoch(epoch)
    return list(sampler)


@given(st.integers(1, 50), st.integers(0, 2**32), st.integers(0, 100))
def test_order_is_a_function_of_seed_and_epoch(length, seed, epoch):
    fresh, used = (ShuffleSampler(length, seed=seed) for _ in range(2))
    epoch_of(used, epoch + 1)
    list(used)
    keys = epoch_of(fresh, epoch)
    assert epoch_of(used, epoch) == keys
    assert sorted(keys) == [(epoch, index) for index in range(length)]


def test_seeds_and_epochs_differ():
    orders = {tuple(i for _, i in epoch_of(ShuffleSampler(20, seed=s), e)) for s in range(4) for e in range(4)}
    assert len(orders) == 16


@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 9))
def test_processes_take_turns_in_one_order(length, world_size, epoch):
    if length < world_size:
        with pytest.raises(InputError, match=f"{length} training images cannot be shared by {world_size} processes"):
            ShuffleSampler(length, seed=3, world_size=world_size)
        return
    alone = epoch_of(ShuffleSampler(length, seed=3), epoch)
    samplers = [ShuffleSampler(length, seed=3, rank=rank, world_size=world_size) for rank in range(world_size)]
    shares = [epoch_of(sampler, epoch) for sampler in samplers]
    assert [len(share) for share in shares] == [len(sampler) for sampler in samplers]
    assert len({len(share) for share in shares}) == 1
    dealt = [key for turn in zip(*shares, strict=True) for key in turn]
    assert dealt == alone[: len(dealt)]
    assert len(alone) - len(dealt) < world_size


@given(st.integers(0, 40), st.integers(1, 5), st.integers(1, 4))
def test_evaluation_covers_every_record_once(length, world_size, batch_size):
    samplers = [
        EvaluationSampler(length, rank=rank, world_size=world_size, batch_size=batch_size) for rank in range(world_size)
    ]
    shares = [list(sampler) for sampler in samplers]
    assert all(len(share) == len(sampler) == length for share, sampler in zip(shares, samplers, strict=True))
    assert Counter(key for share in shares for key in share if key) == Counter((0, index) for index in range(length))
    for start in range(0, length, batch_size):  # a batch is one process's, whole
        owners = [rank for rank, share in enumerate(shares) if any(share[start : start + batch_size])]
        assert owners == [start // batch_size % world_size]
