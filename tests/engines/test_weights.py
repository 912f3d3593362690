"""Weights as a file: whole, the same each time, and nothing in it but numbers and plain settings of ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from engine_cards import POSTPROCESS, TRANSFORM
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.card import ModelFileError, WeightsCard
from ocr.weights.weights_file import KEY, read_weights, write_weights
from taught_network import CONFIG

CARD = WeightsCard(
    task="detection",
    transform=TRANSFORM,
    postprocess=POSTPROCESS,
    map_stride=1,
    granularity="word",
    opset=None,
    provenance={"checkpoint": "best.ckpt"},
    **{name: CONFIG[name] for name in ("model", "loss", "targets", "evaluator")},
)
WEIGHTS = {
    "b": torch.arange(24.0).reshape(2, 3, 2, 2).to(memory_format=torch.channels_last),
    "a": torch.tensor(7),
    "none": torch.empty(0),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_weights(WEIGHTS, CARD, tmp_path / "x.safetensors")
    return tmp_path / "x.safetensors"


def test_what_was_written_is_read(path: Path) -> None:
    card, weights = read_weights(path)
    assert card == CARD
    assert weights.keys() == WEIGHTS.keys()
    for name, tensor in WEIGHTS.items():
        assert torch.equal(weights[name], tensor)
        assert weights[name].dtype == tensor.dtype


def test_the_same_weights_give_the_same_bytes_in_every_process(path: Path, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from ocr.weights.weights_file import read_weights, write_weights; "
        f"card, weights = read_weights(Path({str(path)!r})); write_weights(weights, card, Path('again.safetensors'))"
    )
    environment = {"PYTHONPATH": str(REPOSITORY_ROOT), "PYTHONHASHSEED": "77"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_other_programs_read_it_as_safetensors(path: Path) -> None:
    assert torch.equal(safetensors.torch.load_file(path)["b"], WEIGHTS["b"])


def test_a_flipped_bit_and_a_cut_file_are_told(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ModelFileError, match=r"x\.safetensors: its weights do not match their checksum"):
        read_weights(path)
    path.write_bytes(whole[:-40])
    with pytest.raises(ModelFileError, match=r"x\.safetensors: is not a readable weights file"):
        read_weights(path)
    path.write_bytes(b"")
    with pytest.raises(ModelFileError, match="is not a readable weights file"):
        read_weights(path)
    path.unlink()
    with pytest.raises(ModelFileError, match=r"no such file; run from the repository's top folder"):
        read_weights(path)


def test_weights_of_other_programs_are_told(tmp_path: Path) -> None:
    safetensors.torch.save_file({"a": torch.ones(1)}, tmp_path / "theirs.safetensors")
    with pytest.raises(ModelFileError, match="its metadata have schema=None"):
        read_weights(tmp_path / "theirs.safetensors")


@pytest.mark.parametrize("said", ["[]", "null", json.dumps({**CARD.to_metadata(), "transform": {}})])
def test_metadata_of_another_shape_are_told(path: Path, said: str) -> None:
    path.write_bytes(safetensors.torch.save({"a": torch.ones(1)}, {KEY: said}))
    with pytest.raises(ModelFileError, match=r"x\.safetensors: its metadata .*are damaged"):
        read_weights(path)


@pytest.mark.parametrize(
    ("section", "settings"),
    [
        ("model", {"_target_": "os.system", "command": "true"}),
        ("model", {"_target_": "ocr.detection.models.encoder.timm.create_model", "model_name": "resnet18"}),
        ("model", {"_target_": "ocr.pipeline.inputs.os.system"}),
        ("transform", {"_target_": "ocr.pipeline.inputs.os.system", "command": "true"}),
        ("transform", {"_target_": "ocr.pipeline.inputs.find_images", "source": "x"}),
        ("model", {**CONFIG["model"], "decoder": {"_target_": "subprocess.Popen", "args": ["true"]}}),
        ("model", {**CONFIG["model"], "encoder": {"kind": "timm", "name": "hf-hub:a/b"}}),
        ("model", {**CONFIG["model"], "k": "${oc.env:HOME}"}),
        ("model", {**CONFIG["model"], "_args_": ["a"]}),
        ("model", [CONFIG["model"]]),
        ("evaluator", {"_target_": "ocr.detection.losses.db.DBLoss"}),
    ],
)
def test_settings_that_name_anything_else_than_our_classes_are_refused(
    path: Path, section: str, settings: object
) -> None:
    metadata = {**CARD.to_metadata(), section: json.dumps(settings)}
    path.write_bytes(safetensors.torch.save({"a": torch.ones(1)}, {KEY: json.dumps(metadata)}))
    with pytest.raises(ModelFileError, match=f"its {section}.*; it must be .*may set nothing else"):
        read_weights(path)


def test_a_full_disk_leaves_the_file_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:  # noqa: ARG001
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_weights({"a": torch.zeros(1)}, CARD, path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
