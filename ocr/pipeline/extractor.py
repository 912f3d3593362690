"""The network that finds a receipt's facts, ready to run: regions with their texts in, fields and items out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocr.engines.base import TokenEngine
from ocr.extraction.postprocess.structure import Extraction, Structure
from ocr.extraction.tokens import TokenPage
from ocr.pipeline.loading import default_weights, engine_module
from ocr.types import InputError, Word
from ocr.utils.limits import check_settings
from ocr.weights.parts import described

MOST_TOKENS = 2000
"""Most tokens of a page: attention takes memory with their square, some 0.8 GB for these. Receipts have hundreds."""


@dataclass(frozen=True, slots=True)
class FactFinder:
    """Finds the facts of a receipt whose text is known.

        finder = FactFinder.load()
        found = finder.find(words)
        print(found.fields["total"].text)

    Attributes:
        engine: runs the network.
        transform: makes tokens of regions.
        postprocess: chooses values from the tokens' probabilities.
    """

    engine: TokenEngine
    transform: Callable[[Sequence[Word]], TokenPage]
    postprocess: Structure

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        engine: str = "auto",
        device: str = "auto",
        threads: int | None = None,
        **postprocess: Any,
    ) -> FactFinder:
        """Load a network that finds facts.

        Args:
            path: a checkpoint, a weights file (``.safetensors``) or an exported model (``.onnx``); ``None``: the
                weights shipped with this package.
            engine: ``torch``, ``onnxruntime`` or ``auto``, as for `LineReader.load`.
            device: torch device, likewise.
            threads: CPU threads of the network, likewise.
            postprocess: settings that replace those of the file (`Structure`).

        Raises:
            InputError: as `LineReader.load`.
        """
        check_settings({"threads": threads, **postprocess})
        file = str(default_weights(engine, "facts") if path is None else path)
        finder: FactFinder = engine_module(file, engine, device).load_finder(file, device, threads, postprocess)
        return finder

    def find(self, words: Sequence[Word]) -> Extraction:
        """The facts of one page.

        Args:
            words: its regions in reading order, with polygons and texts; those without text are not used. A page of
                more than `MOST_TOKENS` tokens is no receipt and says nothing.
        """
        page = self.transform(words)
        if not 0 < len(page.tokens) <= MOST_TOKENS:
            return Extraction({}, ())
        probability_BNK, starts_BN = self.engine(page.rows_NF[None, None])
        return self.postprocess(probability_BNK[0], starts_BN[0], page, words)


def finder_of(
    engine: TokenEngine, transform: Mapping[str, Any], postprocess: Mapping[str, Any], path: str
) -> FactFinder:
    """What finds facts with a network, with the parts that its file describes.

    Args:
        engine: runs the network.
        transform: describes how tokens are made.
        postprocess: describes the postprocess.
        path: the file.

    Raises:
        InputError: they cannot be made as described, or the network does not fit them.
    """
    finder = FactFinder(engine, described("transform", transform, path), described("postprocess", postprocess, path))
    page = finder.transform([Word(np.array([[0, 0], [9, 0], [9, 9], [0, 9]], np.float32), "0")])
    try:
        classes = engine(page.rows_NF[None, None])[0].shape[-1]
    except Exception as error:  # a network for other inputs: each engine has errors of its own
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{path}: its network cannot run on tokens ({reason}); export it again") from error
    if classes != len(finder.postprocess.fields) + 1:
        raise InputError(
            f"{path}: its network knows {classes - 1} fields, its postprocess.fields has "
            f"{len(finder.postprocess.fields)}; export it again"
        )
    return finder
