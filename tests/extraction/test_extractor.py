"""The network: padding and company do not matter, places and texts do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ocr.extraction.models import Extractor
from ocr.extraction.tokens import tokenise
from ocr.synthesis.facts import invented_facts


@pytest.fixture(scope="module")
def network() -> Extractor:
    torch.manual_seed(0)
    return Extractor(fields=21, letters=16, width=32, blocks=2, heads=2).eval()


def rows(index: int) -> torch.Tensor:
    return torch.from_numpy(tokenise(invented_facts(0, "test", index).words).rows_NF[None, None])


def test_a_page_does_not_depend_on_what_is_beside_it(network: Extractor) -> None:
    one, other = rows(0), rows(1)
    size = max(one.shape[2], other.shape[2]) + 5
    padded = torch.zeros(2, 1, size, one.shape[3], dtype=torch.uint8)
    padded[0, :, : one.shape[2]], padded[1, :, : other.shape[2]] = one[0], other[0]
    with torch.no_grad():
        alone, together = network(one), network(padded)
    assert together["counts"].tolist() == [one.shape[2], other.shape[2]]
    for name in ("logits", "starts"):
        assert torch.allclose(together[name][0, : one.shape[2]], alone[name][0], atol=1e-4)


@pytest.mark.parametrize("column", [0, 20, 23, 27])
def test_text_place_and_rank_are_seen(network: Extractor, column: int) -> None:
    before = rows(2)
    after = before.clone()
    after[0, 0, 5, column] = (after[0, 0, 5, column].int() + 7) % 200 + 1
    with torch.no_grad():
        assert not torch.equal(network(before)["logits"], network(after)["logits"])


def test_a_page_moved_down_is_the_same() -> None:
    words = invented_facts(0, "test", 3).words
    moved = [type(w)(w.points_N2 + np.float32(500), w.transcription) for w in words]
    assert np.array_equal(tokenise(words).rows_NF, tokenise(moved).rows_NF)


def test_widths_must_fit() -> None:
    with pytest.raises(ValueError, match="width=30 must be a multiple of heads=4"):
        Extractor(fields=3, width=30, heads=4)
