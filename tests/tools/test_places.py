"""A move is no change, and is listed; whatever else is different of what moved is one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import helper
from safetensors.torch import save_file

from tools.proof.behaviour import first_divergence
from tools.proof.content import entries_of
from tools.proof.normalise import Normaliser
from tools.proof.places import moved

BEFORE: dict[str, Any] = {
    "model": {
        "_target_": "ocr.models.DBNet",
        "encoder": {"_target_": "ocr.models.TimmEncoder", "name": "resnet18"},
        "decoder": {"_target_": "ocr.models.FPN", "_partial_": True, "channels": 32},
    },
    "postprocess": {"_target_": "ocr.postprocess.db.DBPostprocessor", "mode": "box"},
    "run": {"crop": {"_target_": "ocr.data.geometry_transforms.RandomCrop", "size": 64}},
}
NOW: dict[str, Any] = {
    "task": "detection",
    "model": {
        "kind": "dbnet",
        "encoder": {"kind": "timm", "name": "resnet18"},
        "decoder": {"kind": "fpn", "channels": 32},
    },
    "postprocess": {"kind": "db", "mode": "box"},
    "run": {"crop": {"_target_": "RandomCrop", "size": 64}},
}


def metadata(config: dict[str, Any]) -> dict[str, str]:
    """Texts by key, as exported files keep them."""
    schema = "receipt-ocr/2" if "task" in config else "receipt-ocr/1"
    return {"schema": schema, **{name: json.dumps(value) for name, value in config.items()}}


def checkpoint(path: Path, config: dict[str, Any]) -> None:
    torch.save({"config": config}, path)


def safetensors(path: Path, config: dict[str, Any]) -> None:
    card = {"schema": metadata(config)["schema"], **config}
    save_file({"a": torch.ones(2)}, path, {"receipt-ocr": json.dumps(card)})


def network(path: Path, config: dict[str, Any]) -> None:
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "graph", [], [])
    model = helper.make_model(graph, producer_name="pytorch", doc_string="")
    helper.set_model_props(model, metadata(config))
    onnx.save(model, path)


def parted(folder: Path, name: str, write: Callable[[Path, Any], None], *contents: Any) -> tuple[str, list[str]]:
    """Where two files differ, ``""`` where they do not, and what of them has moved."""
    records, normalisers = [], [Normaliser({}), Normaliser({})]
    for side, (normalise, content) in enumerate(zip(normalisers, contents, strict=True)):
        path = folder / str(side) / name
        path.parent.mkdir()
        write(path, content)
        records.append(entries_of(path, normalise))
    found = first_divergence(*records)
    return found.what if found else "", moved(normalisers[0].code, normalisers[1].code)


@pytest.mark.parametrize(
    ("name", "write"), [("last.ckpt", checkpoint), ("a.safetensors", safetensors), ("a.onnx", network)]
)
def test_names_in_the_place_of_classes(tmp_path: Path, name: str, write: Any) -> None:
    where, listed = parted(tmp_path, name, write, BEFORE, NOW)
    assert not where
    assert "ocr.postprocess.db.DBPostprocessor -> db" in listed
    assert "ocr.models.FPN -> fpn" in listed


OTHERS = {
    "another part": {**NOW, "model": {**NOW["model"], "decoder": {"kind": "unet", "channels": 32}}},
    "another setting": {**NOW, "postprocess": {"kind": "db", "mode": "polygon"}},
    "a setting more": {**NOW, "postprocess": {"kind": "db", "mode": "box", "min_size": 3}},
    "another task": {**NOW, "task": "recognition"},
    "another class": {**NOW, "run": {"crop": {"_target_": "FitLongSide", "size": 64}}},
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(
    ("name", "write"), [("last.ckpt", checkpoint), ("a.safetensors", safetensors), ("a.onnx", network)]
)
def test_what_else_differs_is_a_change(tmp_path: Path, name: str, write: Any, other: str) -> None:
    assert parted(tmp_path, name, write, BEFORE, OTHERS[other])[0]


def as_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("ref", "tree", "same"),
    [
        ("_target_: ocr.models.DBNet", "_target_: ocr.detection.models.DBNet", True),
        ("_target_: ocr.models.DBNet", "_target_: ocr.models.UNet", False),
        ("python -m ocr.validation.floors a", "python -m tools.gates.floors a", True),
        ("python requirements/check_locks.py", "python tools/check_locks.py", True),
        ("python tests/gates/soak.py", "python tools/gates/fuzz.py", False),
        ("<checkout>/ocr/training/points.py", "<checkout>/ocr/weights/points.py", True),
        ("my_ocr.models.DBNet", "my_ocr.networks.DBNet", False),
        ("receipt-ocr.model", "receipt-ocr.loss.model", False),
        ("data/ocr/a.json", "data/ocr/b/a.json", False),
        ("2 of 3 ocr", "3 of 3 ocr", False),
    ],
)
def test_paths_in_texts(tmp_path: Path, ref: str, tree: str, same: bool) -> None:
    where, listed = parted(tmp_path, "a.txt", as_text, ref, tree)
    assert (where == "") == same
    assert bool(listed) == same


def test_what_stays_is_not_listed(tmp_path: Path) -> None:
    same = "_target_: ocr.models.DBNet"
    assert parted(tmp_path, "a.txt", as_text, same, same) == ("", [])
