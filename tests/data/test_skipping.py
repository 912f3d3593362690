"""Images that cannot be used: what stands in for them, what is counted, and where it ends."""

import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ocr.data.skipping import SkippedImages
from ocr.formats.common.base import AnnotationError
from ocr.images.header import ImageError
from ocr.types import Batch, InputError


@pytest.fixture
def own_data(tiny_data: Path, tmp_path: Path) -> Path:
    """A copy of the tiny data that a test may spoil."""
    return shutil.copytree(tiny_data, tmp_path / "data")


def truncate(path: Path) -> None:
    """Leave the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def edit(annotation: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(annotation.read_text(encoding="utf-8"))
    change(content["images"])
    annotation.write_text(json.dumps(content), encoding="utf-8")


def epochs(datamodule: Any, count: int = 3) -> list[Batch]:
    """The training batches of some epochs."""
    loader = datamodule.train_dataloader()
    batches: list[Batch] = []
    for epoch in range(count):
        loader.sampler.set_epoch(epoch)
        batches += list(loader)
    return batches


def test_another_image_stands_in_for_one_that_cannot_be_read(make_datamodule: Any, own_data: Path) -> None:
    truncate(own_data / "images" / "train" / "train_1.png")
    datamodule = make_datamodule(root=own_data, on_error="skip", batch_size=1)
    whole = make_datamodule(batch_size=1)
    for each in (datamodule, whole):
        each.setup("fit")
    batches, expected = epochs(datamodule), epochs(whole)
    assert len(batches) == len(expected) == 12
    for batch, before in zip(batches, expected, strict=True):
        if before.paths[0].name == "train_1.png":
            assert batch.paths[0].name != "train_1.png"
            (reason,) = batch.skipped
            assert "train_1.png: is not an image or is damaged" in reason
        else:
            assert batch.paths[0].name == before.paths[0].name
            assert batch.skipped == ()
            assert torch.equal(batch.images_BCHW, before.images_BCHW)


def test_the_one_that_stands_in_is_the_same_for_any_number_of_workers(make_datamodule: Any, own_data: Path) -> None:
    for number in (0, 2):
        truncate(own_data / "images" / "train" / f"train_{number}.png")
    seen = []
    for num_workers in (0, 1, 2):
        datamodule = make_datamodule(root=own_data, on_error="skip", num_workers=num_workers)
        datamodule.setup("fit")
        seen.append(epochs(datamodule))
    for others in seen[1:]:
        for batch, alone in zip(others, seen[0], strict=True):
            assert (batch.paths, batch.skipped) == (alone.paths, alone.skipped)
            assert torch.equal(batch.images_BCHW, alone.images_BCHW)
    reasons = {reason for batch in seen[0] for reason in batch.skipped}
    assert len(reasons) == 2
    assert sum(map(len, seen[0])) == 12


def test_where_all_are_damaged_it_ends(make_datamodule: Any, own_data: Path) -> None:
    for path in (own_data / "images" / "train").iterdir():
        truncate(path)
    for limit, message in ((10, "4 images cannot be used, none is left"), (2, r"3 images .* data\.max_skipped=2")):
        datamodule = make_datamodule(root=own_data, on_error="skip", max_skipped=limit)
        datamodule.setup("fit")
        with pytest.raises(InputError, match=message) as caught:
            epochs(datamodule)
        assert str(caught.value).count("is not an image or is damaged") == min(4, limit + 1)


def test_an_image_of_another_size_and_one_too_large_are_skipped_too(make_datamodule: Any, own_data: Path) -> None:
    edit(own_data / "jsons" / "val.json", lambda images: images["val_1.png"].update(img_w=300, img_h=400))
    for changes, counts in (({}, [1, 0]), ({"max_pixels": 200 * 300 - 1}, [0, 0])):
        datamodule = make_datamodule(root=own_data, on_error="skip", **changes)
        datamodule.setup("validate")
        batches = list(datamodule.val_dataloader())
        assert [len(batch) for batch in batches] == counts
        assert [len(batch.skipped) for batch in batches] == [1 - count for count in counts]
    assert "val_0.png: the image has 200 x 300 pixels, more than data.max_pixels=59999" in batches[0].skipped[0]
    strict = make_datamodule(root=own_data, max_pixels=59999)
    strict.setup("validate")
    with pytest.raises(ImageError, match=r"data\.max_pixels=59999"):
        list(strict.val_dataloader())


def test_a_wrong_annotation_is_left_out_at_reading(
    make_datamodule: Any, own_data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (own_data / "images" / "train" / "train_0.png").unlink()
    edit(
        own_data / "jsons" / "train.json",
        lambda images: images["train_2.png"]["words"]["0003"].update(points=[[0, 0], [9, 9], [9, 0], [0, 9]]),
    )
    datamodule = make_datamodule(root=own_data, on_error="skip")
    with caplog.at_level(logging.WARNING):
        datamodule.setup("fit")
    assert len(datamodule.records["train"]) == 2
    assert len(caplog.messages) == len(datamodule.skipped) == 2
    assert any("'train_0.png': is missing" in message for message in caplog.messages)
    assert any("'train_2.png', word '0003': the polygon" in message for message in caplog.messages)
    with pytest.raises(InputError, match=r"2 images cannot be used, more than data\.max_skipped=1"):
        make_datamodule(root=own_data, on_error="skip", max_skipped=1).setup("fit")
    with pytest.raises(AnnotationError):
        make_datamodule(root=own_data).setup("fit")


def test_an_image_is_told_and_counted_once(caplog: pytest.LogCaptureFixture) -> None:
    skipped = SkippedImages("skip", 2)
    with caplog.at_level(logging.WARNING):
        skipped.add(["a: damaged", "b: empty"])
        skipped.add(["a: damaged"])
    assert caplog.messages == ["skipped: a: damaged", "skipped: b: empty"]
    with pytest.raises(InputError, match=r"(?s)3 images.*max_skipped=2.*a: damaged.*b: empty.*c: gone"):
        skipped.add(["c: gone"])
    continued = SkippedImages("skip", 2)
    continued.add(["a: damaged", "b: empty"], logged=True)
    continued.add(["b: empty"])
    assert len(continued) == 2


@pytest.mark.parametrize(
    ("on_error", "limit", "message"), [("ignore", 1, "data.on_error='ignore'"), ("skip", -1, "-1")]
)
def test_settings_that_mean_nothing_are_refused(on_error: Any, limit: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SkippedImages(on_error, limit)


def test_links_that_lead_out_are_refused_and_can_be_allowed(make_datamodule: Any, own_data: Path) -> None:
    image = own_data / "images" / "val" / "val_0.png"
    cache = own_data.parent / "cache"
    cache.mkdir()
    image.rename(cache / "0123456789")
    image.symlink_to(cache / "0123456789")
    with pytest.raises(AnnotationError, match=r"val_0\.png: a link leads out of data\.root=.*data\.follow_links=true"):
        make_datamodule(root=own_data).setup("validate")
    allowed = make_datamodule(root=own_data, follow_links=True)
    allowed.setup("validate")
    assert [len(batch) for batch in allowed.val_dataloader()] == [1, 1]

    image.unlink()  # inside, and over a link to the whole folder, is where the user said
    shutil.move(cache / "0123456789", own_data / "images" / "real.png")
    image.symlink_to(os.path.relpath(own_data / "images" / "real.png", image.parent))
    (own_data.parent / "named").symlink_to(own_data)
    make_datamodule(root=own_data.parent / "named").setup("validate")


def test_a_linked_folder_of_images_leads_out_too(make_datamodule: Any, own_data: Path) -> None:
    (own_data / "images" / "val").rename(own_data.parent / "elsewhere")
    (own_data / "images" / "val").symlink_to(own_data.parent / "elsewhere")
    with pytest.raises(AnnotationError, match="leads out"):
        make_datamodule(root=own_data).setup("validate")


def test_an_annotation_file_is_no_way_out_either(make_datamodule: Any, own_data: Path) -> None:
    (own_data / "jsons" / "val.json").rename(own_data.parent / "elsewhere.json")
    (own_data / "jsons" / "val.json").symlink_to(own_data.parent / "elsewhere.json")
    with pytest.raises(AnnotationError, match=r"val\.json: a link leads out"):
        make_datamodule(root=own_data, on_error="skip").setup("validate")
