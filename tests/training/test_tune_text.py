"""Tuning a recogniser: it gets a language model and the beam search, and gives both back to who asks for greedy."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ocr.recognition.models import Recognizer
from ocr.recognition.postprocess.beam import BeamCTC
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.recognition.postprocess.ngram import CharNgram
from ocr.recognition.postprocess.ngram_building import build_ngram
from ocr.training.evaluation import module_from_checkpoint
from ocr.training.tune import tune
from ocr.training.tune_common import TextSettings, TuneSettings
from ocr.types import InputError
from ocr.weights.card import WeightsCard
from ocr.weights.parts import changed_postprocess
from ocr.weights.stored import load_stored
from ocr.weights.weights_file import write_weights

CHARSET = " ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-"
MODEL = {"height": 32, "channels": [4, 4, 4], "depth": 0, "width": 16, "blocks": 1, "heads": 2}
TRANSFORM = {"kind": "line-crop", "height": 32, "squeeze": 0.8, "margin": 0.04, "longest": 512}
CONFIG = {
    "task": "recognition",
    "model": {"kind": "recognizer", "characters": CHARSET, **MODEL},
    "loss": {"kind": "ctc", "characters": CHARSET},
    "targets": {"kind": "characters", "characters": CHARSET},
    "postprocess": {"kind": "greedy", "characters": CHARSET},
    "evaluator": {"kind": "recognition"},
    "data": {"granularity": "line", "transform": TRANSFORM},
}
LANGUAGE = {"split": "train", "receipts": 1, "order": 4, "characters": 5000}
TEXT = {
    "objective": ["text/ned"],
    "grids": {"language_weight": [0.2], "length_bonus": [0.0, 2.0]},
    "language": LANGUAGE,
}


@pytest.fixture
def recogniser(tmp_path: Path) -> Path:
    """A weights file with a network that has learnt nothing, and guesses."""
    torch.manual_seed(0)
    path = tmp_path / "text.safetensors"
    weights = Recognizer(characters=CHARSET, **MODEL).state_dict()  # type: ignore[arg-type]
    write_weights(weights, WeightsCard.of(CONFIG, {}), path)
    return path


def wish(path: Path, root: Path, **changes: Any) -> TuneSettings:
    data = {"root": str(root), "granularity": None, "long_side": None, "num_workers": 0, "on_error": "raise"}
    data |= {"max_skipped": 10, "max_pixels": 10**8, "follow_links": False}
    settings: dict[str, Any] = {
        "checkpoint_path": str(path), "output_dir": str(path.parent), "data": data, "split": "val",
        "postprocess": {"kind": "beam", "width": 2},
        "grids": {}, "objective": [], "folds": 2, "write": True, "workers": 0, "device": "cpu", "threads": None,
        "seed": 0,
        "known": "train", "text": TEXT,
    }  # fmt: skip
    settings |= changes
    return TuneSettings(**settings | {"text": TextSettings(**settings["text"])})


def test_the_file_gets_the_model_and_the_beam_search(
    recogniser: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_stored(recogniser)
    tune(wish(recogniser, tiny_data))
    after = load_stored(recogniser)
    stored = after["config"]["postprocess"]
    assert stored["kind"] == "beam"
    assert stored["characters"] == CHARSET
    assert stored["language_weight"] in {0.2, 0.5}
    assert 100 < len(stored["language"]) <= 5000
    assert CharNgram.from_text(stored["language"]).trie.order <= 4
    assert all(torch.equal(after["state_dict"][name], each) for name, each in before["state_dict"].items())
    (entry,) = after["tuning"]
    assert entry["before"] == before["config"]["postprocess"]
    assert entry["changed"]["language"].startswith(f"{len(stored['language'])} characters, sha256 ")
    metrics = json.loads((recogniser.parent / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["tuned"].keys() == metrics["before"].keys() == metrics["held_out"].keys()
    assert metrics["settings"]["language_weight"] == stored["language_weight"]
    assert "amounts read wrongly: " in capsys.readouterr().out

    module, _ = module_from_checkpoint(str(recogniser), {"kind": None, "pattern": "A"})
    assert isinstance(module.decode.postprocess, BeamCTC)  # type: ignore[attr-defined]
    module, _ = module_from_checkpoint(str(recogniser), {"kind": "greedy"})
    assert isinstance(module.decode.postprocess, GreedyCTC)  # type: ignore[attr-defined]

    tune(wish(recogniser, tiny_data, text={**TEXT, "language": None}, folds=0))
    again = load_stored(recogniser)["config"]["postprocess"]
    assert again["language"] == stored["language"]


def test_no_line_is_read_with_a_model_that_knows_it(recogniser: Path, tiny_data: Path, monkeypatch: Any) -> None:
    built: list[list[str]] = []

    def spy(texts: list[str], **limits: Any) -> Any:
        built.append(texts)
        return build_ngram(texts, **limits)

    monkeypatch.setattr("ocr.training.tune_text.build_ngram", spy)
    tune(wish(recogniser, tiny_data, split="train", text={**TEXT, "language": {**LANGUAGE, "receipts": 0}}))
    without_even, without_odd, everything = built
    per_image = len(everything) // 4
    assert without_even == everything[per_image : 2 * per_image] + everything[3 * per_image :]
    assert without_odd == everything[:per_image] + everything[2 * per_image : 3 * per_image]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": {**TEXT, "language": None}}, "text.language=null keeps the stored language model, but .* has none"),
        ({"text": {**TEXT, "grids": {"language_wait": [1.0]}}}, "grids.language_wait: the postprocess has no such"),
        ({"text": {**TEXT, "grids": {"language_weight": [-1.0]}}}, "grids.language_weight: language_weight=-1.0: must"),
        ({"text": {**TEXT, "objective": ["cleval/hmean"]}}, "objective=.*must name one or more of text/line_accuracy"),
        ({"postprocess": {"box_thresh": 0.5}}, "box_thresh: the postprocess 'greedy' has no such setting"),
        (
            {"data": {"long_side": 640}},
            "data.long_side=640: .* is of task=recognition, which resizes no image; leave it out",
        ),
        ({"postprocess": {"kind": "db"}}, "postprocess=db: this network's postprocess is greedy or beam"),
    ],
)
def test_a_wrong_wish_is_refused_and_changes_nothing(
    recogniser: Path, tiny_data: Path, changes: dict[str, Any], message: str
) -> None:
    before = recogniser.read_bytes()
    with pytest.raises(InputError, match=message):
        tune(wish(recogniser, tiny_data, **changes))
    assert recogniser.read_bytes() == before


def test_another_kind_keeps_the_settings_that_both_have() -> None:
    greedy = {"kind": "greedy", "characters": "ab"}
    beam = changed_postprocess(greedy, {"kind": "beam", "width": 4, "least": None})
    assert beam == {"kind": "beam", "characters": "ab", "width": 4}
    assert changed_postprocess(beam, {"kind": "greedy"}) == greedy
    assert changed_postprocess(beam, {"kind": None, "width": 5})["width"] == 5
    with pytest.raises(InputError, match=r"wdith: the postprocess 'beam' has no such setting; it has .*width"):
        changed_postprocess(beam, {"wdith": 3})
