"""Keep records in one block of memory that forked loader workers share with their parent."""

from __future__ import annotations

import mmap
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import msgspec
import numpy as np

from ocr.types import InputError, Record, Word


class PackedRecord(msgspec.Struct, array_like=True, gc=False):
    """A packed record: one list for each attribute of the words, and all their points (float32, x and y alternating).

    The polygon of word ``n`` has ``counts[n]`` points.
    """

    path: bytes
    width: int | None
    height: int | None
    keys: list[str]
    counts: list[int]
    points: bytes
    transcriptions: list[str | None]
    ignored: list[bool]
    lines: list[int | None]
    labels: list[str | None]
    items: list[int | None]
    fields: dict[str, str]


class PackedRecords(Sequence[Record]):
    """Records stored as consecutive bytes and decoded on access.

    Python counts references inside its objects: a worker that only reads a list of records writes to all of their
    pages, so the kernel copies them. Here the bytes lie in an unnamed file in ``TMPDIR``, mapped read-only: they exist
    once for all processes, the kernel may keep them on disk when memory is short, and they vanish with the last
    process. The bytes are msgpack, which cannot contain code.

    Args:
        records: the records, consumed one by one.

    Raises:
        InputError: ``TMPDIR`` has no room for them.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        encoder, ends = msgspec.msgpack.Encoder(), array("q", [0])
        try:
            with tempfile.TemporaryFile() as file:
                for record in records:
                    ends.append(ends[-1] + file.write(encoder.encode(pack(record))))
                file.flush()
                self._bytes = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if ends[-1] else b"")
        except OSError as error:
            raise InputError(
                f"TMPDIR cannot hold the annotations ({error.strerror}); set TMPDIR to a folder with more space"
            ) from error
        self._ends = np.array(ends, dtype=np.int64)
        self._decoder = msgspec.msgpack.Decoder(PackedRecord)

    def __len__(self) -> int:
        """Number of records."""
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        """One record, or those of a slice; their polygons are read-only."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return unpack(self._decoder.decode(self._bytes[self._ends[place] : self._ends[place + 1]]))

    def __iter__(self) -> Iterator[Record]:
        """The records in order."""
        return (self[place] for place in range(len(self)))

    def __reduce__(self) -> tuple[type[PackedRecords], tuple[list[Record]]]:
        """Pickle as a list of records: where workers are not forked (macOS), each packs the records itself."""
        return PackedRecords, (list(self),)


def pack(record: Record) -> PackedRecord:
    """Pack a record."""
    words = record.words.values()
    return PackedRecord(
        path=os.fsencode(record.image_path),
        width=record.width,
        height=record.height,
        keys=list(record.words),
        counts=[len(word.points_N2) for word in words],
        points=b"".join([word.points_N2.astype(np.float32, copy=False).tobytes() for word in words]),
        transcriptions=[word.transcription for word in words],
        ignored=[word.ignore for word in words],
        lines=[word.line for word in words],
        labels=[word.field for word in words],
        items=[word.item for word in words],
        fields=record.fields,
    )


def unpack(packed: PackedRecord) -> Record:
    """Unpack a record."""
    points_T2 = np.frombuffer(packed.points, np.float32).reshape(-1, 2)
    words, start = {}, 0
    said = zip(packed.transcriptions, packed.ignored, packed.lines, packed.labels, packed.items, strict=True)
    for key, count, (text, ignored, line, label, item) in zip(packed.keys, packed.counts, said, strict=True):
        words[key] = Word(points_T2[start : start + count], text, ignored, line, field=label, item=item)
        start += count
    return Record(Path(os.fsdecode(packed.path)), words, packed.width, packed.height, packed.fields)
