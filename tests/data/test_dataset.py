"""Record to sample, samples to batch."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ocr.data.dataset import EvaluationDataset, TrainDataset, centres_of, collate
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.photometric import Photometric
from ocr.data.regions import with_regions
from ocr.data.source import StoredReceipts
from ocr.detection.targets.db import DBTargetBuilder
from ocr.formats.native import read_native
from ocr.geometry import transform_points
from ocr.images.header import ImageError
from ocr.types import Record, Sample, Word


@pytest.fixture
def records(tiny_data):
    return read_native(tiny_data / "jsons" / "train.json", tiny_data / "images" / "train")


def train_dataset(records, **changes):
    settings = {
        "targets": DBTargetBuilder(),
        "crop": RandomCrop(size=128, long_side_range=(280, 360)),
        "photometric": Photometric(),
        "seed": 0,
    }
    return TrainDataset(StoredReceipts(records), **{**settings, **changes})


def inside(points_N2, shape_HW):
    """Rows and columns of points that lie on the map."""
    columns, rows = np.floor(points_N2).astype(int).T
    kept = (rows >= 0) & (columns >= 0) & (rows < shape_HW[0]) & (columns < shape_HW[1])
    return rows[kept], columns[kept]


def test_centres_are_of_the_regions_that_count():
    square = np.array([[0, 0], [4, 0], [4, 2], [0, 2]], np.float32)
    assert centres_of([Word(square), Word(square + 10, ignore=True)]).tolist() == [[2, 1]]
    assert centres_of([]).shape == (0, 2)


def test_training_sample_is_whole_and_its_maps_lie_on_its_text(records):
    sample = train_dataset(records)[0, 1]
    assert sample.image_CHW.shape == (3, 128, 128)
    assert sample.image_CHW.dtype == np.uint8
    assert sample.image_CHW.flags.c_contiguous
    assert sample.original_size == (200, 300)
    assert sample.record is records[1]
    assert sample.regions == tuple(records[1].words.values())
    assert set(sample.targets) == {"shrink_map", "shrink_mask", "threshold_map", "threshold_mask"}
    centres = np.array([region.points_N2.mean(axis=0) for region in sample.regions])
    rows, columns = inside(transform_points(centres, sample.matrix_33), (128, 128))
    assert len(rows) > 0
    assert (sample.targets["shrink_map"][rows, columns] == 1).all()
    corners = np.array([region.points_N2[0] - 8 for region in sample.regions])  # off the text, up and left
    assert not sample.targets["shrink_map"][inside(transform_points(corners, sample.matrix_33), (128, 128))].any()


def test_training_sample_is_a_function_of_seed_epoch_and_index(records):
    def image(dataset, key):
        return dataset[key].image_CHW.tobytes()

    dataset = train_dataset(records)
    image(dataset, (0, 3))
    assert image(dataset, (2, 1)) == image(train_dataset(records), (2, 1))
    different = {image(dataset, (2, 1)), image(dataset, (3, 1)), image(train_dataset(records, seed=1), (2, 1))}
    assert len(different) == 3


def test_ignored_word_is_masked_not_learnt(records):
    words = {key: replace(word, ignore=True) for key, word in records[0].words.items()}
    whole_page = RandomCrop(size=320, long_side_range=(300, 301))
    sample = train_dataset([replace(records[0], words=words)], crop=whole_page)[0, 0]
    assert not sample.targets["shrink_map"].any()
    assert 0 < sample.targets["shrink_mask"].mean() < 1


def test_regions_are_the_record_s_words(records):
    joined = [with_regions(record, "line") for record in records]
    assert len(train_dataset(records)[0, 0].regions) == 8
    assert len(train_dataset(joined)[0, 0].regions) == 4
    assert len(EvaluationDataset(StoredReceipts(joined), transform=FitLongSide(long_side=64))[0, 0].regions) == 4


def test_evaluation_sample_is_the_whole_page(records):
    sample = EvaluationDataset(StoredReceipts(records), transform=FitLongSide(long_side=150))[7, 2]
    assert sample.image_CHW.shape == (3, 160, 128)
    assert np.array_equal(sample.matrix_33, np.diag([0.5, 0.5, 1]))
    assert sample.original_size == (200, 300)
    assert sample.targets == {}
    assert sample.record is records[2]


def test_evaluation_has_targets_where_the_loss_is_wanted(records):
    dataset = EvaluationDataset(
        StoredReceipts(records), transform=FitLongSide(long_side=300), targets=DBTargetBuilder()
    )
    shrink_map = dataset[0, 0].targets["shrink_map"]
    assert shrink_map.shape == (320, 224)
    first = next(iter(records[0].words.values()))
    x, y = first.points_N2.mean(axis=0).astype(int)
    assert shrink_map[y, x] == 1


def test_another_process_s_record_is_none(records):
    assert EvaluationDataset(StoredReceipts(records), transform=FitLongSide())[None] is None


@pytest.mark.parametrize("size", [(300, 200), (200, 299)])
def test_image_of_another_size_than_annotated_is_named(records, size):
    wrong = replace(records[0], width=size[0], height=size[1])
    message = rf"train_0\.png: the image is 200 x 300, the annotation says {size[0]} x {size[1]}.*frame=raw"
    with pytest.raises(ImageError, match=message):
        train_dataset([wrong])[0, 0]
    with pytest.raises(ImageError, match=message):
        EvaluationDataset(StoredReceipts([wrong]), transform=FitLongSide())[0, 0]


def test_size_may_be_left_unsaid(records):
    unsaid = replace(records[0], width=None, height=None)
    assert EvaluationDataset(StoredReceipts([unsaid]), transform=FitLongSide(long_side=64))[0, 0].original_size == (
        200,
        300,
    )


def test_a_reduced_jpeg_gives_the_sample_of_the_whole_one(tmp_path):
    """Same draws, same places; the homography is the original's."""
    y, x = np.mgrid[:960, :640]
    picture = np.repeat((120 + 60 * np.sin(x / 40) * np.cos(y / 50)).astype(np.uint8)[..., None], 3, axis=2)
    cv2.imwrite(str(tmp_path / "a.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 97])
    cv2.imwrite(str(tmp_path / "a.png"), cv2.imread(str(tmp_path / "a.jpg")))
    box = np.array([[200, 300], [440, 300], [440, 380], [200, 380]], np.float32)
    for make in (
        lambda records: TrainDataset(
            StoredReceipts(records),
            targets=DBTargetBuilder(),
            crop=RandomCrop(size=96, long_side_range=(150, 240)),
            photometric=Photometric(blur_probability=0, noise_probability=0, jpeg_probability=0),
            seed=0,
        ),
        lambda records: EvaluationDataset(
            StoredReceipts(records), transform=FitLongSide(long_side=240), targets=DBTargetBuilder()
        ),
    ):
        words = {"0001": Word(box)}
        reduced, whole = (make([Record(tmp_path / name, words, 640, 960)])[0, 0] for name in ("a.jpg", "a.png"))
        assert reduced.original_size == whole.original_size == (640, 960)
        np.testing.assert_allclose(reduced.matrix_33, whole.matrix_33, atol=1e-9)
        assert np.abs(reduced.image_CHW.astype(int) - whole.image_CHW).mean() < 1.5
        for name, map_HW in reduced.targets.items():
            np.testing.assert_allclose(map_HW, whole.targets[name], atol=1e-4)


def sample(name, height, width, value):
    return Sample(
        image_CHW=np.full((3, height, width), value, np.uint8),
        matrix_33=np.diag([value, value, 1.0]),
        original_size=(width * 2, height * 2),
        record=Record(Path(name), {}),
        regions=(Word(np.zeros((4, 2), np.float32), name),),
        targets={"shrink_map": np.full((height, width), value / 10, np.float32)},
    )


def test_smaller_samples_are_padded_right_and_below():
    batch = collate([sample("a.png", 4, 6, 7), sample("b.png", 5, 3, 9)])
    assert batch.images_BCHW.shape == (2, 3, 5, 6)
    assert batch.images_BCHW.dtype == torch.uint8
    assert (batch.images_BCHW[0, :, :4, :6] == 7).all()
    assert batch.images_BCHW[0].sum() == 7 * 3 * 24
    assert batch.images_BCHW[1].sum() == 9 * 3 * 15
    assert batch.targets["shrink_map"].shape == (2, 5, 6)
    assert batch.targets["shrink_map"].dtype == torch.float32
    assert (batch.targets["shrink_map"][1, :5, :3] == 0.9).all()
    assert not batch.targets["shrink_map"][1, :, 3:].any()


def test_what_belongs_to_an_image_stays_in_its_place():
    batch = collate([sample("a.png", 4, 6, 7), sample("b.png", 5, 3, 9)])
    assert batch.matrices_B33[:, 0, 0].tolist() == [7, 9]
    assert batch.matrices_B33.dtype == np.float64
    assert batch.original_sizes == ((12, 8), (6, 10))
    assert batch.paths == (Path("a.png"), Path("b.png"))
    assert [regions[0].transcription for regions in batch.regions] == ["a.png", "b.png"]


def test_other_processes_samples_are_left_out():
    batch = collate([None, sample("b.png", 5, 3, 9), None])
    assert batch.paths == (Path("b.png"),)
    assert batch.images_BCHW.shape == (1, 3, 5, 3)


def test_batch_may_be_empty():
    batch = collate([None])
    assert len(batch) == 0
    assert batch.images_BCHW.shape == (0, 3, 0, 0)
    assert batch.matrices_B33.shape == (0, 3, 3)
    assert batch.targets == {}
