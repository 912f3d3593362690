"""Damaged annotation files of every format: each is read, or refused with a message that names it."""

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.formats.common.base import AnnotationError
from ocr.formats.registry import READERS, WRITERS
from ocr.types import Record, Word
from tests.support.foreign import told

CASES = 60
BOX = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)
WORDS = {f"{n:04d}": Word(BOX + np.float32([3 * n, n]), f"word {n}", line=n, ignore=n == 2) for n in range(1, 4)}


def damaged(content: bytes, draw: random.Random) -> bytes:
    """The bytes with one to three of them changed, removed, repeated or cut off."""
    altered = bytearray(content)
    for _ in range(draw.randint(1, 3)):
        start = draw.randrange(len(altered) + 1)
        stop = start + draw.randint(1, 20)
        altered[start:stop] = draw.choice([draw.randbytes(1), b"", altered[start:stop] * 2, b"-", b"9e999", b'"'])
    return bytes(altered if draw.random() < 0.9 else altered[: draw.randrange(len(altered) + 1)])


@pytest.mark.parametrize("name", sorted(WRITERS.keys() & READERS.keys()))
def test_a_damaged_file_is_read_or_named(name: str, tmp_path: Path) -> None:
    read, write = READERS[name], WRITERS[name]
    image = tmp_path / "a.png"
    cv2.imwrite(str(image), np.zeros((40, 60, 3), np.uint8))
    write([Record(image, WORDS, 60, 40)], tmp_path, "val")
    (file,) = (path for path in (tmp_path / "val").rglob("*") if path.is_file() and path.suffix != ".png")
    content = file.read_bytes()
    assert len(read(tmp_path / "val").records) == 1
    refusals: list[str] = []
    for seed in range(CASES):
        file.write_bytes(damaged(content, random.Random(seed)))
        try:
            data = read(tmp_path / "val")
        except AnnotationError as error:
            refusals.append(str(error))
        else:
            refusals += told(data).splitlines()
            assert data.records or told(data), seed  # the image is taken, or it is said why not
    assert refusals
    assert all(str(file) in reason or "has no annotation" in reason for reason in refusals)
