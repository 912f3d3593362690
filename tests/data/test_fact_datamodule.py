"""The loaders of the extraction: what a batch holds, order, and data that say nothing."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocr.data.fact_datamodule import FactDataModule
from ocr.data.facts import FactDataset, collate_facts
from ocr.extraction.models import Extractor
from ocr.extraction.postprocess.decode import DecodeFacts
from ocr.extraction.postprocess.structure import Structure
from ocr.extraction.targets.fields import FieldTargets
from ocr.extraction.tokens import COLUMNS, Tokens
from ocr.fields import Facts
from ocr.synthesis.fact_noise import stream_facts
from ocr.types import InputError

SETTINGS: dict[str, Any] = {"granularity": "word", "batch_size": 2, "num_workers": 0, "seed": 3}
INVENT = functools.partial(stream_facts, seed=0, split="test", korean=0.3, misread_share=0.5)


def write_split(root: Path, split: str, *, fields: bool) -> None:
    """Two receipts of two lines each."""
    images = {}
    for number in range(2):
        (root / "images" / split).mkdir(parents=True, exist_ok=True)
        name = f"{split}_{number}.png"
        (root / "images" / split / name).write_bytes(b"not read")
        words = {
            "0001": {"points": [[0, 0], [90, 0], [90, 9], [0, 9]], "transcription": f"KEDAI {number}"},
            "0002": {"points": [[0, 20], [90, 20], [90, 29], [0, 29]], "transcription": "TOTAL 5.00"},
        }
        images[name] = {"img_w": 100, "img_h": 40, "words": words} | ({"fields": {"total": "5.00"}} if fields else {})
    (root / "jsons").mkdir(exist_ok=True)
    (root / "jsons" / f"{split}.json").write_text(json.dumps({"images": images}), encoding="utf-8")


def module(root: Path, **settings: Any) -> FactDataModule:
    return FactDataModule(transform=Tokens(), targets=FieldTargets(), root=root, **{**SETTINGS, **settings})


def test_a_batch(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_split(tmp_path, split, fields=True)
    data = module(tmp_path, lost=0.0)
    data.setup("fit")
    (batch,) = data.train_dataloader()
    assert batch.images_BCHW.shape == (2, 1, 4, COLUMNS)
    assert batch.truths == (Facts({"total": "5.00"}),) * 2
    assert {name: tuple(value.shape) for name, value in batch.targets.items()} == {
        "allowed": (2, 4, 22), "needed": (2, 4, 22), "starts": (2, 4), "items": (2,),
    }  # fmt: skip
    assert batch.targets["needed"].sum() == 2
    assert len(list(data.val_dataloader())) == 2
    (part, _) = batch.parts(1)
    assert part.truths == batch.truths[:1]


def test_padding_may_be_anything_and_must_be_nothing() -> None:
    targets, tokens = FieldTargets(), Tokens()
    dataset = module_dataset(4)
    samples = [dataset[(0, n)] for n in range(4)]
    batch = collate_facts(samples)
    for row, sample in enumerate(samples):
        count = sample.image_CHW.shape[1]
        assert torch.equal(batch.images_BCHW[row, 0, :count], torch.from_numpy(sample.image_CHW[0]))
        assert not batch.images_BCHW[row, 0, count:].any()
        assert batch.targets["allowed"][row, count:].all()
        assert not batch.targets["needed"][row, count:].any()
    assert len(targets.fields) + 1 == batch.targets["allowed"].shape[2]
    assert tokens(samples[0].regions).rows_NF.shape[0] == samples[0].image_CHW.shape[1]


def module_dataset(count: int) -> FactDataset:
    data = module(Path("unused"), stored=False, invent=INVENT, invented_per_epoch=count)
    return data._dataset()


def test_invented_receipts_are_a_function_of_seed_epoch_and_index() -> None:
    one, other = module_dataset(5), module_dataset(5)
    assert np.array_equal(one[(1, 2)].image_CHW, other[(1, 2)].image_CHW)
    assert not np.array_equal(one[(0, 2)].image_CHW, one[(1, 2)].image_CHW)


def test_a_receipt_without_text_is_a_row_of_padding_and_says_nothing(tmp_path: Path) -> None:
    write_split(tmp_path, "val", fields=True)
    path = tmp_path / "jsons" / "val.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for word in content["images"]["val_0.png"]["words"].values():
        word["transcription"] = ""
    path.write_text(json.dumps(content), encoding="utf-8")
    data = module(tmp_path)
    data.setup("validate")
    batch, _ = data.val_dataloader()
    assert batch.images_BCHW.shape == (1, 1, 1, COLUMNS)
    with torch.no_grad():
        (found,) = DecodeFacts(Structure())(Extractor(fields=21)(batch.images_BCHW), batch)
    assert not found.facts.known


def test_data_that_say_nothing_are_refused(tmp_path: Path) -> None:
    write_split(tmp_path, "val", fields=False)
    with pytest.raises(InputError, match="split 'val' says nothing of its receipts: no word has a 'field'"):
        module(tmp_path).setup("validate")


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="use data=invented_facts"):
        module(tmp_path, stored=False)
