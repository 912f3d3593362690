"""Build a recogniser's language model and tune the beam search that uses it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ocr.data.annotated import AnnotatedDataModule
from ocr.engines.torch_engine import choose_device
from ocr.metrics.evaluator import Evaluator, totals
from ocr.metrics.text import TextCounts
from ocr.recognition.postprocess.decode import Postprocess
from ocr.recognition.postprocess.ngram_building import build_ngram
from ocr.synthesis.texts import receipt_texts
from ocr.text import amounts
from ocr.training.evaluation import evaluation_datamodule, module_of
from ocr.training.module import TOGETHER
from ocr.training.tune_common import LanguageSettings, Outcome, TuneSettings, all_settings, check_grids, unless_stopped
from ocr.training.tune_counts import Counts
from ocr.training.tune_search import Tuner, check_objective, grids_with_values
from ocr.types import InputError, Word
from ocr.utils.printable import say
from ocr.weights.kinds import KIND, build, class_of
from ocr.weights.parts import changed_postprocess

BEAM = "beam"
SHOWN = 5
"""Amounts shown of those that tuning spoilt."""


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one image, reduced to what decoding and the metric need.

    Attributes:
        lines: float16 (T, K) of each line, probabilities of CTC's blank and of the characters.
        words: each line's truth.
        model: number of the language model that has not seen this page.
    """

    lines: list[npt.NDArray[np.float16]]
    words: list[Word]
    model: int


class TextCounter:
    """Decodes the lines of a page with several settings, and sums their counts.

    Args:
        settings: description of the postprocess with each language model.
        evaluator: scores readings.
    """

    def __init__(self, settings: Sequence[Mapping[str, Any]], evaluator: Evaluator) -> None:
        self.settings = settings
        self.evaluator = evaluator
        self._made: dict[tuple[int, frozenset[tuple[str, Any]]], Postprocess] = {}

    def __call__(self, page: Page, points: Sequence[Mapping[str, Any]]) -> list[TextCounts]:
        """The counts for each point."""
        wanted = {frozenset(point.items()) for point in points}
        self._made = {key: each for key, each in self._made.items() if key[1] in wanted}
        result = []
        for point in points:
            read = self.texts(page, point)
            counts = [self.evaluator.evaluate_image([word], each) for word, each in zip(page.words, read, strict=True)]
            result.append(TextCounts(*totals(astuple(each) for each in counts)) if counts else TextCounts())
        return result

    def texts(self, page: Page, point: Mapping[str, Any]) -> list[Any]:
        """The readings of a page's lines."""
        key = page.model, frozenset(point.items())
        if key not in self._made:
            self._made[key] = build("postprocess", {**self.settings[page.model], **point})
        return [self._made[key](line_TK.astype(np.float32)) for line_TK in page.lines]


def tune_text(wanted: TuneSettings, stored: dict[str, Any]) -> Outcome:
    """Build the language model, and search for the best settings of the beam search.

    If the language model learns from the split on which the settings are tuned, each half of the images is read with a
    model that learns from the other half, and the stored model learns from all.

    Raises:
        InputError: a setting is invalid, or the split has no texts.
    """
    path, text = wanted.checkpoint_path, wanted.text
    module, kept = module_of(stored, path, wanted.postprocess)
    base = changed_postprocess(kept["postprocess"], {KIND: BEAM})
    beam = class_of("postprocess", BEAM)
    settings = all_settings(beam, base)
    grids = grids_with_values(settings, text.grids)
    check_grids(beam, settings, grids)
    check_objective(text.objective, module.evaluator.summarise([]))
    languages = language_models(wanted, kept, base)
    pages = list(make_pages(wanted, kept, module.network, max(1, len(languages) - 1)))

    start = {name: settings[name] for name in grids}
    counter = TextCounter([{**base, "language": language} for language in languages], module.evaluator)
    before_counter = TextCounter([stored["config"]["postprocess"]] * len(languages), module.evaluator)
    tuner = Tuner(Counts(pages, counter), module.evaluator, text.objective, unless_stopped)
    everything = range(len(pages))
    best = tuner.descend(start, grids, everything, wanted.split)
    held_out, chosen = tuner.held_out(start, grids, wanted.folds) if wanted.folds else ({}, [])
    (after,) = tuner.figures([best], everything, "figures")
    before = module.evaluator.summarise([before_counter(page, [{}])[0] for page in pages])
    columns = {"before": before, "tuned": after, **({"held_out": held_out} if chosen else {})}
    say_amounts(pages, before_counter, counter, best)

    carried = stored["config"]["postprocess"]
    given = changed_postprocess(kept["postprocess"], {KIND: BEAM, **best, "language": languages[-1]})
    changed = {name: value for name, value in given.items() if value != carried.get(name)}
    shown = {KIND: BEAM, **best, "language": digest(languages[-1])}
    old = {name: carried.get(name, "") for name in shown} | {"language": digest(carried.get("language", ""))}
    each = [{**shown, **fold} for fold in chosen]
    noted = {**changed, **({"language": shown["language"]} if "language" in changed else {})}
    return Outcome(text.objective, old, shown, each, columns, tuner.tried, changed, noted)


def digest(language: str) -> str:
    """A stored language model in few characters."""
    sha256 = hashlib.sha256(language.encode()).hexdigest()
    return f"{len(language)} characters, sha256 {sha256[:12]}" if language else ""


def language_models(wanted: TuneSettings, kept: dict[str, Any], base: Mapping[str, Any]) -> list[str]:
    """The stored language models that read each part of the images; the last one is to be kept.

    Raises:
        InputError: none is stored and none is to be built, or the split has no texts.
    """
    if wanted.text.language is None:
        if not base.get("language"):
            raise InputError(
                f"text.language=null keeps the stored language model, but {wanted.checkpoint_path} has none; leave it "
                "out to build one"
            )
        return [base["language"]]
    about = LanguageSettings(**wanted.text.language)
    datamodule = split_of(wanted, kept, about.split)
    pages = [
        [word.text or "" for word in record.words.values() if word.readable]
        for record in datamodule.records["test"].records
    ]
    added = [
        text for index in range(about.receipts) for text in receipt_texts(index, seed=wanted.seed, split="language")
    ]
    parts = [pages]
    if about.split == wanted.split:
        parts = [pages[1::2], pages[::2], pages]  # the first model reads the images 0, 2, 4 ...
    models = []
    for part in unless_stopped(parts, "language model", len(parts)):
        texts = [text for page in part for text in page]
        models.append(build_ngram([*texts, *added], order=about.order, size=about.characters).trie.to_text())
    return models


def split_of(wanted: TuneSettings, kept: dict[str, Any], split: str) -> AnnotatedDataModule:
    """The loader of a split."""
    datamodule = evaluation_datamodule(kept, wanted.checkpoint_path, data=wanted.data, split=split, seed=wanted.seed)
    datamodule.setup("test")
    return datamodule


def make_pages(wanted: TuneSettings, kept: dict[str, Any], network: nn.Module, parts: int) -> Iterator[Page]:
    """The probabilities of the lines of each image of the split, with their truth."""
    if wanted.threads is not None:
        torch.set_num_threads(wanted.threads)
    device = choose_device(wanted.device)
    network = network.to(device).eval()
    datamodule = split_of(wanted, kept, wanted.split)
    loader = datamodule.test_dataloader()
    for number, batch in enumerate(unless_stopped(loader, "probabilities", len(loader))):
        datamodule.skipped.receive(batch)
        if not len(batch):
            continue
        lines: list[npt.NDArray[np.float16]] = []
        for part in batch.parts(TOGETHER):
            with torch.inference_mode():
                output = network(part.images_BCHW.to(device))
                probability_BTK = output["logits"].softmax(-1).half().cpu().numpy()
            steps = output["steps"].tolist()
            lines += [line_TK[:count].copy() for line_TK, count in zip(probability_BTK, steps, strict=True)]
        yield Page(lines, [word for (word,) in batch.regions], number % parts)


def say_amounts(pages: Sequence[Page], before: TextCounter, after: TextCounter, best: Mapping[str, Any]) -> None:
    """Print how many amounts of the truth are read wrongly before and after, and some that the tuning spoilt."""
    wrong, still, total, spoilt = 0, 0, 0, []
    for page in pages:
        for word, old, new in zip(page.words, before.texts(page, {}), after.texts(page, best), strict=True):
            expected = amounts(word.text or "")
            total += len(expected)
            first, then = lacking(expected, old.text), lacking(expected, new.text)
            wrong, still = wrong + first, still + then
            if then > first:
                spoilt.append(f"{word.text!r}: read {old.text!r} before, {new.text!r} now")
    say(f"amounts read wrongly: {wrong} of {total} before, {still} tuned; lines that lost one: {len(spoilt)}")
    say(*spoilt[:SHOWN])


def lacking(expected: Sequence[str], read: str) -> int:
    """How many of the expected amounts a reading lacks."""
    found = amounts(read)
    return sum(max(0, expected.count(amount) - found.count(amount)) for amount in dict.fromkeys(expected))
