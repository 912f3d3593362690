"""Packed records are the records, and lie in arrays that reading does not change."""

import errno
import io
import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr.data.packed import PackedRecords
from ocr.types import InputError, Record, Word


@pytest.fixture
def records():
    square = np.array([[0, 0], [9, 0], [9, 9], [0, 9]], np.float32)
    words = {f"{number:04d}": Word(square + number, "값 1,000", number % 2 == 0, number) for number in range(3)}
    words["0001"] = replace(words["0001"], field="menu.price", item=2)
    return [
        Record(Path("a.jpg"), words, 20, 30, {"total": "1,000"}),
        Record(Path("b.jpg"), {}),
        Record(Path("c/d.jpg"), words),
    ]


def same(left, right):
    assert (left.image_path, left.width, left.height) == (right.image_path, right.width, right.height)
    assert left.words.keys() == right.words.keys()
    assert left.fields == right.fields
    for one, other in zip(left.words.values(), right.words.values(), strict=True):
        assert np.array_equal(one.points_N2, other.points_N2)
        assert one.points_N2.dtype == np.float32
        assert (one.transcription, one.ignore, one.line) == (other.transcription, other.ignore, other.line)
        assert (one.field, one.item) == (other.field, other.item)


def test_every_record_comes_back_in_order(records):
    packed = PackedRecords(iter(records))
    assert len(packed) == 3
    for left, right in zip(packed, records, strict=True):
        same(left, right)
    same(packed[-1], records[2])
    same(packed[1:][1], records[2])


def test_nothing_is_a_sequence_too():
    assert list(PackedRecords([])) == []


def test_an_index_beyond_the_end_is_told(records):
    with pytest.raises(IndexError):
        PackedRecords(records)[3]
    with pytest.raises(IndexError):
        PackedRecords([])[0]


def test_packed_records_can_be_sent_to_a_process_that_was_not_forked(records):
    for left, right in zip(pickle.loads(pickle.dumps(PackedRecords(records))), records, strict=True):
        same(left, right)


def test_a_path_that_is_no_text_comes_back():
    path = Path(os.fsdecode(b"a\xff/b.jpg"))
    assert PackedRecords([Record(path, {})])[0].image_path == path


def test_a_full_disk_is_told(records, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    with pytest.raises(InputError, match=r"TMPDIR cannot hold the annotations \(No space left on device\); set TMPDIR"):
        PackedRecords(records)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells how memory is mapped")
def test_the_bytes_are_a_file_s_that_all_processes_share_and_none_can_write(records):
    before = set(Path("/proc/self/maps").read_text().splitlines())
    packed = PackedRecords(records)
    (mapping,) = (
        line for line in set(Path("/proc/self/maps").read_text().splitlines()) - before if line.endswith("(deleted)")
    )
    assert mapping.split()[1] == "r--s"
    with pytest.raises(ValueError, match="read-only"):
        packed[0].words["0000"].points_N2[0, 0] = 1


def test_a_record_is_made_anew_so_that_reading_holds_on_to_nothing(records):
    packed = PackedRecords(records)
    assert packed[0] is not packed[0]
