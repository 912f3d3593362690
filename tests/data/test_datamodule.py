"""Loaders over a native folder: what they give, what they refuse, and that workers change nothing."""

import json
import shutil

import numpy as np
import pytest
import torch

from ocr.formats.common.base import AnnotationError
from ocr.images.header import ImageError
from ocr.types import InputError

MAPS = {"shrink_map", "shrink_mask", "threshold_map", "threshold_mask"}


@pytest.fixture
def own_data(tiny_data, tmp_path):
    """A copy of the tiny data that a test may spoil."""
    return shutil.copytree(tiny_data, tmp_path / "data")


def edit(annotation, change):
    content = json.loads(annotation.read_text())
    change(content["images"])
    annotation.write_text(json.dumps(content))


def test_training_batches(make_datamodule):
    datamodule = make_datamodule(batch_size=3)
    datamodule.setup("fit")
    batches = list(datamodule.train_dataloader())
    assert len(batches) == 1  # of 4 images; the incomplete batch is left out
    (batch,) = batches
    assert batch.images_BCHW.shape == (3, 3, 96, 96)
    assert batch.images_BCHW.dtype == torch.uint8
    assert batch.targets.keys() == MAPS
    assert all(maps.shape == (3, 96, 96) and maps.dtype == torch.float32 for maps in batch.targets.values())
    assert len({path.name for path in batch.paths}) == 3
    assert batch.original_sizes == ((200, 300),) * 3


@pytest.mark.parametrize("split", ["val", "test"])
def test_evaluation_batches_are_whole_images_in_order(make_datamodule, split):
    datamodule = make_datamodule()
    datamodule.setup("fit" if split == "val" else "test")
    batches = list(datamodule.val_dataloader() if split == "val" else datamodule.test_dataloader())
    assert [batch.paths[0].name for batch in batches] == [f"{split}_0.png", f"{split}_1.png"]
    assert all(batch.images_BCHW.shape == (1, 3, 160, 128) for batch in batches)
    assert all(batch.targets.keys() == MAPS for batch in batches)


@pytest.mark.parametrize(("stage", "read"), [("fit", {"train", "val"}), ("validate", {"val"}), ("test", {"test"})])
def test_only_the_splits_of_a_stage_are_read(make_datamodule, stage, read):
    datamodule = make_datamodule()
    datamodule.setup(stage)
    assert datamodule.records.keys() == read


def test_splits_can_be_renamed(make_datamodule):
    datamodule = make_datamodule(test_split="val")
    datamodule.setup("test")
    assert [batch.paths[0].parent.name for batch in datamodule.test_dataloader()] == ["val", "val"]


def test_samples_are_the_same_for_any_number_of_workers(make_datamodule):
    seen = []
    for num_workers in (0, 1, 2):
        datamodule = make_datamodule(num_workers=num_workers, granularity="line", seed=3)
        datamodule.setup("fit")
        loader = datamodule.train_dataloader()
        epochs = []
        for epoch in (0, 1):
            loader.sampler.set_epoch(epoch)
            epochs.append(list(loader))
        seen.append(epochs)
    for others in seen[1:]:
        for batches, expected in zip(others, seen[0], strict=True):
            for batch, alone in zip(batches, expected, strict=True):
                assert batch.paths == alone.paths
                assert torch.equal(batch.images_BCHW, alone.images_BCHW)
                assert np.array_equal(batch.matrices_B33, alone.matrices_B33)
                assert all(torch.equal(batch.targets[name], alone.targets[name]) for name in MAPS)
    first, second = (torch.cat([batch.images_BCHW for batch in epoch]) for epoch in seen[0])
    assert not torch.equal(first, second)


def test_regions_are_of_the_granularity(make_datamodule):
    for granularity, expected in (("word", 8), ("line", 4)):
        datamodule = make_datamodule(granularity=granularity)
        datamodule.setup("fit")
        for loader in (datamodule.train_dataloader(), datamodule.val_dataloader()):
            assert all(len(regions) == expected for batch in loader for regions in batch.regions)


def test_missing_split_is_named_with_the_remedy(make_datamodule, tmp_path):
    with pytest.raises(InputError, match=r"jsons/train\.json: no such split in data\.root=.*make data"):
        make_datamodule(root=tmp_path, tested=True).setup("fit")
    with pytest.raises(InputError, match=r"jsons/holdout\.json: no such split"):
        make_datamodule(test_split="holdout").setup("test")
    with pytest.raises(
        InputError, match=r"no split 'holdout' to test on .*; add one, .*data\.test_split=.*skip_test=true"
    ):
        make_datamodule(test_split="holdout", tested=True).setup("fit")
    make_datamodule(tested=True).setup("fit")
    make_datamodule(test_split="holdout", tested=False).setup("fit")


def test_empty_split_is_named(make_datamodule, own_data):
    edit(own_data / "jsons" / "val.json", dict.clear)
    with pytest.raises(InputError, match=r"val\.json: holds no image"):
        make_datamodule(root=own_data).setup("validate")


def ignore_all(images):
    for image in images.values():
        for word in image["words"].values():
            word["ignore"] = True


def drop_all(images):
    for image in images.values():
        image["words"] = {}


@pytest.mark.parametrize("granularity", ["word", "line"])
@pytest.mark.parametrize(
    ("change", "ignored"), [(ignore_all, {"word": 8, "line": 4}), (drop_all, {"word": 0, "line": 0})]
)
@pytest.mark.parametrize(
    ("split", "images", "stages"),
    [("train", 4, ["fit"]), ("val", 2, ["fit", "validate"]), ("test", 2, ["fit", "test"])],
)
def test_a_split_without_text_ends_before_the_first_step(
    make_datamodule, own_data, split, images, stages, change, ignored, granularity
):
    edit(own_data / "jsons" / f"{split}.json", change)
    told = (
        f"split '{split}' has no text to find: {images} images with 0 regions, beside {images * ignored[granularity]} "
    )
    for stage in stages:
        with pytest.raises(InputError, match=rf"data\.root=.*: {told}that are ignored; .*set ignore to false"):
            make_datamodule(root=own_data, granularity=granularity, tested=True).setup(stage)


def shares(images):
    for word in images["val_1.png"]["words"].values():
        word["points"] = [[x / 200, y / 300] for x, y in word["points"]]


def test_shares_of_the_sides_end_before_the_first_step(make_datamodule, own_data):
    edit(own_data / "jsons" / "val.json", shares)
    told = (
        r"val\.json: image 'val_1\.png': all coordinates of its 8 words lie between 0 and 1, .*not pixels; multiply x"
    )
    with pytest.raises(AnnotationError, match=told):
        make_datamodule(root=own_data).setup("fit")


@pytest.mark.parametrize(("granularity", "inside"), [("word", 2), ("line", 1)])
def test_regions_in_ignored_ones_are_counted_at_the_start(make_datamodule, own_data, caplog, granularity, inside):
    def change(images):
        words = images["train_1.png"]["words"]
        first = np.concatenate([word["points"] for word in words.values() if word["line"] == words["0001"]["line"]])
        (left, top), (right, bottom) = first.min(axis=0) - 2, first.max(axis=0) + 2
        outline = [[left, top], [right, top], [right, bottom], [left, bottom]]
        words["around"] = {"points": np.clip(outline, 0, 200).tolist(), "ignore": True}

    make_datamodule(root=own_data, granularity=granularity).setup("fit")
    assert not caplog.records
    edit(own_data / "jsons" / "train.json", change)
    make_datamodule(root=own_data, granularity=granularity).setup("fit")
    (record,) = caplog.records
    assert (
        f"{inside} of {32 if granularity == 'word' else 16} regions of split 'train' lie in ignored" in record.message
    )


def test_one_word_is_text_enough(make_datamodule, own_data):
    def change(images):
        ignore_all(images)
        images["train_3.png"]["words"]["0001"]["ignore"] = False

    edit(own_data / "jsons" / "train.json", change)
    make_datamodule(root=own_data).setup("fit")


def test_the_test_s_annotation_is_read_before_the_training(make_datamodule, own_data):
    edit(own_data / "jsons" / "test.json", lambda images: images["test_0.png"]["words"]["0001"].pop("points"))
    make_datamodule(root=own_data).setup("fit")
    with pytest.raises(AnnotationError, match=r"test\.json: image 'test_0\.png', word '0001'"):
        make_datamodule(root=own_data, tested=True).setup("fit")


def test_missing_image_is_named(make_datamodule, own_data):
    (own_data / "images" / "test" / "test_1.png").unlink()
    with pytest.raises(AnnotationError, match=r"1 of 2 images are missing.*test_1\.png"):
        make_datamodule(root=own_data).setup("test")


def test_lines_that_cannot_be_had_are_named_before_training(make_datamodule, own_data):
    edit(own_data / "jsons" / "train.json", lambda images: images["train_2.png"]["words"]["0003"].pop("line"))
    make_datamodule(root=own_data).setup("fit")
    with pytest.raises(InputError, match=r"train_2\.png: word '0003' has no line number"):
        make_datamodule(root=own_data, granularity="line").setup("fit")


def test_unknown_granularity_is_named(make_datamodule):
    with pytest.raises(InputError, match=r"data\.granularity='page' is unknown"):
        make_datamodule(granularity="page").setup("fit")


@pytest.mark.parametrize("num_workers", [0, 1])
def test_image_of_another_size_is_named_from_any_process(make_datamodule, own_data, num_workers):
    edit(own_data / "jsons" / "val.json", lambda images: images["val_1.png"].update(img_w=300, img_h=400))
    datamodule = make_datamodule(root=own_data, num_workers=num_workers)
    datamodule.setup("validate")
    with pytest.raises(ImageError, match=r"val_1\.png: the image is 200 x 300, the annotation says 300 x 400"):
        list(datamodule.val_dataloader())


def test_batch_larger_than_the_data_is_refused(make_datamodule):
    datamodule = make_datamodule(batch_size=5)
    datamodule.setup("fit")
    with pytest.raises(InputError, match=r"data\.batch_size=5 is more than the 4 training images"):
        datamodule.train_dataloader()
