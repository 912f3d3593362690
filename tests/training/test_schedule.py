"""Learning rate factors at known steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.training.schedule import Warmup
from ocr.types import InputError


def test_cosine() -> None:
    schedule = Warmup(warmup_fraction=0.1, final=0.2)
    assert schedule(0, 100) == pytest.approx(0.1)
    assert schedule(9, 100) == schedule(10, 100) == 1.0
    assert schedule(55, 100) == pytest.approx(0.6)
    assert schedule(100, 100) == schedule(1000, 100) == pytest.approx(0.2)


def test_poly() -> None:
    schedule = Warmup(warmup_fraction=0.0, decay="poly", power=0.9)
    assert schedule(0, 10) == 1.0
    assert schedule(5, 10) == pytest.approx(0.5**0.9)
    assert schedule(10, 10) == 0.0


@given(st.integers(1, 500), st.floats(0, 1), st.sampled_from(["cosine", "poly"]))
def test_rises_then_falls_within_bounds(total: int, warmup: float, decay: str) -> None:
    factors = [Warmup(warmup_fraction=warmup, decay=decay)(step, total) for step in range(total + 1)]
    assert all(0 <= factor <= 1 for factor in factors)
    top = factors.index(max(factors))
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)


def test_an_unknown_decay_is_named() -> None:
    with pytest.raises(InputError, match=r"schedule\.decay='linear' is unknown; use one of cosine, poly"):
        Warmup(decay="linear")
