"""From the network's output for a batch to the facts of each page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocr.extraction.postprocess.structure import Extraction, Structure
from ocr.extraction.tokens import tokenise
from ocr.types import Batch


@dataclass(frozen=True, slots=True)
class DecodeFacts:
    """Decodes the facts of each page of a batch.

    Attributes:
        postprocess: chooses the values.
    """

    postprocess: Structure

    def __call__(self, output: Mapping[str, Any], batch: Batch) -> list[Extraction]:
        """The facts of each page.

        Args:
            output: ``logits`` (B, N, K) and ``starts`` (B, N).
            batch: whose regions have the texts.
        """
        probability_BNK = output["logits"].float().softmax(-1).cpu().numpy()
        starts_BN = output["starts"].float().sigmoid().cpu().numpy()
        found = []
        for probability_NK, starts_N, regions in zip(probability_BNK, starts_BN, batch.regions, strict=True):
            page = tokenise(regions)
            count = len(page.tokens)
            found.append(self.postprocess(probability_NK[:count], starts_N[:count], page, regions))
        return found
