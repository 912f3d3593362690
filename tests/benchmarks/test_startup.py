from itertools import chain, repeat

import pytest

from benchmarks import startup


@pytest.mark.parametrize(
    ("ratios", "n", "median"),
    [
        pytest.param(repeat(1.1), 5, 1.1, id="within"),
        pytest.param(chain(repeat(1.5, 5), repeat(1.1)), 20, 1.1, id="five-bad-pairs"),
        pytest.param(repeat(1.5), 20, 1.5, id="slow"),
    ],
)
def test_a_ratio_above_its_limit_is_measured_again(monkeypatch, ratios, n, median) -> None:
    monkeypatch.setattr(startup, "seconds", lambda *_: 1.0)
    measured = startup.times_hydra(lambda: next(ratios), 1.3, 5)
    assert (measured.n, measured.median) == (n, pytest.approx(median))
