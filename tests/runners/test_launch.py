"""Near names of misspelt overrides, input errors in plain words, nothing written over."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ocr.types import InputError
from runners.launch import flat_keys, instantiate_enabled, near_names, new_file, plain_errors


@pytest.mark.parametrize(
    ("override", "near"),
    [
        ("trainer.max_epoch=1", "trainer.max_epochs"),
        ("max_epochs=1", "trainer.max_epochs"),
        ("data.batchsize=2", "data.batch_size"),
        ("exp_nme=a", "exp_name"),
        ("optimizer.lr=1", "optimiser.lr"),
    ],
)
def test_near_names(override: str, near: str) -> None:
    (line,) = near_names("train", [override, "seed=3", "+trainer.new=1", "model=dbnet_resnet18"])
    assert near in line
    assert override.split("=")[0] in line


def test_flat_keys() -> None:
    assert list(flat_keys({"a": {"b": 1, "c": {}}, "d": 2})) == ["a", "a.b", "a.c", "d"]


def test_input_errors_end_without_traceback_and_others_do_not() -> None:
    def wrong(cfg: object) -> None:
        raise InputError("a.json: bad")

    def broken(cfg: object) -> None:
        raise ValueError("a bug")

    with pytest.raises(SystemExit, match=r"InputError: a\.json: bad"):
        plain_errors(wrong)(OmegaConf.create({}))
    with pytest.raises(ValueError, match="a bug"):
        plain_errors(broken)(OmegaConf.create({}))
    with pytest.raises(SystemExit, match=r"input= must be given"):
        plain_errors(broken)(OmegaConf.create({"input": "???"}))


def test_new_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert new_file(path, overwrite=False) == path
    path.touch()
    assert new_file(path, overwrite=True) == path
    with pytest.raises(InputError, match="overwrite=true"):
        new_file(path, overwrite=False)


def test_only_what_is_enabled_is_made() -> None:
    group = OmegaConf.create(
        {
            "on": {"enabled": True, "spec": {"_target_": "pathlib.PurePosixPath", "_args_": ["a"]}},
            "off": {"enabled": False, "spec": {"_target_": "no.such.thing"}},
        }
    )
    assert [str(made) for made in instantiate_enabled(group)] == ["a"]
