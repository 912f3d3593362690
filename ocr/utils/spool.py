"""A mapping whose values wait in a temporary file, so that many of them take no memory. Standard library only."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from io import FileIO
from pathlib import Path
from typing import Generic, TypeVar

from ocr.utils.errors import InputError

Key = TypeVar("Key")
Value = TypeVar("Value")
Shown = TypeVar("Shown")


class Spool(MutableMapping[Key, Value]):
    """Keys in memory, in the order in which they were first set; a value is read from the file when it is asked for.

    A value that is replaced or removed goes on taking its place in the file. Every value got is a new object.

    Args:
        folder: where the file is, under no name, so that nothing is left of it whatever ends the process; created if
            it is missing, once there is a value.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: FileIO | None = None
        self._places: dict[Key, tuple[int, int]] = {}
        self._end = 0

    def __setitem__(self, key: Key, value: Value) -> None:
        """Write a value.

        Raises:
            InputError: the folder cannot be written, or has no space; the other values stay.
        """
        content = memoryview(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        try:
            if self._file is None:
                self._file = without_name(self._folder)
                weakref.finalize(self, self._file.close)
            written = 0
            while written < len(content):  # less is written at once if the disk is nearly full
                self._file.seek(self._end + written)
                written += self._file.write(content[written:])
        except OSError as error:
            raise InputError(
                f"{self._folder}: cannot be written ({error.strerror}); free some space or choose another output="
            ) from error
        self._places[key] = (self._end, len(content))
        self._end += len(content)

    def __getitem__(self, key: Key) -> Value:
        """Read a value."""
        place, length = self._places[key]
        assert self._file is not None
        self._file.seek(place)
        value: Value = pickle.loads(self._file.read(length))
        return value

    def __delitem__(self, key: Key) -> None:
        """Forget a value."""
        del self._places[key]

    def __contains__(self, key: object) -> bool:
        """Whether there is a value, which is not read."""
        return key in self._places

    def __iter__(self) -> Iterator[Key]:
        """The keys."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._places)


def without_name(folder: Path) -> FileIO:
    """A new file without a name in a folder, which is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(buffering=0, dir=folder)


class Mapped(Mapping[Key, Shown], Generic[Key, Value, Shown]):
    """A mapping whose values are made of those of another one, each when it is asked for.

    Args:
        values: the other mapping.
        of: makes a value of its.
    """

    def __init__(self, values: Mapping[Key, Value], of: Callable[[Value], Shown]) -> None:
        self._values, self._of = values, of

    def __getitem__(self, key: Key) -> Shown:
        """Make a value."""
        return self._of(self._values[key])

    def __contains__(self, key: object) -> bool:
        """Whether there is a value, which is not made."""
        return key in self._values

    def __iter__(self) -> Iterator[Key]:
        """The keys."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._values)
