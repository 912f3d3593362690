"""Read plain data and tensors from a ``torch.save`` file, without calling anything that the file names.

``torch.load(weights_only=True)`` runs no foreign code, but it calls what a file picks from a list, including
``bytearray(10**11)``, and allocates whatever compressed parts and overlapping tensors ask for. Here a file can only
name tensors and dictionaries, and the result is not larger than the file.
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
"""Maximum size in bytes of all but the tensors: 64 MiB; a training's checkpoint has 0.2 MiB."""
MAX_DEPTH = 50
"""Maximum nesting of containers; a checkpoint has 10 levels."""
MAX_VALUES = 2_000_000
"""Maximum number of plain values. A container that is referenced several times counts each time, as it is walked."""

# fmt: off
OPCODES = frozenset({
    "PROTO", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
    "BINUNICODE", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "APPEND", "APPENDS",
    "SETITEM", "SETITEMS", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "GLOBAL", "REDUCE", "BUILD", "BINPERSID",
})
# fmt: on
"""The opcodes that torch writes (protocol 2)."""

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
    """The file contains more than tensors and plain data, or is inconsistent; the message has the details."""


class Storage(NamedTuple):
    """The numbers of one or more tensors: one member of the archive."""

    dtype: torch.dtype
    key: str


class Stored(NamedTuple):
    """A tensor as the file describes it."""

    storage: Any
    offset: Any
    size: Any
    stride: Any


class Ordered(dict[Any, Any]):
    """Stands in for ``OrderedDict``; attributes that torch adds to it are dropped."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        """Ignore the state."""


def rebuilt(storage: object, offset: object, size: object, stride: object, *_: object) -> Stored:
    """Stands in for ``torch._utils._rebuild_tensor_v2``."""
    return Stored(storage, offset, size, stride)


NAMES: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): Ordered,
    ("torch._utils", "_rebuild_tensor_v2"): rebuilt,
    **{("torch", name): dtype for name, dtype in DTYPES.items()},
}


class PlainUnpickler(pickle.Unpickler):
    """An unpickler that only knows `NAMES`."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a name."""
        if (module, name) not in NAMES:
            raise PlainFileError(f"names {module[:80]}.{name[:80]}")
        return NAMES[module, name]

    def persistent_load(self, pid: Any) -> Storage:
        """A storage, as ``("storage", type, key, device, count)``."""
        match pid:
            case ("storage", torch.dtype() as dtype, str(key), *_):
                return Storage(dtype, key)
        raise PlainFileError("refers to something other than a storage")


def read_plain(path: Path) -> Any:
    """Read dictionaries, lists, tuples, texts, numbers and tensors (on the CPU), and verify every checksum.

    Raises:
        PlainFileError: the file contains anything else, or expands to more than its size.
        OSError: the file cannot be read.
        Exception: the file is damaged; foreign bytes make the standard library raise almost anything.
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
        raise PlainFileError("was written on a machine with another byte order")
    tree = unpickled(bytes(content[name]))
    storages = {key.removeprefix(f"{top}data/"): each for key, each in content.items() if key.startswith(f"{top}data/")}
    return Rebuilding(storages, path.stat().st_size).value(tree, 0)


def unpickled(content: bytes) -> Any:
    """Unpickle the content, with tensors as `Stored`."""
    if len(content) > MAX_PICKLE:
        raise PlainFileError(f"has {len(content)} bytes besides its tensors, more than {MAX_PICKLE}")
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        # The unpickler allocates its memo up to the index, which may be 4 thousand million.
        if opcode.name not in OPCODES or (opcode.name == "LONG_BINPUT" and int(argument or 0) > count):
            raise PlainFileError(f"is pickled as torch does not ({opcode.name})")
    return PlainUnpickler(io.BytesIO(content)).load()


class Rebuilding:
    """Converts unpickled values to plain data and tensors.

    Args:
        parts: the bytes of each storage by key.
        size: size of the file in bytes, which all tensors together may not exceed.
    """

    def __init__(self, parts: dict[str, bytearray], size: int) -> None:
        self._parts = parts
        self._bytes_left = size
        self._values_left = MAX_VALUES

    def value(self, value: Any, depth: int) -> Any:
        """Convert one value, recursively."""
        kind = type(value)
        self._values_left -= 1 + (len(value) >> 6 if kind is str else 0)
        if self._values_left < 0 or depth > MAX_DEPTH:
            raise PlainFileError(f"has more than {MAX_VALUES} values, or is nested deeper than {MAX_DEPTH}")
        if value is None or kind in {bool, float, str} or (kind is int and abs(value) < 1 << 64):
            return value
        if kind is Stored:
            return self._tensor(value)
        if kind in {dict, Ordered}:
            return {self.value(key, depth + 1): self.value(each, depth + 1) for key, each in value.items()}
        if kind in {list, tuple}:
            return kind(self.value(each, depth + 1) for each in value)
        raise PlainFileError(f"contains a {kind.__name__}")

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
