"""Records in one block of memory, which loader workers share with the process that they were forked from."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np

from ocr.types import Record


class PackedRecords(Sequence[Record]):
    """Records as bytes, one behind the other, each made anew where it is asked for.

    Python counts references inside its objects: a worker that only reads a list of records writes to all of their
    pages, and the kernel copies each of them for it. Bytes in one array are read without being written to, and grow in
    one place, leaving no holes between other objects for the workers to fill.

    Args:
        records: what to keep; taken one by one.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        packed, ends = bytearray(), []
        for record in records:
            packed += pickle.dumps(record, protocol=pickle.HIGHEST_PROTOCOL)
            ends.append(len(packed))
        self._ends = np.array(ends, dtype=np.int64)
        self._bytes = np.frombuffer(packed, dtype=np.uint8)

    def __len__(self) -> int:
        """Number of records."""
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        """One record, or those of a slice."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        start = int(self._ends[place - 1]) if place else 0
        record: Record = pickle.loads(self._bytes[start : int(self._ends[place])].data)
        return record

    def __iter__(self) -> Iterator[Record]:
        """The records in order."""
        return (self[place] for place in range(len(self)))
