"""A file of ``torch.save`` to plain data and tensors, without calling anything that the file names.

``torch.load(weights_only=True)`` runs no foreign code, but it calls what a file picks from a list, among that
``bytearray(10**11)``, and takes whatever memory compressed parts and overlapping tensors ask for. Here a file can name
a tensor and a dictionary and no more, and what comes of it is as large as the file.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import torch

MAX_PICKLE = 1 << 26
"""Bytes of what is no tensor: 64 MiB, where a training's checkpoint has 0.2."""
MAX_DEPTH = 50
"""Containers inside each other; a checkpoint has 10."""
MAX_VALUES = 2_000_000
"""Plain values. A container that stands in several places counts in each: so it is walked through later."""

# fmt: off
OPCODES = frozenset({
    "PROTO", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
    "BINUNICODE", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "APPEND", "APPENDS",
    "SETITEM", "SETITEMS", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "GLOBAL", "REDUCE", "BUILD", "BINPERSID",
})
# fmt: on
"""What torch writes: protocol 2."""

DTYPES = {
    "BoolStorage": torch.bool,
    "ByteStorage": torch.uint8,
    "CharStorage": torch.int8,
    "ShortStorage": torch.int16,
    "IntStorage": torch.int32,
    "LongStorage": torch.int64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
}


class PlainFileError(ValueError):
    """The file holds something else than tensors and plain data, or is not what it seems; the message says what."""


class Storage(NamedTuple):
    """The numbers of one or more tensors: one part of the archive."""

    dtype: torch.dtype
    key: str


class Stored(NamedTuple):
    """A tensor as the file describes it."""

    storage: Any
    offset: Any
    size: Any
    stride: Any


class Ordered(dict[Any, Any]):
    """``OrderedDict`` as it is unpickled; what torch hangs on it beside its entries is dropped."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        """Take nothing over."""


def rebuilt(storage: object, offset: object, size: object, stride: object, *_: object) -> Stored:
    """What stands for ``torch._utils._rebuild_tensor_v2``."""
    return Stored(storage, offset, size, stride)


NAMES: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): Ordered,
    ("torch._utils", "_rebuild_tensor_v2"): rebuilt,
    **{("torch", name): dtype for name, dtype in DTYPES.items()},
}


class PlainUnpickler(pickle.Unpickler):
    """Knows `NAMES` alone."""

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name."""
        if (module, name) not in NAMES:
            raise PlainFileError(f"names {module[:80]}.{name[:80]}")
        return NAMES[module, name]

    def persistent_load(self, pid: Any) -> Storage:
        """A storage, as ``("storage", type, key, device, count)``."""
        match pid:
            case ("storage", torch.dtype() as dtype, str(key), *_):
                return Storage(dtype, key)
        raise PlainFileError("refers to something that is no storage")


def read_plain(path: Path) -> Any:
    """Dictionaries, lists, tuples, texts, numbers and tensors (on the CPU) of a file; each part's checksum is verified.

    Raises:
        PlainFileError: there is anything else in it, or it is larger inside than outside.
        OSError: it cannot be read.
        Exception: it is damaged; foreign bytes make the standard library raise almost anything.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        compressed = any(part.compress_type != zipfile.ZIP_STORED for part in parts)
        if compressed or sum(part.file_size for part in parts) > path.stat().st_size:
            raise PlainFileError("has compressed or overlapping parts, which torch does not write")
        content = {part.filename: bytearray(archive.read(part)) for part in parts}
    (name,) = (name for name in content if name.endswith("/data.pkl"))
    top = name.removesuffix("data.pkl")
    if content.get(f"{top}byteorder", b"little") != b"little":
        raise PlainFileError("was written on a machine with another order of bytes")
    tree = unpickled(bytes(content[name]))
    storages = {key.removeprefix(f"{top}data/"): each for key, each in content.items() if key.startswith(f"{top}data/")}
    return Rebuilding(storages, path.stat().st_size).value(tree, 0)


def unpickled(content: bytes) -> Any:
    """What a pickle holds, its tensors as `Stored`."""
    if len(content) > MAX_PICKLE:
        raise PlainFileError(f"has {len(content)} bytes beside its tensors, more than {MAX_PICKLE}")
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        # A place in the memory of the unpickler is allocated up to its number, which may be 4 thousand million.
        if opcode.name not in OPCODES or (opcode.name == "LONG_BINPUT" and int(argument or 0) > count):
            raise PlainFileError(f"is pickled as torch does not ({opcode.name})")
    return PlainUnpickler(io.BytesIO(content)).load()


class Rebuilding:
    """Makes plain data of what was unpickled.

    Args:
        parts: the bytes of each storage by its key.
        size: of the file in bytes; all tensors together may have as many.
    """

    def __init__(self, parts: dict[str, bytearray], size: int) -> None:
        self._parts = parts
        self._bytes_left = size
        self._values_left = MAX_VALUES

    def value(self, value: Any, depth: int) -> Any:
        """One value with all that is in it."""
        kind = type(value)
        self._values_left -= 1 + (len(value) >> 6 if kind is str else 0)
        if self._values_left < 0 or depth > MAX_DEPTH:
            raise PlainFileError(f"has more than {MAX_VALUES} values, or {MAX_DEPTH} inside each other")
        if value is None or kind in {bool, float, str} or (kind is int and abs(value) < 1 << 64):
            return value
        if kind is Stored:
            return self._tensor(value)
        if kind in {dict, Ordered}:
            return {self.value(key, depth + 1): self.value(each, depth + 1) for key, each in value.items()}
        if kind in {list, tuple}:
            return kind(self.value(each, depth + 1) for each in value)
        raise PlainFileError(f"holds a {kind.__name__}")

    def _tensor(self, stored: Stored) -> torch.Tensor:
        storage, offset, size, stride = stored
        plain = type(storage) is Storage and type(size) is tuple and type(stride) is tuple
        if not plain or any(type(number) is not int or number < 0 for number in (offset, *size, *stride)):
            raise PlainFileError("describes a tensor as torch does not")
        part = self._parts[storage.key]
        count = math.prod(size)
        self._bytes_left -= count * storage.dtype.itemsize
        if count * storage.dtype.itemsize > len(part) or self._bytes_left < 0:
            raise PlainFileError(f"has a tensor of {size}, more than there are numbers for")
        flat = torch.frombuffer(part, dtype=storage.dtype) if part else torch.empty(0, dtype=storage.dtype)
        return flat.as_strided(size, stride, offset)
