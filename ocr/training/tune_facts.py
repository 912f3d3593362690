"""Give an extraction's postprocess the values that the training receipts are known to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ocr.data.annotated import AnnotatedDataModule
from ocr.engines.torch_engine import choose_device
from ocr.extraction.postprocess.decode import DecodeFacts
from ocr.extraction.postprocess.structure import JOINED, Structure
from ocr.metrics.facts import facts_of_record
from ocr.training.evaluation import evaluation_datamodule, module_of
from ocr.training.module import TaskModule
from ocr.training.tune_common import Outcome, TuneSettings, all_settings, unless_stopped

MAIN = ("fields/exact", "fields/same")
"""The figures that the known values should raise."""


def tune_facts(wanted: TuneSettings, stored: dict[str, Any]) -> Outcome:
    """Collect the companies and addresses of a split, and compare the figures of another without and with them.

    They are stored if the mean of `MAIN` is higher with them. On the split that they come from, it always is.
    """
    module, kept = module_of(stored, wanted.checkpoint_path, wanted.postprocess)
    start = all_settings(Structure, {"known": {}, **kept["postprocess"]})
    known = known_values(loader_of(wanted, kept, wanted.known))
    best = {**start, "known": known}
    before, after = (figures(module, wanted, kept, settings) for settings in (start, best))
    better = sum(after[name] for name in MAIN) > sum(before[name] for name in MAIN)
    changed = {"known": known} if better and known != start["known"] else {}
    shown, tuned = ({**each, "known": f"{count(each['known'])} values"} for each in (start, best))
    columns = {"before": before, "tuned": after}
    tried = [{**shown, **before}, {**tuned, **after}]
    noted = {"known": count(known)} if changed else {}
    return Outcome(MAIN, shown, tuned, [], columns, tried, changed, noted)


def count(known: Mapping[str, Sequence[str]]) -> int:
    """Number of known values."""
    return sum(map(len, known.values()))


def loader_of(wanted: TuneSettings, kept: Mapping[str, Any], split: str) -> AnnotatedDataModule:
    """The loader of a split, ready."""
    data = evaluation_datamodule(kept, wanted.checkpoint_path, data=wanted.data, split=split, seed=wanted.seed)
    data.setup("test")
    return data


def known_values(data: AnnotatedDataModule) -> dict[str, list[str]]:
    """The values of `JOINED` of a split's receipts, each once, sorted."""
    facts = [facts_of_record(record).fields for record in data.records["test"].records]
    return {name: sorted({each[name] for each in facts if each.get(name)}) for name in JOINED}


def figures(
    module: TaskModule, wanted: TuneSettings, kept: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, float]:
    """The figures of the tuned split with these settings."""
    data = loader_of(wanted, kept, wanted.split)
    decode = DecodeFacts(Structure(**settings))
    device = choose_device(wanted.device)
    network = module.network.to(device).eval()
    counts, loader = [], data.test_dataloader()
    with torch.inference_mode():
        for batch in unless_stopped(loader, "receipts", len(loader)):
            if len(batch):
                found = decode(network(batch.images_BCHW.to(device)), batch)
                counts += [module.evaluator.evaluate_image(*pair) for pair in zip(batch.truths, found, strict=True)]
    return module.evaluator.summarise(counts)
