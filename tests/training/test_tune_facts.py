"""Known companies and addresses: collected from one split, judged on another, stored if they help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ocr.training import tune_facts
from ocr.training.tune import tune
from ocr.training.tune_common import TextSettings, TuneSettings
from ocr.weights.stored import load_stored
from small_extractor import save_extractor


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two splits of one receipt each."""
    root = tmp_path / "data"
    for split, company in (("train", "KEDAI BUKU MAJU SDN BHD"), ("val", "KEDAI BUKU MAJU SDN BHD")):
        (root / "images" / split).mkdir(parents=True)
        (root / "images" / split / "a.png").write_bytes(b"not read")
        words = {"0001": {"points": [[0, 0], [90, 0], [90, 9], [0, 9]], "transcription": "KEDAI BUKU MAJU SDN BHD"}}
        entry = {"img_w": 100, "img_h": 40, "words": words, "fields": {"company": company, "address": "JALAN 1"}}
        (root / "jsons").mkdir(exist_ok=True)
        (root / "jsons" / f"{split}.json").write_text(json.dumps({"images": {"a.png": entry}}), encoding="utf-8")
    return root


def wish(path: Path, root: Path) -> TuneSettings:
    data: dict[str, Any] = {
        "root": str(root), "granularity": None, "long_side": None, "num_workers": 0, "on_error": "raise",
        "max_skipped": 1, "max_pixels": 10**8, "follow_links": False,
    }  # fmt: skip
    text = TextSettings(objective=[], grids={}, language=None)
    return TuneSettings(
        str(path), str(path.parent), data, "val", {}, {}, [], 0, write=True, workers=0, device="cpu", threads=None,
        seed=0, text=text, known="train",
    )  # fmt: skip


def stored_known(path: Path) -> Any:
    return load_stored(path)["config"]["postprocess"].get("known", {})


def test_known_values_are_stored_only_if_they_help(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save_extractor(tmp_path / "facts.ckpt", data={"transform": {"kind": "tokens"}, "granularity": "word"})
    tune(wish(path, data))
    assert "is unchanged: no better settings were found" in capsys.readouterr().out
    assert not stored_known(path)

    better = iter([0.5, 0.6])
    real = tune_facts.figures
    monkeypatch.setattr(tune_facts, "figures", lambda *given: {**real(*given), "fields/exact": next(better)})
    tune(wish(path, data))
    assert stored_known(path) == {"company": ["KEDAI BUKU MAJU SDN BHD"], "address": ["JALAN 1"]}
    assert "2 values" in (tmp_path / "metrics.json").read_text(encoding="utf-8")
