"""Every file whole: whatever is changed in one is a value that differs, and says where."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.utils.tensorboard import SummaryWriter

from tools.proof.behaviour import Entry, first_divergence
from tools.proof.content import entries_of, stream_entries
from tools.proof.normalise import Normaliser

NORMALISE = Normaliser({})


def parted(folder: Path, name: str, ref: Any, tree: Any, tol: float = 0.0) -> str:
    """Where two contents of a file differ, ``""`` where they do not; a callable writes its file itself."""
    found = []
    for side, content in (("old", ref), ("new", tree)):
        path = folder / side / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found.append(entries_of(path, NORMALISE))
    divergence = first_divergence(*found, tol=tol)
    return divergence.what if divergence else ""


def checkpoint(**changed: Any) -> Any:
    """Writes what torch writes, with some of it otherwise."""
    weights = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([1, 2])}
    content = {"state_dict": weights, "config": {"run": {"seed": 0}}, "rate": 0.5, **changed}
    return lambda path: torch.save(content, path)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({}, ""),
        ({"config": {}}, "config keys"),
        ({"config": {"run": {"seed": 1}}}, "config.run.seed"),
        ({"rate": 0.25}, "rate"),
        ({"rate": np.float64(0.5)}, "rate"),
        ({"state_dict": {"a": torch.arange(6.0).reshape(3, 2), "b": torch.tensor([1, 2])}}, "state_dict.a.2.0"),
        ({"state_dict": {"b": torch.tensor([1, 2]), "a": torch.arange(6.0).reshape(2, 3)}}, "state_dict keys"),
    ],
)
def test_a_checkpoint_by_its_keys(tmp_path: Path, changed: dict[str, Any], where: str) -> None:
    assert parted(tmp_path, "last.ckpt", checkpoint(), checkpoint(**changed)) == where


def test_a_number_of_a_checkpoint_within_a_tolerance(tmp_path: Path) -> None:
    weights = {"a": torch.arange(6.0).reshape(2, 3) * (1 + 1e-6), "b": torch.tensor([1, 2])}
    near = checkpoint(state_dict=weights)
    assert parted(tmp_path, "last.ckpt", checkpoint(), near) == "state_dict.a.0 bits"
    assert parted(tmp_path, "last.ckpt", checkpoint(), near, tol=1e-4) == ""
    assert parted(tmp_path, "last.ckpt", checkpoint(), near, tol=1e-9) == "state_dict.a.0 norm"


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    """Whatever classes a file names, none of them is imported."""
    harmful = type("Harmful", (), {"__reduce__": lambda _: (print, ("ran",))})()
    path = tmp_path / "last.ckpt"
    torch.save({"a": harmful}, path)
    assert ("a is", "__builtin__.print") in [(entry.what, entry.value) for entry in entries_of(path, NORMALISE)]


def test_weights_with_another_stride(tmp_path: Path) -> None:
    def written(stride: int) -> Any:
        return lambda path: save_file({"a": torch.ones(3)}, path, {"card": json.dumps({"map_stride": stride})})

    assert parted(tmp_path, "a.safetensors", written(1), written(1)) == ""
    assert parted(tmp_path, "a.safetensors", written(1), written(2)) == "metadata card.map_stride"


def test_a_message_of_a_protocol_buffer(tmp_path: Path) -> None:
    def message(stride: int) -> bytes:
        text = json.dumps({"stride": stride}).encode()
        entry = b"\x0a\x04card\x12" + bytes([len(text)]) + text
        return b"\x08\x07\x72" + bytes([len(entry)]) + entry

    assert parted(tmp_path, "a.onnx", message(1), message(1)) == ""
    assert parted(tmp_path, "a.onnx", message(1), message(2)) == "metadata card.stride"
    # No message any more: its bits alone.
    assert parted(tmp_path, "a.onnx", message(1), message(1)[:-1]) == "metadata card keys"


def test_one_pixel(tmp_path: Path) -> None:
    pixels = np.zeros((3, 4, 3), np.uint8)
    other = pixels.copy()
    other[1, 2, 0] = 1

    def written(content: np.ndarray, level: int = 3) -> Any:
        return lambda path: cv2.imwrite(str(path), content, [cv2.IMWRITE_PNG_COMPRESSION, level])

    assert parted(tmp_path, "a.png", written(pixels), written(other)) == "row 1 bits"
    assert parted(tmp_path, "a.png", written(pixels), written(pixels, 0)) == "file's bits"
    assert parted(tmp_path, "a.png", b"no picture", b"nor this") == "file's bits"


@pytest.mark.parametrize(
    ("name", "ref", "tree", "where"),
    [
        ("a.json", '{"img_w": 1, "img_h": 2}', '{"img_w": 2, "img_h": 1}', "img_w"),
        ("a.json", '{"a": 1, "b": 1}', '{"b": 1, "a": 1}', " keys"),
        ("a.json", '{"a": 1}', '{"a": 1.0}', "a"),
        ("a.json", '{"a": 1}', '{"a":1}', "layout"),
        ("a.json", '{"wall_time_s": 1.5}', '{"wall_time_s": 2}', ""),
        ("a.json", "{", "[", "bits"),
        ("a.csv", "step,loss\n1,2\n2,3\n", "step,loss\n2,3\n", "line 2 step"),
        ("a.csv", "step,data_wait\n1,0.1\n", "step,data_wait\n1,0.2\n", ""),
        ("a.csv", "step,loss\n1,2\n", "step,loss\n1,2\n2,3\n", "line 3 cells"),
        ("a.csv", "1,2\n", "1,3\n", "line 1"),
        ("a.txt", "one\ntwo\n", "one\ntwo", "line 2"),
        ("a.txt", "one\r\n", "one\n", "line 1"),
        ("a.bin", b"\xff\x00", b"\xff\x01", "bits"),
        ("a.jsonl", '{"a": 1}\n', '{"a": 2}\n', "line 1 .a"),
    ],
)
def test_texts_and_tables(tmp_path: Path, name: str, ref: str | bytes, tree: str | bytes, where: str) -> None:
    assert parted(tmp_path, name, ref, tree) == where


def test_events_without_their_times(tmp_path: Path) -> None:
    def logged(name: str, value: float, when: float) -> list[Entry]:
        with SummaryWriter(tmp_path / name) as writer:
            writer.add_scalar("data_wait", when, 3, walltime=when)
            writer.add_scalar("loss", value, 3, walltime=when)
        (path,) = (tmp_path / name).iterdir()
        return [Entry("", entry.what, entry.value) for entry in entries_of(path, NORMALISE)]

    ref = logged("ref", 0.5, 1000.0)
    assert first_divergence(ref, logged("later", 0.5, 2000.0)) is None
    found = first_divergence(ref, logged("other", 0.25, 1000.0))
    assert found is not None
    assert found.what == "step 3 loss"
    assert "0.25" in str(found.tree)


def test_a_stream_without_what_a_bar_has_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.err"
    path.write_text("10%\r20%\rdone\nwarning: 2 images are missing\n")
    assert [entry.value for entry in stream_entries(path, NORMALISE)] == ["done\n", "warning: 2 images are missing\n"]
    path.write_text('{"figures": {"hmean": 0.5}}')
    assert [entry.what for entry in stream_entries(path, NORMALISE)] == [" keys", "figures keys", "figures.hmean"]
