"""Stopped at every batch and every validation there is, under each setting that changes the loop, and continued.

A model of a few weights takes the place of the detector; callbacks, loggers, sampler and checkpoints are the real ones.
Whole trainings are stopped in tests/gates.
"""

from pathlib import Path
from typing import Any

import pytest

from ocr.training.points import KEY
from ocr.types import InputError
from ocr.weights.checkpoint_file import load_checkpoint
from small_training import fit, outcome

pytestmark = pytest.mark.filterwarnings("ignore:Checkpoint directory", "ignore:Be aware that when using `ckpt_path`")

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "accumulate": {"accumulate_grad_batches": 2},
    "validate-within": {"val_check_interval": 0.5},
    "accumulate-and-validate-within": {"accumulate_grad_batches": 2, "val_check_interval": 4},
    "every-second-epoch": {"check_val_every_n_epoch": 2},
    "max-steps": {"max_steps": 8, "max_epochs": -1},
    "some-batches": {"limit_train_batches": 4},
    "one-batch": {"limit_train_batches": 1},
    "no-average": {"ema": False},
    "early-stopping": {"patience": 0},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_stopped_anywhere_it_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = tmp_path / "whole"
    assert fit(whole, SETTINGS[name], monkeypatch, None) is None
    expected = outcome(whole)
    stops = 0
    for at in range(1, 200):
        run = tmp_path / str(at)
        stop = fit(run, SETTINGS[name], monkeypatch, at)
        if stop is None:
            break
        stops += 1
        if stop.checkpoint is not None:
            assert KEY in load_checkpoint(stop.checkpoint)
        again = fit(run, SETTINGS[name], monkeypatch, 4)  # and once more, three looks on
        if again is not None:
            assert fit(run, SETTINGS[name], monkeypatch, None) is None
        assert outcome(run) == expected, f"stopped at look {at}"
    assert stops >= 4


def test_a_moved_run_goes_on_with_its_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fit(tmp_path / "whole", {}, monkeypatch, None) is None
    assert fit(tmp_path / "here", {}, monkeypatch, 17) is not None
    (tmp_path / "here").rename(tmp_path / "there")
    assert fit(tmp_path / "there", {}, monkeypatch, None) is None
    assert outcome(tmp_path / "there") == outcome(tmp_path / "whole")


def test_what_could_not_be_continued_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"trainer\.max_epochs=4 is not a multiple of .*check_val_every_n_epoch=3"):
        fit(tmp_path / "a", {"check_val_every_n_epoch": 3}, monkeypatch, None)
    with pytest.raises(InputError, match=r"limit_val_batches=0"):
        fit(tmp_path / "b", {"limit_val_batches": 0}, monkeypatch, None)
    with pytest.raises(InputError, match=r"val_check_interval=0\.5 would validate while .*accumulate_grad_batches=2"):
        fit(tmp_path / "c", {"val_check_interval": 0.5, "accumulate_grad_batches": 2}, monkeypatch, None)
    assert fit(tmp_path / "d", {}, monkeypatch, 4) is not None
    with pytest.raises(InputError, match=r"callbacks\.ema\.enabled=true"):
        fit(tmp_path / "d", {"ema": False}, monkeypatch, None)
