"""From the network's output for a batch to the text of each line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ocr.types import Batch, FloatArray, InputError, Reading

Postprocess = Callable[[FloatArray], Reading]


@dataclass(frozen=True, slots=True)
class DecodeLines:
    """Decodes the text of each line of a batch.

    Attributes:
        postprocess: converts the probabilities (T, K) of a line to its text.
    """

    postprocess: Postprocess

    def __call__(self, output: Mapping[str, Any], batch: Batch) -> list[Reading]:  # noqa: ARG002 - as every decoder
        """The text of each line.

        Args:
            output: ``logits`` (B, T, K) and ``steps`` (B,); ``sequence`` if they are positions of the text, not steps
                along the line.
            batch: not needed.

        Raises:
            InputError: the postprocess is for the other kind of network.
        """
        if bool(output.get("sequence")) != getattr(self.postprocess, "sequence", False):
            raise InputError(
                f"{type(self.postprocess).__name__} cannot decode this network: model.read=attention needs "
                "GreedySequence, others GreedyCTC or BeamCTC; use task=recognition_attention or task=recognition"
            )
        probability_BTK = output["logits"].softmax(-1).float().cpu().numpy()
        steps = output["steps"].tolist()
        return [self.postprocess(line_TK[:count]) for line_TK, count in zip(probability_BTK, steps, strict=True)]
