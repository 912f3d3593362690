"""The samples of a split, and its numbers, counted by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from drawn_receipts import HEIGHT, WIDTH, write_drawn_data
from ocr.pipeline.data_samples import SplitSamples, numbers_of, split_names
from ocr.types import InputError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two drawn receipts, and a third entry that cannot be read."""
    write_drawn_data(tmp_path, {"val": 2})
    path = tmp_path / "jsons" / "val.json"
    content = json.loads(path.read_text())
    content["images"]["bad.png"] = {"words": {"1": {"points": [[0, 0], [1, 1]]}}}
    first = content["images"]["val_0.png"]
    first["words"]["0001"] |= {"transcription": "A€", "ignore": True}
    first["words"]["0002"]["transcription"] = "€é"
    first["fields"] = {"company": "TEA"}
    path.write_text(json.dumps(content))
    return tmp_path


def test_numbers_are_counted(root: Path) -> None:
    samples = SplitSamples.of(root, "val")
    (broken,) = samples.broken
    assert "bad.png" in broken
    numbers = numbers_of(samples)
    assert numbers.counts == {
        "images": 2, "regions": 16, "ignored": 1, "with text": 15, "labelled": 2, "items": 0
    }  # fmt: skip
    # 14 texts "TOTAL 9", and one of two characters; the ignored one does not count
    assert (numbers.characters["T"], numbers.characters["€"], numbers.characters["A"]) == (28, 1, 14)
    assert sum(numbers.characters.values()) == 14 * 7 + 2
    assert numbers.labels == {"total": 2}
    assert numbers.fields == {"company": 1, "total": 2}
    assert numbers.spreads["region height"] == dict.fromkeys(numbers.spreads["region height"], 18.0)
    assert (numbers.spreads["image width"]["p50"], numbers.spreads["image height"]["p100"]) == (WIDTH, HEIGHT)
    assert (numbers.spreads["characters a region"]["p0"], numbers.spreads["characters a region"]["p50"]) == (2, 7)


def test_a_thumbnail_shows_the_regions_at_its_own_size(root: Path) -> None:
    samples = SplitSamples.of(root, "val")
    small_HWC = samples.thumbnail("val_1.png", HEIGHT // 2)
    assert small_HWC.shape == (HEIGHT // 2, WIDTH // 2, 3)
    left, top = samples.records["val_1.png"].words["0001"].points_N2[0] / 2
    around_HWC = small_HWC[int(top) - 1 : int(top) + 2, int(left) + 4].astype(int)
    assert (around_HWC[:, 1] - around_HWC[:, 0]).max() > 100, "a green line"
    page = samples.page("val_1.png")
    assert page.count("<polygon ") == 8


def test_an_image_that_is_missing_or_elsewhere_is_refused(root: Path) -> None:
    samples = SplitSamples.of(root, "val")
    image = root / "images" / "val" / "val_0.png"
    image.rename(root / "moved.png")
    with pytest.raises(InputError, match="val_0"):
        samples.page("val_0.png")
    image.symlink_to(root / "moved.png")
    with pytest.raises(InputError, match="a link leads out of"):
        samples.thumbnail("val_0.png", 100)


def test_splits_are_those_with_an_annotation(root: Path) -> None:
    (root / "images" / "train").mkdir()
    assert split_names(root) == ["val"]
    with pytest.raises(InputError, match="nowhere: no such folder"):
        split_names(root / "nowhere")
    (root / "empty").mkdir()
    with pytest.raises(InputError, match=r"has no jsons/<split>\.json"):
        split_names(root / "empty")
    assert np.isfinite(numbers_of(SplitSamples.of(root, "val")).spreads["region width"]["p100"])
