"""Check that what an export changes about a recogniser does not change what it reads."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from ocr.engines.torch_engine import TorchLineEngine
from ocr.pipeline.recognizer import LineReader, reader_of
from ocr.synthesis.lines import render_lines
from ocr.types import FloatArray, InputError
from ocr.utils.font_files import FontMissingError
from ocr.utils.printable import say

RECEIPTS = 4
"""Synthesised receipts of each language whose lines are compared, about 50 each."""
BATCH = 16
"""Maximum number of lines that run together."""
ALIKE = 0.98
"""Minimum share of lines that read alike: where two characters are equally probable, rounding decides."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How two readers differ.

    Attributes:
        lines: number of lines compared.
        alike: how many of them have the same text.
        read: in how many of them the first reader reads something.
        read_by_both: in how many of them both do.
        distance: largest difference between their probabilities; infinite if a line's steps differ.
    """

    lines: int
    alike: int
    read: int
    read_by_both: int
    distance: float

    def check(self, what: str, remedy: str, *, alike: float = ALIKE, distance: float = float("inf")) -> None:
        """Check that the readers differ no more than allowed.

        Args:
            what: what the second reader is, for the message.
            remedy: what to do, for the message.
            alike: minimum share of lines with the same text.
            distance: maximum difference between probabilities.

        Raises:
            InputError: they differ by more, or the second one reads nothing of what the first one reads.
        """
        if self.read and not self.read_by_both:
            raise InputError(
                f"{what}: reads nothing in the {self.read} of {self.lines} synthesised lines in which the checkpoint "
                f"reads something. {remedy}"
            )
        if self.alike < alike * self.lines or not self.distance <= distance:
            raise InputError(
                f"{what}: {self.alike} of {self.lines} synthesised lines have the text that the checkpoint reads, at "
                f"least {alike:.0%} must; probabilities differ by up to {self.distance:.2g}, at most {distance:.2g} is "
                f"allowed. {remedy}"
            )

    def __str__(self) -> str:
        """What the comparison found, for the user."""
        if not self.read:
            return (
                f"the checkpoint reads nothing in {self.lines} synthesised lines, so that its texts prove nothing: is "
                "it trained?"
            )
        return f"{self.alike} of {self.lines} lines read as by torch"


def compared(one: LineReader, other: LineReader, characters: str) -> Parity:
    """Compare two readers on synthesised lines, cut as the first one does.

    Args:
        one: reads with the checkpoint's network.
        other: reads with the changed one.
        characters: their charset; with Korean syllables in it, as many Korean receipts are read too.

    Raises:
        InputError: the fonts of the lines are not installed.
    """
    shares = (0.0, 1.0) if any("가" <= character <= "힣" for character in characters) else (0.0,)
    places = product(shares, range(RECEIPTS))
    try:
        drawn = [line for korean, n in places for line in render_lines(n, seed=0, split="parity", korean=korean)]
    except FontMissingError as error:
        raise InputError(f"a recogniser is exported only after it has read synthesised lines: {error}") from error
    crops = [one.transform(line.image_HWC, line.points_N2) for line in drawn]
    pairs = list(zip(one.probabilities(crops), other.probabilities(crops), strict=True))
    texts = [(one.decoded(first_TK).text, other.decoded(second_TK).text) for first_TK, second_TK in pairs]
    return Parity(
        lines=len(texts),
        alike=sum(first == second for first, second in texts),
        read=sum(bool(first) for first, _ in texts),
        read_by_both=sum(bool(first and second) for first, second in texts),
        distance=max(distance_of(*pair) for pair in pairs),
    )


def distance_of(first_TK: FloatArray, second_TK: FloatArray) -> float:
    """The largest difference between the probabilities of a line; infinite if they are not of the same shape."""
    if first_TK.shape != second_TK.shape:
        return float("inf")
    return float(np.abs(first_TK - second_TK).max(initial=0.0))


def torch_reader(network: nn.Module, kept: Mapping[str, Any], path: str) -> LineReader:
    """The reader of a network in memory, on the CPU.

    Args:
        network: a recogniser; it is put into evaluation mode.
        kept: its configuration.
        path: its file, for messages.
    """
    engine = TorchLineEngine(network, torch.device("cpu"))
    return reader_of(engine, kept["data"]["transform"], kept["postprocess"], path, batch=BATCH)


def in_half(network: nn.Module, kept: Mapping[str, Any], path: str) -> nn.Module:
    """A recogniser whose weights are rounded to half precision, which are stored in half the size.

    Args:
        network: the recogniser; its weights are not modified.
        kept: its configuration.
        path: its file, for messages.

    Raises:
        InputError: it does not read the same.
    """
    rounded = copy.deepcopy(network)
    weights = network.state_dict()
    rounded.load_state_dict({name: w.half() if w.is_floating_point() else w for name, w in weights.items()})
    before, after = torch_reader(network, kept, path), torch_reader(rounded, kept, path)
    parity = compared(before, after, kept["postprocess"]["characters"])
    parity.check(f"half: {path} with weights in half precision", "Export it with half=false")
    if not parity.read:
        say(f"half: {parity}")
    return rounded
