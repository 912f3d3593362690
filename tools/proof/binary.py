"""Binary files as named values: checkpoints, arrays, weights, exported networks, event files, pictures."""

from __future__ import annotations

import hashlib
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

Values = Iterator[tuple[str, Any]]


def digest(content: bytes) -> str:
    """SHA-256, shortened to 16 digits."""
    return hashlib.sha256(content).hexdigest()[:16]


class Made:
    """An object of a pickle, as what it was made of: no code of the file's is run, no class of its imported."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        """What ``pickle`` gives an object after making it."""
        self.arguments = (*self.arguments, state)


class Storage:
    """The numbers of a tensor.

    Attributes:
        kind: torch's name for their type.
        content: their bytes.
    """

    def __init__(self, kind: str, content: bytes) -> None:
        self.kind = kind
        self.content = content


TYPES = {
    **{"FloatStorage": "f4", "DoubleStorage": "f8", "HalfStorage": "f2", "LongStorage": "i8", "IntStorage": "i4"},
    **{"BoolStorage": "?", "ByteStorage": "u1", "F32": "f4", "F64": "f8", "F16": "f2", "I64": "i8", "I32": "i4"},
}
"""torch's and safetensors' names of types by numpy's; of another the digest alone is compared."""


def numbers(name: str, kind: str, content: bytes) -> Values:
    """What is compared of an array: its bits, and its size for a comparison with a tolerance."""
    yield f"{name} bits", f"{kind} {len(content)} {digest(content)}"
    if kind in TYPES:
        yield f"{name} norm", float(np.linalg.norm(np.frombuffer(content, TYPES[kind]).astype(np.float64)))


class Unpickler(pickle.Unpickler):
    """Reads torch's files without torch."""

    def __init__(self, file: zipfile.ZipFile, name: str) -> None:
        super().__init__(file.open(name))
        self._file, self._top = file, name.removesuffix("data.pkl")

    def find_class(self, module: str, name: str) -> type:
        """A class that keeps its arguments, for every name but the ordered dictionary's."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        return type(f"{module}.{name}", (Made,), {})

    def persistent_load(self, pid: Any) -> Any:
        """A tensor's numbers, of ``("storage", type, key, device, count)``."""
        return Storage(pid[1].__name__.rsplit(".", 1)[-1], self._file.read(f"{self._top}data/{pid[2]}"))


def leaves(value: Any, at: str = "") -> Values:
    """Nested dictionaries, lists and objects as values by path, in their order."""
    if isinstance(value, Made):
        yield f"{at} is", type(value).__name__
        value = value.arguments
    if isinstance(value, Storage):
        yield from numbers(at, value.kind, value.content)
    elif isinstance(value, dict):
        yield f"{at} keys", [str(key) for key in value]
        for key, inner in value.items():
            yield from leaves(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list | tuple | set):
        yield f"{at} length", len(value)
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{at}.{number}" if at else str(number))
    elif isinstance(value, bytes):
        yield f"{at} bits", digest(value)
    elif value is None or isinstance(value, str | bool | int | float):
        yield at, value
    else:
        yield at, getattr(value, "__name__", repr(value))


def zip_values(path: Path) -> Values:
    """A checkpoint of torch's, or the members of another archive."""
    with zipfile.ZipFile(path) as file:
        for name in file.namelist():
            if name.endswith("/data.pkl"):
                yield from leaves(Unpickler(file, name).load())
            elif "/data/" not in name and not name.endswith("serialization_id"):
                yield f"{name} bits", digest(file.read(name))


def safetensors_values(path: Path) -> Values:
    """Metadata and the digest of each tensor."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    for name, tensor in json.loads(content[8:start]).items():
        if name == "__metadata__":
            for key, text in tensor.items():
                yield from text_or_json(f"metadata {key}", text)
        else:
            low, high = tensor.pop("data_offsets")
            yield f"{name} shape", tensor["shape"]
            yield from numbers(name, tensor["dtype"], content[start + low : start + high])


def text_or_json(name: str, text: str) -> Values:
    """A text, by its keys where it is a JSON object."""
    try:
        yield from leaves(json.loads(text), name)
    except json.JSONDecodeError:
        yield name, text


METADATA = 14
"""Field of an ONNX model."""


def varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of a protocol buffer and where the next thing begins."""
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def protobuf_fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message.

    Raises:
        ValueError, IndexError, struct.error: it is no message.
    """
    at = 0
    while at < len(content):
        key, at = varint(content, at)
        kind, size = key & 7, {1: 8, 5: 4}.get(key & 7, 0)
        if kind == 0:
            value, at = varint(content, at)
            yield key >> 3, value
            continue
        if kind == 2:
            size, at = varint(content, at)
        if (not size and kind != 2) or at + size > len(content) or not key >> 3:
            raise ValueError("no message")
        piece = content[at : at + size]
        at += size
        yield key >> 3, piece if kind == 2 else struct.unpack("<d" if kind == 1 else "<f", piece)[0]


def protobuf_values(content: bytes, at: str = "", leave_out: int | None = None) -> Values:
    """A message whose description is not at hand: texts as texts, messages by field, all else by digest."""
    fields = [field for field in protobuf_fields(content) if field[0] != leave_out]
    for number, (name, value) in enumerate(fields):
        place = f"{at}{number}:{name}"
        if not isinstance(value, bytes):
            yield place, value
            continue
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = "\0"
        if text.isprintable() or (text.replace("\n", "").replace("\t", "").isprintable()):
            yield from text_or_json(place, text)
            continue
        try:
            inner = list(protobuf_values(value, f"{place}."))
        except (ValueError, IndexError, struct.error):
            inner = [(f"{place} bits", digest(value))]
        yield from inner


def onnx_values(path: Path) -> Values:
    """The fields of a network, its metadata (pairs of key and text) by key."""
    content = path.read_bytes()
    for name, value in protobuf_fields(content):
        if name == METADATA:
            pair = dict(protobuf_fields(value))
            yield from text_or_json(f"metadata {pair[1].decode()}", pair.get(2, b"").decode())
    yield from protobuf_values(content, leave_out=METADATA)


def event_values(path: Path) -> Values:
    """TensorBoard's events, the wall time of each left out; a value is named by its tag."""
    content, at = path.read_bytes(), 0
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        event = dict(protobuf_fields(content[at + 12 : at + 12 + length]))
        at += length + 16
        texts = list(protobuf_values(event[5])) if 5 in event else []
        tag = next((str(value) for name, value in texts if name.endswith(":1")), "event")
        yield f"step {event.get(2, 0)} {tag}", [[name, value] for name, value in texts] or str(event.get(3, ""))


def picture_values(path: Path) -> Values:
    """Size and rows of a picture, and then its bytes."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is not None:
        yield "size", list(pixels.shape)
        for number, row in enumerate(pixels):
            yield f"row {number} bits", digest(row.tobytes())
    yield "file's bits", digest(path.read_bytes())


READERS = {
    ".ckpt": zip_values,
    ".npz": zip_values,
    ".safetensors": safetensors_values,
    ".onnx": onnx_values,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"), picture_values),
}


def read_binary(path: Path) -> Values | None:
    """The values of a file, ``None`` where it is none of these kinds."""
    if "tfevents" in path.name:
        return event_values(path)
    reader = READERS.get(path.suffix.lower())
    return None if reader is None else reader(path)
