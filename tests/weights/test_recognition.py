"""A file of a recogniser's weights sets what is listed and nothing else; whatever it sets is built or refused."""

import copy
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from config_reads import parameters_of
from ocr.types import InputError
from ocr.weights.kinds import config_of, faults, sections_of
from ocr.weights.parts import described
from ocr.weights.recognition import KINDS

CHARACTERS = " ab1"
SECTIONS: dict[str, Any] = {
    "task": "recognition",
    "model": {"kind": "recognizer", "characters": CHARACTERS, "channels": [8, 16, 24], "width": 24, "heads": 2},
    "loss": {"kind": "ctc", "characters": CHARACTERS},
    "targets": {"kind": "characters", "characters": CHARACTERS, "case": "unknown"},
    "transform": {"kind": "line-crop", "height": 32, "squeeze": 0.8, "margin": 0.04, "longest": 1024},
    "postprocess": {"kind": "greedy", "characters": CHARACTERS},
    "evaluator": {"kind": "recognition"},
    "granularity": "line",
}


def changed(place: str, value: Any) -> dict[str, Any]:
    sections = copy.deepcopy(SECTIONS)
    part, _, name = place.partition(".")
    if name:
        sections[part][name] = value
    else:
        sections[part] = value
    return sections


def test_what_a_training_writes_is_taken_and_comes_back() -> None:
    assert list(faults(SECTIONS)) == []
    assert sections_of(config_of(SECTIONS)) == SECTIONS


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("model.characters", ""),
        ("model.characters", "aba"),
        ("model.characters", "".join(map(chr, range(0x4E00, 0x4E00 + 30_001)))),
        ("model.characters", list(CHARACTERS)),
        ("model.characters", None),
        ("model.height", 10**9),
        ("model.height", 32.0),
        ("model.channels", [8] * 4),
        ("model.channels", [8, 16, 10**9]),
        ("model.channels", [8, 16, True]),
        ("model.depth", -1),
        ("model.depth", 10**6),
        ("model.width", 0),
        ("model.blocks", 10**6),
        ("model.heads", 0),
        ("model.dropout", math.nan),
        ("model.dropout", 2),
        ("model.stride", 4),
        ("model.kind", "dbnet"),  # a kind of the other task
        ("model._target_", "os.system"),
        ("loss.kind", "db"),
        ("targets.case", "upper"),
        ("targets.kind", "db"),
        ("transform.kind", "fit-long-side"),
        ("transform.height", 0),
        ("transform.squeeze", math.inf),
        ("transform.margin", -0.1),
        ("transform.longest", 10**9),
        ("postprocess.kind", "db"),
        ("postprocess.box_thresh", 0.5),
        ("evaluator.iou_thresholds", [0.5]),
        ("granularity", "page"),
        ("task", "detection"),
    ],
)
def test_all_else_is_refused_with_its_place(place: str, value: Any) -> None:
    found = list(faults(changed(place, value)))
    assert found
    part, _, name = place.partition(".")
    if part != "task":  # there, every part is of another task
        assert len(found) == 1
        assert found[0].startswith((f"{place} is ", f"{part} is ", f"{part} has {name!r}"))
    assert all("; it must be " in fault and len(fault) < 700 for fault in found)


def test_the_tables_name_classes_of_ours_and_parameters_that_they_have() -> None:
    for part, kinds in KINDS.items():
        for name, kind in kinds.items():
            assert kind.path.startswith("ocr.")
            assert kind.settings.keys() <= parameters_of(kind.path).keys(), (part, name)


@settings(max_examples=60)
@given(
    height=st.integers(8, 64) | st.sampled_from([8, 32, 64, 256]),
    channels=st.lists(st.integers(1, 64), min_size=2, max_size=3),
    depth=st.integers(0, 3),
    width=st.integers(1, 96),
    blocks=st.integers(0, 2),
    heads=st.integers(1, 4),
    characters=st.text(min_size=1, max_size=40).map(lambda text: "".join(dict.fromkeys(text))),
)
def test_settings_in_their_ranges_are_built_or_refused_as_a_fault_of_the_file(**model: Any) -> None:
    sections = changed("model", {"kind": "recognizer", **model})
    for part in ("loss", "targets", "postprocess"):
        sections[part]["characters"] = model["characters"]
    assert list(faults(sections)) == []
    if model["height"] % 8 or model["width"] % model["heads"] or len(model["channels"]) != 3:
        with pytest.raises(InputError, match=r"^a\.safetensors: its model 'recognizer' cannot be made as described: "):
            described("model", sections["model"], "a.safetensors")
        return
    with torch.device("meta"):
        network = described("model", sections["model"], "a.safetensors").eval()
    network = network.to_empty(device="cpu")
    with torch.no_grad():
        output = network(torch.full((1, 3, model["height"], 32), 200, dtype=torch.uint8))
    assert output["logits"].shape == (1, 8, len(model["characters"]) + 1)


@given(characters=st.text(min_size=1, max_size=300).map(lambda text: "".join(dict.fromkeys(text))))
def test_any_charset_gives_targets_loss_and_decoding(characters: str) -> None:
    for part, kind in (("loss", "ctc"), ("targets", "characters"), ("postprocess", "greedy")):
        described(part, {"kind": kind, "characters": characters}, "a.safetensors")
    loss = described("loss", {"kind": "ctc", "characters": characters}, "a.safetensors")
    assert len({int(code) for code in loss.upper_K}) == len(loss.upper_K)
