"""A checkpoint is read for what a training writes, and takes no more memory or time than its own size asks for."""

import collections
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from ocr.weights import plain_file
from ocr.weights.checkpoint_file import CheckpointError, load_checkpoint
from ocr.weights.plain_file import read_plain


def archive(path: Path, content: bytes, parts: dict[str, bytes] | None = None, *, compressed: bool = False) -> Path:
    """A file as torch lays it out, with any pickle in it."""
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", method) as file:
        for name, part in {"data.pkl": content, "byteorder": b"little", "version": b"3\n", **(parts or {})}.items():
            file.writestr(f"archive/{name}", part)
    return path


def checkpoint(extra: bytes) -> bytes:
    """The pickle of a checkpoint with one more entry, which some opcodes make."""
    parts = [b"X" + len(name).to_bytes(4, "little") + name + b"}" for name in (b"state_dict", b"config")]
    return b"\x80\x02}(" + b"".join(parts) + b"X\5\0\0\0extra" + extra + b"u."


def call(name: str, arguments: bytes) -> bytes:
    """Opcodes that call something."""
    return b"c" + name.replace(" ", "\n").encode() + b"\n" + arguments + b"R"


def number(value: int) -> bytes:
    """Opcodes of a number."""
    encoded = pickle.encode_long(value)
    return b"\x8a" + bytes([len(encoded)]) + encoded


def tensor(size: tuple[int, ...], stride: tuple[int, ...], offset: int = 0) -> bytes:
    """Opcodes of a tensor over the part ``data/0`` of float32."""
    storage = b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + b"0X\3\0\0\0cpuK\1tQ"
    numbers = [b"(" + b"".join(map(number, each)) + b"t" for each in (size, stride)]
    return call("torch._utils _rebuild_tensor_v2", b"(" + storage + number(offset) + b"".join(numbers) + b"\x89Nt")


def test_all_that_a_training_writes_comes_back(tmp_path: Path) -> None:
    base = torch.arange(24.0).reshape(2, 3, 2, 2)
    dtypes = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16]
    content = {
        "state_dict": collections.OrderedDict(
            a=base.to(memory_format=torch.channels_last), b=base[1, :, 0], c=base.transpose(0, 3)
        ),
        "config": {
            "text": "영수증",
            "numbers": [1, -1, 2**31, 2**63, 0.5, float("inf"), True, None],
            "pair": (1, (2,)),
        },
        "others": [torch.ones(3).to(dtype) for dtype in dtypes] + [torch.tensor(1.5).double(), torch.empty(0)],
    }
    torch.save(content, tmp_path / "a.ckpt")
    found, expected = read_plain(tmp_path / "a.ckpt"), torch.load(tmp_path / "a.ckpt", weights_only=True)
    assert found["config"] == expected["config"]
    for one, other in zip(
        [*found["state_dict"].values(), *found["others"]],
        [*expected["state_dict"].values(), *expected["others"]],
        strict=True,
    ):
        assert (one.dtype, one.shape, one.stride()) == (other.dtype, other.shape, other.stride())
        assert torch.equal(one, other)
    shared = found["state_dict"]["b"]
    shared += 1  # what is read can be written to, as a training that goes on does


BOMBS: dict[str, tuple[bytes, str]] = {
    "memory by a call": (call("builtins bytearray", number(10**9) + b"\x85"), "names builtins.bytearray"),
    "memory of a storage": (call("torch FloatStorage", number(10**9) + b"\x85"), "not callable"),
    "an empty tensor type": (call("torch FloatTensor", number(10**9) + b"\x85"), "names torch.FloatTensor"),
    "a set": (call("builtins set", b"]\x85"), "names builtins.set"),
    "a counter": (call("collections Counter", b")"), "names collections.Counter"),
    "a tensor without numbers": (call("torch._utils _rebuild_meta_tensor_no_storage", b")"), "names torch._utils"),
    "a place in the memo": (b"Nr\xff\xff\xff\xff", "LONG_BINPUT"),
    "bytes of protocol 5": (b"\x96" + (10**10).to_bytes(8, "little"), "readable|BYTEARRAY8"),
    "a far number": (number(10**400), "contains a int"),
    "one number seen often": (tensor((10**6, 10**6), (0, 0)), r"tensor of \(1000000, 1000000\)"),
    "numbers beyond the end": (tensor((2,), (100,)), "out of bounds"),
    "numbers before the start": (tensor((2,), (1,), -1), "describes a tensor as torch does not"),
    "a size that is no number": (
        call("torch._utils _rebuild_tensor_v2", b"(NK\0NN\x89Nt"),
        "describes a tensor as torch does not",
    ),
    "a list in itself": (b"]q\1h\1a", "nested deeper than 50"),
    "pairs of the same pairs": (b"]" + b"".join(b"q%ch%c\x86" % (n, n) for n in range(1, 40)), "values"),
    "depth": (b"]" * 10_000 + b"a" * 9_999, "nested deeper than 50"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_a_file_asks_for_beyond_its_size_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_file, "MAX_VALUES", 100_000)
    extra, reason = BOMBS[name]
    path = archive(tmp_path / "a.ckpt", checkpoint(extra), {"data/0": bytes(64)})
    with pytest.raises(CheckpointError, match=rf"a\.ckpt: is not a.*({reason})"):
        load_checkpoint(path)


def test_a_part_that_unpacks_to_more_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.ckpt", checkpoint(b"N"), {"data/0": bytes(10**8)}, compressed=True)
    assert path.stat().st_size < 10**6
    with pytest.raises(CheckpointError, match="compressed or overlapping parts"):
        load_checkpoint(path)


def test_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.ckpt", checkpoint(b"N"), {"data/0": bytes(1000)})
    with zipfile.ZipFile(path, "a") as file:
        for number in range(1, 50):
            part = zipfile.ZipInfo(f"archive/data/{number}")
            first = file.getinfo("archive/data/0")
            part.file_size, part.compress_size, part.CRC, part.header_offset = (
                1000,
                1000,
                first.CRC,
                first.header_offset,
            )
            file.filelist.append(part)
        file._didModify = True  # type: ignore[attr-defined]
    with pytest.raises(CheckpointError, match="compressed or overlapping parts"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("weights", "reason"), [(b"]", "not tensors by name"), (b"}K\1" + tensor((1,), (1,)) + b"s", "not tensors by name")]
)
def test_weights_of_another_shape_are_told(tmp_path: Path, weights: bytes, reason: str) -> None:
    content = b"\x80\x02}(X\x0a\0\0\0state_dict" + weights + b"X\6\0\0\0config}u."
    with pytest.raises(CheckpointError, match=reason):
        load_checkpoint(archive(tmp_path / "a.ckpt", content, {"data/0": bytes(64)}))


def test_a_long_pickle_is_not_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_file, "MAX_PICKLE", 1000)
    content: dict[str, Any] = {"state_dict": {}, "config": {"text": "x" * 1000}}
    torch.save(content, tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="bytes besides its tensors, more than 1000"):
        load_checkpoint(tmp_path / "a.ckpt")
