"""What a file of weights from anywhere can make a program do: say what is wrong with it."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from omegaconf import OmegaConf

from ocr.training.evaluation import module_from_checkpoint
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.kinds import KEPT, KEPT_OF_DATA
from ocr.weights.stored import load_stored
from ocr.weights.weights_file import KEY, read_weights
from patience import PATIENCE_S
from refusals import assert_refused

OURS = REPOSITORY_ROOT / "weights" / "receipts.safetensors"
UNCHANGED = OmegaConf.create({})

ATTACKS: list[tuple[str, Any]] = [
    ("model.encoder.pretrained", True),
    ("model.encoder.options", {"checkpoint_path": "planted.pth"}),
    ("model.encoder.options", {"pretrained_cfg": {"url": "http://127.0.0.1:9/x"}}),
    ("model.encoder.name", "resnet18" * 1_000_000),
    ("model.decoder.channels", 10**9),
    ("transform.long_side", 10**9),
    ("postprocess.max_candidates", 10**12),
    ("postprocess.binary_thresh", float("nan")),
    ("evaluator.iou_thresholds", [0.5] * 100_000),
    ("granularity", "page"),
]


def forged(form: str, place: str, value: Any, path: Path) -> Path:
    """Our weights in a file that says something else of them, in one place."""
    card, weights = read_weights(OURS)
    settings = {name: copy.deepcopy(getattr(card, name)) for name in (*KEPT, *KEPT_OF_DATA)}
    *names, last = place.split(".")
    inner: Any = settings
    for name in names:
        inner = inner[name]
    inner[last] = value
    if form == "safetensors":
        texts = {**card.to_metadata(), **{name: json.dumps(each) for name, each in settings.items()}}
        digest = read_metadata(OURS)["weights_sha256"]
        path.write_bytes(safetensors.torch.save(weights, {KEY: json.dumps({**texts, "weights_sha256": digest})}))
    else:
        config = {name: settings[name] for name in KEPT} | {"data": {name: settings[name] for name in KEPT_OF_DATA}}
        state = {f"network.{name}": tensor for name, tensor in weights.items()}
        torch.save({"state_dict": state, "config": config}, path)
    return path


def read_metadata(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, framework="pt") as file:
        found: dict[str, str] = json.loads(file.metadata()[KEY])
    return found


@pytest.mark.parametrize("form", ["safetensors", "ckpt"])
def test_an_unchanged_one_is_taken(form: str, tmp_path: Path) -> None:
    path = forged(form, "granularity", "line", tmp_path / f"a.{form}")
    network = module_from_checkpoint(str(path), UNCHANGED)[0].network
    ours = module_from_checkpoint(str(OURS), UNCHANGED)[0].network
    assert all(torch.equal(value, ours.state_dict()[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("form", ["safetensors", "ckpt"])
@pytest.mark.parametrize(("place", "value"), ATTACKS)
def test_a_forged_one_is_refused(form: str, place: str, value: Any, tmp_path: Path) -> None:
    path = forged(form, place, value, tmp_path / f"a.{form}")
    with pytest.raises(InputError, match=rf"a\.{form}: its {place} is .*; it must be "):
        load_stored(path)


@pytest.mark.parametrize("form", ["safetensors", "ckpt"])
@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("model.encoder.name", "convnext_xxlarge", "weights do not fit the network that it describes: decoder"),
        ("model.encoder.name", "nosuchmodel", "model 'dbnet' cannot be made as described: .*Unknown model"),
        ("model.encoder.name", "resnet18.nosuchtag", "model 'dbnet' cannot be made .*Invalid pretrained tag"),
        ("model.encoder.strides", [4, 8, 16], "decoder channels 64 must be a multiple of the 3 levels"),
        (
            "model.decoder.channels",
            4096,
            r"decoder.lateral.0.0.weight is \(4096, 16, 1, 1\) in the network and \(64, 16, 1, 1\)",
        ),
        ("postprocess.shrink_ratio", 0, "postprocess 'db' cannot be made as described: shrink ratio is 0"),
        ("evaluator.iou_thresholds", [0.5, 0.5], "has a duplicate"),
    ],
)
def test_what_the_weights_do_not_fit_is_refused_before_it_takes_memory(
    form: str, place: str, value: Any, message: str, tmp_path: Path
) -> None:
    path = forged(form, place, value, tmp_path / f"a.{form}")
    with pytest.raises(InputError, match=rf"a\.{form}: its .*{message}"):
        module_from_checkpoint(str(path), UNCHANGED)


def watched(folder: Path, program: str, *overrides: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """A runner, and what it did to the network, to files and to processes."""
    log = folder / "watched.log"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY_ROOT / "tests" / "support" / "watched", REPOSITORY_ROOT))),
        "WATCHED_LOG": str(log),
        "HF_HOME": str(folder / "empty"),
    }
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / f"{program}.py"), *overrides]
    process = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return process, log.read_text(encoding="utf-8")


def test_predict_goes_neither_to_the_network_nor_to_a_file_that_was_named(tiny_data: Path, tmp_path: Path) -> None:
    for number, (place, value) in enumerate(ATTACKS[:3]):
        path = forged("safetensors", place, value, tmp_path / "a.safetensors")
        given = f"input={tiny_data / 'images' / 'val'}", f"output=found{number}"
        process, done = watched(tmp_path, "predict", f"checkpoint_path={path}", *given)
        assert (process.returncode, process.stdout) == (1, "")
        assert f"{path}: its {place} is " in process.stderr
        assert "Traceback" not in process.stderr
        assert "a.safetensors" in done, "the hook is at work"
        assert not [line for line in done.splitlines() if not line.startswith("open ") and "/ldconfig" not in line]
        assert not [line for line in done.splitlines() if "planted" in line or "empty" in line]
        assert not (tmp_path / f"found{number}").exists()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["safetensors", "ckpt"])
@pytest.mark.parametrize("program", ["test", "tune", "export", "train", "resume"])
def test_no_program_does(program: str, form: str, tiny_data: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    path = forged(form, "model.encoder.pretrained", True, tmp_path / "checkpoints" / f"last.{form}")
    overrides = {
        "test": [f"checkpoint_path={path}", f"data.root={tiny_data}"],
        "tune": [f"checkpoint_path={path}", f"data.root={tiny_data}"],
        "export": [f"checkpoint_path={path}", "output=a.safetensors", "format=safetensors"],
        "train": [f"init_checkpoint={path}", f"data.root={tiny_data}", "debug=fast"],
        "resume": [f"resume={tmp_path}", f"data.root={tiny_data}", "debug=fast"],
    }[program]
    process, done = watched(tmp_path, "train" if program == "resume" else program, *overrides)
    assert_refused(process)
    assert not [
        line for line in done.splitlines() if line.startswith(("socket.connect", "socket.getaddrinfo", "urllib"))
    ]
