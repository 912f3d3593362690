"""A recogniser that begins with the weights of one with another charset, or of another size."""

from pathlib import Path
from typing import Any

import pytest
import torch

from ocr.recognition.models import Recognizer
from ocr.types import InputError
from ocr.weights.stored import init_weights
from small_recogniser import CHARSET, CONFIG, SIZES, save_checkpoint, small_recogniser


@pytest.fixture
def stored(tmp_path: Path) -> str:
    """A checkpoint of the small recogniser."""
    return str(save_checkpoint(small_recogniser(), tmp_path / "best.ckpt"))


@pytest.mark.parametrize("characters", ["A가", "가나"], ids=["overlapping", "disjoint"])
def test_another_charset_keeps_all_that_both_have(stored: str, characters: str) -> None:
    before, network = small_recogniser(), Recognizer(characters=characters, **SIZES)
    own = network.head.weight.detach().clone()
    init_weights(network, stored)
    assert torch.equal(network.head.weight[0], before.head.weight[0]), "the blank"
    if "A" in characters:
        assert torch.equal(network.head.weight[1], before.head.weight[CHARSET.index("A") + 1])
    assert torch.equal(network.head.weight[2], own[2])
    assert torch.equal(network.collapse.weight, before.collapse.weight)


@pytest.mark.parametrize("characters", [CHARSET, "A가", "가나"])
def test_another_width_is_refused_by_name(stored: str, characters: str) -> None:
    network = Recognizer(characters=characters, **{**SIZES, "width": 24})
    with pytest.raises(InputError, match=r"best\.ckpt: its weights do not fit .*use the model= that they were trained"):
        init_weights(network, stored)


def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    smaller: dict[str, Any] = {
        part: {**CONFIG[part], "characters": CHARSET[:-1]} for part in ("model", "loss", "targets", "postprocess")
    }
    path = save_checkpoint(small_recogniser(), tmp_path / "best.ckpt", **smaller)
    with pytest.raises(InputError, match=r"do not fit the network that it describes: head\.bias is \(19,\) .* \(20,\)"):
        init_weights(Recognizer(characters="A가", **SIZES), str(path))
