"""What a recogniser's file says of itself, what it may not say, and its weights in half the size."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from ocr.pipeline.on_torch import load_reader
from ocr.types import InputError
from ocr.weights.card import HALF, SCHEMA, ModelCard, ModelFileError, WeightsCard, check_kept
from ocr.weights.kinds import faults, sections_of
from ocr.weights.recognition import MOST
from ocr.weights.stored import load_stored
from ocr.weights.weights_file import read_weights, write_weights
from small_recogniser import CHARSET, CONFIG, save_checkpoint, small_recogniser

CARD = WeightsCard.of(CONFIG, {"checkpoint": "best.ckpt", HALF: True})


def test_a_card_survives_being_texts_and_has_no_stride() -> None:
    metadata = CARD.to_metadata()
    assert WeightsCard.from_metadata(metadata, Path("x.safetensors")) == CARD
    assert CARD.map_stride is None
    assert "map_stride" not in metadata


def test_a_detector_without_a_stride_is_refused() -> None:
    metadata = {**CARD.to_metadata(), "task": '"detection"'}
    with pytest.raises(ModelFileError, match="metadata are damaged"):
        ModelCard.from_metadata(metadata, Path("x.onnx"))
    with pytest.raises(ModelFileError, match="map_stride is None; it must be a whole number"):
        ModelCard.from_metadata(
            {
                **metadata,
                "map_stride": "null",
                "transform": '{"kind": "fit-long-side"}',
                "postprocess": '{"kind": "db"}',
            },
            Path("x.onnx"),
        )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("postprocess.characters", "AAB"),
        ("postprocess.characters", ""),
        ("postprocess.characters", ["A"]),
        ("postprocess.characters", "".join(map(chr, range(0x4E00, 0x4E00 + MOST + 1)))),
        ("model.characters", "AA"),
        ("model.height", 10**9),
        ("model.channels", [10**9]),
        ("model.kind", "dbnet"),
        ("model", {"kind": "dbnet", "encoder": {"kind": "timm", "name": "resnet18"}}),
        ("transform.kind", "fit-long-side"),
        ("transform.longest", 10**9),
        ("transform.margin", -1.0),
        ("postprocess.kind", "db"),
        ("postprocess.path", "words.txt"),
        ("evaluator.kind", "detection"),
        ("task", "detection"),
    ],
)
def test_all_that_is_not_listed_is_refused_with_its_place(place: str, value: Any) -> None:
    sections = copy.deepcopy(sections_of(CONFIG))
    assert list(faults(sections)) == []
    name, _, setting = place.partition(".")
    if setting:
        sections[name][setting] = value
    else:
        sections[name] = value
    found = list(faults(sections))
    assert found
    assert all("; it must be " in fault for fault in found)
    assert name == "task" or all(fault.startswith(name) for fault in found)


@pytest.mark.parametrize("task", ["[]", "null", "1", '"recognition'])
def test_a_task_that_is_no_text_is_damage(task: str) -> None:
    for value in (task, json.loads(task) if task[0] != '"' else {}):
        with pytest.raises(ModelFileError, match=r"x\.safetensors: its"):
            ModelCard.from_metadata({"schema": SCHEMA, "task": value}, Path("x.safetensors"))


@pytest.mark.parametrize("section", ["loss", "targets", "postprocess"])
def test_parts_with_different_charsets_are_refused_before_a_training_and_on_reading(
    tmp_path: Path, section: str
) -> None:
    config = {**CONFIG, section: {**CONFIG[section], "characters": CHARSET.replace("B", "b")}}
    message = rf"{section}\.characters has 19 characters and model\.characters 19, at character 14 'b' and 'B'"
    with pytest.raises(InputError, match=message + r".* ocr/weights/recognition\.py lists what is allowed"):
        check_kept(config)
    path = save_checkpoint(small_recogniser(), tmp_path / "best.ckpt", **{section: config[section]})
    with pytest.raises(InputError, match=message):
        load_stored(path)


def test_a_fault_names_the_rules_of_its_task() -> None:
    for task, rules in (("detection", "detection"), ("recognition", "recognition"), ([], "kinds")):
        with pytest.raises(InputError, match=rf"ocr/weights/{rules}\.py lists what is allowed"):
            check_kept({**CONFIG, "task": task, "loss": {"kind": "none"}})


def test_half_precision_is_read_back_as_float32_and_stays_the_same_file(tmp_path: Path) -> None:
    network = small_recogniser()
    write_weights(network.state_dict(), CARD, tmp_path / "half.safetensors")
    card, weights = read_weights(tmp_path / "half.safetensors")
    assert card == CARD
    for name, tensor in network.state_dict().items():
        assert weights[name].dtype == tensor.dtype
        assert torch.equal(weights[name], tensor)
    stored = safetensors.torch.load_file(tmp_path / "half.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16, torch.int64}
    write_weights(weights, card, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "half.safetensors").read_bytes()

    whole = (tmp_path / "half.safetensors").read_bytes()
    (tmp_path / "half.safetensors").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ModelFileError, match="do not match their checksum"):
        read_weights(tmp_path / "half.safetensors")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"postprocess": {"kind": "greedy", "characters": CHARSET[:-1]}},
            r"its postprocess.characters has 18 characters and model.characters 19, at character 19 .*; it must be",
        ),
        ({"data": {"transform": {"kind": "line-crop", "height": 64}, "granularity": "line"}}, "transform.height=64"),
        ({"postprocess": {"kind": "greedy", "characters": "AA"}}, "postprocess.characters is 'AA'"),
        ({"model": {"kind": "dbnet"}}, "its model is 'dbnet'"),
    ],
)
def test_a_network_that_does_not_fit_the_rest_of_its_file_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = save_checkpoint(small_recogniser(), tmp_path / "best.ckpt", **changes)
    with pytest.raises(InputError, match=message):
        load_reader(str(path), "cpu", None, {})
