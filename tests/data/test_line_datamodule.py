"""Loaders of lines: what they give, what they refuse; neither workers nor a stop change a batch."""

import functools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ocr.recognition.targets.characters import CharacterTargets
from ocr.synthesis.lines import LinePicture
from ocr.types import InputError


@pytest.fixture
def own_data(tiny_data, tmp_path):
    """A copy of the tiny data that a test may spoil."""
    return shutil.copytree(tiny_data, tmp_path / "data")


def edit(annotation, change):
    content = json.loads(annotation.read_text())
    change(content["images"])
    annotation.write_text(json.dumps(content))


def drawn(index, count=3):
    """Lines of one synthesised receipt, whose pixels say which one it is."""
    corners_42 = np.float32([[4, 4], [84, 4], [84, 28], [4, 28]])
    return [
        LinePicture(np.full((32, 90 + 10 * number, 3), 40 + index, np.uint8), corners_42, "LATO 9")
        for number in range(count)
    ]


def epoch_of(datamodule, epoch=0):
    loader = datamodule.train_dataloader()
    loader.sampler.set_epoch(epoch)
    return list(loader)


def assert_same(batches, expected):
    assert len(batches) == len(expected)
    for batch, alone in zip(batches, expected, strict=True):
        assert batch.paths == alone.paths
        assert torch.equal(batch.images_BCHW, alone.images_BCHW)
        assert batch.targets.keys() == alone.targets.keys()
        assert all(torch.equal(batch.targets[name], alone.targets[name]) for name in batch.targets)


def test_training_batches(make_line_datamodule):
    datamodule = make_line_datamodule()
    datamodule.setup("fit")
    batches = epoch_of(datamodule)
    assert len(batches) == len(datamodule.train_dataloader()) == 8
    for batch in batches:
        assert batch.images_BCHW.dtype == torch.uint8
        assert batch.images_BCHW.shape[:3] == (2, 3, 32)
        assert batch.images_BCHW.shape[3] % 32 == 0
        assert batch.targets["codes"].tolist() == [[6, 5, 6, 3, 4, 1, 2]] * 2  # "TOTAL 9"
        assert batch.targets["lengths"].tolist() == [7, 7]
        assert batch.targets["case_known"].tolist() == [True, True]
        assert [word.text for (word,) in batch.regions] == ["TOTAL 9"] * 2
    assert {path.name for batch in batches[:4] for path in batch.paths} | {
        path.name for batch in batches[4:] for path in batch.paths
    } == {f"train_{number}.png" for number in range(4)}


def test_evaluation_batches_are_the_lines_of_whole_receipts_in_order(make_line_datamodule):
    for granularity, lines, text in (("word", 8, "TOTAL 9"), ("line", 4, "TOTAL 9 TOTAL 9")):
        datamodule = make_line_datamodule(granularity=granularity)
        datamodule.setup("fit")
        batches = list(datamodule.val_dataloader())
        assert [{path.name for path in batch.paths} for batch in batches] == [{"val_0.png"}, {"val_1.png"}]
        assert [len(batch) for batch in batches] == [lines, lines]
        assert {word.text for batch in batches for (word,) in batch.regions} == {text}


def test_a_text_outside_of_the_charset_is_evaluated_but_not_learnt(make_line_datamodule, own_data, caplog):
    for split in ("train", "val"):
        edit(
            own_data / "jsons" / f"{split}.json",
            lambda images: [
                image["words"][key].update(transcription="TOTAL é")
                for image in images.values()
                for key in ("0001", "0002")
            ],
        )
    datamodule = make_line_datamodule(root=own_data)
    datamodule.setup("fit")
    told = [record for record in caplog.records if record.name == "ocr.data.line_datamodule"]
    assert [record.message.split(" (")[0] for record in told] == [
        "split 'train': 8 characters, 1 different ones, are not in the charset",
        "split 'val': 4 characters, 1 different ones, are not in the charset",
    ]
    assert {word.text for batch in epoch_of(datamodule) for (word,) in batch.regions} == {"TOTAL 9"}
    batch = next(iter(datamodule.val_dataloader()))
    assert [word.text for (word,) in batch.regions] == ["TOTAL é"] * 2 + ["TOTAL 9"] * 6
    assert batch.targets["lengths"].tolist() == [0] * 2 + [7] * 6


def test_ignored_regions_and_those_without_a_text_are_no_lines(make_line_datamodule, own_data):
    def change(images):
        images["val_0.png"]["words"]["0001"]["ignore"] = True
        images["val_0.png"]["words"]["0002"].pop("transcription")
        images["val_0.png"]["words"]["0003"]["transcription"] = " "
        for word in images["val_1.png"]["words"].values():
            word["ignore"] = True

    edit(own_data / "jsons" / "val.json", change)
    datamodule = make_line_datamodule(root=own_data)
    datamodule.setup("validate")
    assert [len(batch) for batch in datamodule.val_dataloader()] == [5, 0]


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_split_without_any_text_ends_before_the_first_step(make_line_datamodule, own_data, split):
    def change(images):
        for image in images.values():
            for word in image["words"].values():
                del word["transcription"]

    edit(own_data / "jsons" / f"{split}.json", change)
    with pytest.raises(InputError, match=f"split '{split}' has no text to read: .*transcription"):
        make_line_datamodule(root=own_data).setup("fit")


def test_batches_are_the_same_for_any_number_of_workers(make_line_datamodule):
    seen = []
    for num_workers in (0, 1, 2):
        datamodule = make_line_datamodule(num_workers=num_workers, seed=3)
        datamodule.setup("fit")
        loader = datamodule.train_dataloader()
        epochs = []
        for epoch in (0, 1):
            loader.sampler.set_epoch(epoch)
            epochs.append(list(loader))
        seen.append(epochs)
    for others in seen[1:]:
        for batches, expected in zip(others, seen[0], strict=True):
            assert_same(batches, expected)
    first, second = (torch.cat([batch.images_BCHW.flatten() for batch in epoch]) for epoch in seen[0])
    assert not torch.equal(first, second)


def test_a_pool_of_hundreds_of_batches_needs_few_open_files(make_line_datamodule):
    datamodule = make_line_datamodule(lines_per_receipt=150, num_workers=1)
    datamodule.setup("fit")
    before = len(list(Path("/proc/self/fd").iterdir()))
    batches = iter(datamodule.train_dataloader())
    pool = [next(batches) for _ in range(datamodule.batches)]
    assert len(pool) == 150
    assert len(list(Path("/proc/self/fd").iterdir())) - before < 60
    assert len({batch.images_BCHW.untyped_storage().data_ptr() for batch in pool}) == 1


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("done", [1, 3, 4, 5, 8])
def test_a_resumed_epoch_goes_on_at_the_next_batch(make_line_datamodule, num_workers, done):
    whole = make_line_datamodule()
    whole.setup("fit")
    expected, following = epoch_of(whole, 1), epoch_of(whole, 2)

    resumed = make_line_datamodule(num_workers=num_workers)
    resumed.setup("fit")
    resumed.load_state_dict({"epoch": 1, "batches": done, **resumed._shares()})
    loader = resumed.train_dataloader()
    loader.sampler.set_epoch(1)
    assert_same(list(loader), expected[done:])
    loader.sampler.set_epoch(2)
    assert_same(list(loader), following)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"batch_size": 4}, "batch_size was 2 and is 4"),
        ({"pool": 4}, "pool was 2 and is 4"),
        ({"lines_per_receipt": 2}, "lines_per_receipt was 4 and is 2"),
        ({"seed": 1}, "seed was 0 and is 1"),
    ],
)
def test_a_place_in_other_batches_is_refused(make_line_datamodule, changes, told):
    before, now = make_line_datamodule(), make_line_datamodule(**changes)
    for each in (before, now):
        each.setup("fit")
    with pytest.raises(InputError, match=f"resume: {told}; .*data.lines_per_receipt"):
        now.load_state_dict({"epoch": 0, "batches": 1, **before._shares()})
    older = {name: value for name, value in before._shares().items() if name not in {"pool", "lines_per_receipt"}}
    before.load_state_dict({"epoch": 0, "batches": 1, **older})
    assert before.position == (0, 1)


def test_two_processes_share_out_the_receipts(make_line_datamodule, monkeypatch):
    seen = []
    for rank in (0, 1):
        datamodule = make_line_datamodule()
        monkeypatch.setattr(datamodule, "rank", lambda rank=rank: (rank, 2))
        datamodule.setup("fit")
        seen.append({path.name for batch in epoch_of(datamodule) for path in batch.paths})
        batches = list(datamodule.val_dataloader())
        assert [len(batch) for batch in batches] == ([8, 0] if rank == 0 else [0, 8])
    assert len(seen[0]) == len(seen[1]) == 2
    assert seen[0].isdisjoint(seen[1])


def test_synthesised_lines_alone_need_no_training_split(make_line_datamodule, own_data):
    (own_data / "jsons" / "train.json").unlink()
    datamodule = make_line_datamodule(root=own_data, stored=False, draw=drawn, drawn_per_epoch=4)
    datamodule.setup("fit")
    assert datamodule.records.keys() == {"val"}
    batches = epoch_of(datamodule, 1)
    assert len(batches) == 8
    assert {path.as_posix().rsplit("/", 1)[0] for batch in batches for path in batch.paths} == {"synthesised/1"}


def test_both_kinds_of_receipts_are_mixed(make_line_datamodule):
    datamodule = make_line_datamodule(
        draw=drawn, drawn_per_epoch=4, pool=8, lines_per_receipt=6, targets=CharacterTargets(" 9ALOT", "unknown")
    )
    datamodule.setup("fit")
    assert datamodule.training_count() == 8
    batches = epoch_of(datamodule)
    known = {
        (bool(known), path.parts[0] == "synthesised")
        for batch in batches
        for known, path in zip(batch.targets["case_known"], batch.paths, strict=True)
    }
    assert known == {(True, True), (False, False)}  # what is synthesised has the case of its print


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"batch_size": 3}, "data.batch_size=3 does not divide the 8 lines of data.pool=2 receipts"),
        ({"stored": False}, "data.stored=false needs data=drawn_lines and data.drawn_per_epoch above 0"),
        ({"stored": False, "draw": drawn}, "data.stored=false needs"),
        ({"drawn_per_epoch": 94}, "data.drawn_per_epoch=94 needs .* data=drawn_lines data.stored=true"),
    ],
)
def test_settings_that_give_no_batches_are_named(make_line_datamodule, changes, told):
    with pytest.raises(InputError, match=told):
        make_line_datamodule(**changes)


def test_a_pool_larger_than_the_data_is_refused(make_line_datamodule):
    datamodule = make_line_datamodule(pool=6)
    datamodule.setup("fit")
    with pytest.raises(InputError, match=r"data\.pool=6 is more than the 4 training receipts"):
        datamodule.train_dataloader()


def test_a_damaged_image_is_replaced_and_named(make_line_datamodule, own_data):
    (own_data / "images" / "train" / "train_1.png").write_bytes(b"")
    (own_data / "images" / "val" / "val_1.png").write_bytes(b"")
    datamodule = make_line_datamodule(root=own_data, on_error="skip")
    datamodule.setup("fit")
    batches = [*epoch_of(datamodule), *datamodule.val_dataloader()]
    told = [reason for batch in batches for reason in batch.skipped]
    assert sorted(reason.split(":")[0].rsplit("/", 1)[1] for reason in told) == ["train_1.png", "val_1.png"]
    assert len(batches) == 10
    datamodule = make_line_datamodule(root=own_data)
    datamodule.setup("fit")
    with pytest.raises(InputError, match=r"train_1\.png"):
        epoch_of(datamodule)


def test_receipts_without_a_text_to_learn_are_left_out(make_line_datamodule, own_data, caplog):
    def change(images):
        for name in ("train_0.png", "train_2.png"):
            for word in images[name]["words"].values():
                word["transcription"] = "é" if name == "train_0.png" else None

    edit(own_data / "jsons" / "train.json", change)
    datamodule = make_line_datamodule(root=own_data, pool=1)
    datamodule.setup("fit")
    assert "2 of 4 receipts have no text that can be learnt and are left out: train_0.png, train_2.png" in caplog.text
    assert datamodule.training_count() == 2
    assert {path.name for batch in epoch_of(datamodule) for path in batch.paths} == {"train_1.png", "train_3.png"}


def test_a_charset_that_writes_no_text_ends_before_the_first_step(make_line_datamodule):
    with pytest.raises(InputError, match="no text of split 'train' has only characters of the charset"):
        make_line_datamodule(targets=CharacterTargets("xyz")).setup("fit")


def test_synthesised_receipts_without_a_line_end_with_their_numbers(make_line_datamodule):
    datamodule = make_line_datamodule(stored=False, draw=functools.partial(drawn, count=0), drawn_per_epoch=2)
    datamodule.setup("fit")
    with pytest.raises(InputError, match=r"the synthesised receipts \d, \d of an epoch have no line"):
        epoch_of(datamodule)
