"""What cannot be loaded is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from ocr.training.checkpoint import CheckpointError, load_checkpoint, load_weights


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
