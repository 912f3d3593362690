"""What cannot be loaded is named."""

import os
import pickle
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ocr.training.checkpoint import AtomicCheckpointIO
from ocr.types import InputError
from ocr.weights.checkpoint_file import CheckpointError, keep_previous, load_checkpoint
from ocr.weights.stored import load_stored, load_weights
from taught_network import CONFIG


def save(path: Path, network: nn.Module) -> Path:
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    torch.save({"state_dict": {**weights, "other": torch.zeros(1)}, "config": {}}, path)
    return path


def test_weights_come_back(tmp_path: Path) -> None:
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    path = save(tmp_path / "a.ckpt", one)
    load_weights(other, load_checkpoint(path), path)
    assert torch.equal(one.weight, other.weight)


def test_faults_are_named(tmp_path: Path) -> None:
    path = save(tmp_path / "a.ckpt", nn.Linear(3, 2))
    with pytest.raises(CheckpointError, match=r"a\.ckpt: its weights do not fit.*use the model="):
        load_weights(nn.Linear(2, 2), load_checkpoint(path), path)
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        load_checkpoint(tmp_path / "b.ckpt")
    torch.save({"state_dict": {}}, tmp_path / "foreign.ckpt")
    with pytest.raises(CheckpointError, match=r"foreign\.ckpt: is not a checkpoint of this project"):
        load_checkpoint(tmp_path / "foreign.ckpt")
    torch.save(Path("code"), tmp_path / "code.ckpt")
    with pytest.raises(CheckpointError, match="more than tensors and plain data"):
        load_checkpoint(tmp_path / "code.ckpt")
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.ckpt").write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"cut\.ckpt: is not a"):
            load_checkpoint(tmp_path / "cut.ckpt")


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may be larger than 64 KiB, which a writer meets as it meets a full disk: an error in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_written_leaves_the_checkpoint_before(tmp_path: Path, small_disk: None) -> None:  # noqa: ARG001
    path = tmp_path / "checkpoints" / "last.ckpt"
    writer = AtomicCheckpointIO()
    content = {"state_dict": {"a": torch.arange(3)}, "config": {}}
    writer.save_checkpoint(content, path)
    with pytest.raises(CheckpointError, match=r"last\.ckpt: cannot be written .* is intact"):
        writer.save_checkpoint({**content, "large": torch.zeros(1 << 16)}, path)
    assert writer.load_checkpoint(path)["state_dict"]["a"].tolist() == [0, 1, 2]
    assert [file.name for file in path.parent.iterdir()] == ["last.ckpt"]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match=r"last\.ckpt: cannot be written"):
        AtomicCheckpointIO().save_checkpoint({}, tmp_path / "file" / "last.ckpt")


def test_the_checkpoint_before_keeps_its_content(tmp_path: Path) -> None:
    last, previous = tmp_path / "last.ckpt", tmp_path / "previous.ckpt"
    keep_previous(last, previous)
    assert not previous.exists()
    for content in ("one", "two", "three"):
        keep_previous(last, previous)
        temporary = tmp_path / "new"
        temporary.write_text(content, encoding="utf-8")
        temporary.replace(last)
    assert (last.read_text(encoding="utf-8"), previous.read_text(encoding="utf-8")) == ("three", "two")


class Payload:
    """What an enemy's checkpoint does when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("form", ["checkpoint", "optimiser", "callback", "old", "bare"])
def test_a_checkpoint_runs_no_code(tmp_path: Path, form: str) -> None:
    planted = Payload(tmp_path / "executed")
    content: dict[str, Any] = {"state_dict": {}, "config": {}}
    if form == "bare":
        (tmp_path / "a.ckpt").write_bytes(pickle.dumps(planted))
    else:
        content |= {
            "checkpoint": {"config": {"model": planted}},
            "optimiser": {"optimizer_states": [planted]},
            "callback": {"callbacks": {"CountSkipped": planted}},
            "old": {"state_dict": {"a": planted}},
        }[form]
        torch.save(content, tmp_path / "a.ckpt", _use_new_zipfile_serialization=form != "old")
    for read in (load_checkpoint, AtomicCheckpointIO().load_checkpoint, load_stored):
        with pytest.raises(CheckpointError, match=r"a\.ckpt: is not a"):
            read(tmp_path / "a.ckpt")
    assert not (tmp_path / "executed").exists()
    with suppress(Exception):  # the plant works where it is let
        torch.load(tmp_path / "a.ckpt", weights_only=False)
    assert (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("section", "settings"),
    [
        ("model", {"_target_": "os.system", "command": "touch executed"}),
        ("model", {**CONFIG["model"], "encoder": {"kind": "timm", "name": "${oc.env:HOME}"}}),
        ("postprocess", {"_target_": "ocr.detection.postprocess.db.np.load", "file": "a.npy"}),
        ("evaluator", None),
        ("data", None),
        ("data", {"transform": {"_target_": "subprocess.Popen", "args": "touch"}, "granularity": "word"}),
    ],
)
def test_a_checkpoint_s_settings_name_no_other_code(tmp_path: Path, section: str, settings: Any) -> None:
    torch.save({"state_dict": {}, "config": {**CONFIG, section: settings}}, tmp_path / "a.ckpt")
    with pytest.raises(InputError, match=r"a\.ckpt: its [\w.]+ is .*; it must be .*may set nothing else"):
        load_stored(tmp_path / "a.ckpt")
    torch.save({"state_dict": {}, "config": CONFIG}, tmp_path / "a.ckpt")
    assert load_stored(tmp_path / "a.ckpt")["config"] == CONFIG
