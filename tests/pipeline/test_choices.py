"""What can be chosen for a training, from the configuration's files."""

import os
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from made_runs import make_run
from ocr.pipeline.choices import GROUPS, choices, chosen_files, read_settings, settings
from ocr.pipeline.launching import continue_training, settings_of, start_training, started_in, stop_training
from ocr.types import InputError
from ocr.utils.path_utils import CONFIG_DIR
from ocr.utils.runs import hold


def test_the_comment_beside_a_key_or_its_section_is_its_help(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "# What it is.\ndefaults:\n  - b\na: 1  # one\nb:   # of all in it\n  _target_: x.Y\n  c: null\n"
        "  d: [1, 2]   # two\n  e:\n    f: 'x'\ng: ' #$'\nhydra:\n  run:\n    dir: .\n",
        encoding="utf-8",
    )
    found = [(setting.key, setting.value, setting.help) for setting in read_settings(file)]
    assert found == [
        ("a", "1", "one"),
        ("b.c", "null", "of all in it"),
        ("b.d", "[1, 2]", "two"),
        ("b.e.f", "'x'", "of all in it"),
        ("g", "' #$'", ""),
    ]


def test_an_experiment_chooses_what_nobody_chose() -> None:
    assert chosen_files({})["model"] == "dbnet_mobilenetv3"
    gpu = chosen_files({"experiment": "gpu"})
    assert (gpu["data"], gpu["model"], gpu["trainer"]) == ("drawn", "dbnetpp_resnet50", "gpu")
    assert chosen_files({"experiment": "gpu", "model": "dbnet_resnet18"})["model"] == "dbnet_resnet18"
    text = chosen_files({"experiment": "sroie_text"})
    assert (text["task"], text["charset"], text["model"]) == ("recognition", "english", "recognizer_small")


def test_every_choice_has_its_settings() -> None:
    for group in GROUPS:
        assert choices(group)
        for name, about in choices(group).items():
            assert about, f"configs/{group}/{name}.yaml has no comment at its top"
            assert "trainer.max_epochs" in settings({group: name})
    known = settings({"experiment": "sroie"})
    assert known["optimiser.lr"].value == "0.006"
    assert known["data.on_error"].help.startswith("raise: ")
    assert known["trainer.max_epochs"].value == "44"
    assert settings({"data": "drawn"})["data.crop.size"].value == "640"
    assert "hydra.run.dir" not in known
    assert (CONFIG_DIR / "train.yaml").exists()


def test_a_run_is_continued_with_its_settings_where_it_was_started(tmp_path: Path) -> None:
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "overrides.yaml").write_text("- seed=1\n- resume=auto\n- 'exp_name=a b'\n", encoding="utf-8")
    place = tmp_path / ("my documents, " * 9) / "here"  # so long that YAML parts it at a blank
    place.mkdir(parents=True)
    OmegaConf.save({"hydra": {"runtime": {"cwd": str(place)}}}, tmp_path / ".hydra" / "hydra.yaml")
    assert settings_of(tmp_path) == ["seed=1", "exp_name=a b"]
    assert started_in(tmp_path) == place


def test_what_cannot_be_done_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = make_run(tmp_path, 0, state="stopped")
    with pytest.raises(InputError, match="no checkpoint to continue from"):
        continue_training(folder)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.ckpt").touch()
    with pytest.raises(InputError, match="the run is not running"):
        stop_training(folder)
    lock = hold(folder / ".lock")
    assert lock is not None
    with pytest.raises(InputError, match="is running already; stop it first"):
        continue_training(folder)
    os.close(lock)
    assert not (folder / "console.log").exists()
    for name in ("", "a/b", "..", "a b"):
        with pytest.raises(InputError, match="it names a folder"):
            start_training(tmp_path, name, [], tmp_path)
