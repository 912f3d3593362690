"""Check one image file: whether it is complete and what it claims to be; hash its pixels."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ocr.checks.kinds import Kind
from ocr.images.decode import read_picture
from ocr.images.files import read_bytes
from ocr.images.header import ImageError, ImageHeader, opened, read_header
from ocr.images.kinds import ENDINGS
from ocr.images.pages import CUT
from ocr.types import UInt8Array

COMPLAINT = re.compile(rb"(Corrupt JPEG data: [^\n]*|Premature end of [^\n]*|Inconsistent progression[^\n]*)")
GARBAGE = (b"premature", b"Premature", b"Huffman")
"""Warnings of libjpeg after which the decoded pixels are not those that were stored."""
UNFINISHED = re.compile("truncated|incomplete|unexpected end|input buffer", re.IGNORECASE)

LAST_BYTES = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND"}
"""Bytes at or near the end of a complete file."""

LOOK = 32
"""Side of the picture that the perceptual hash is computed from; half of it is the side of the kept frequencies."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a check accepts.

    Attributes:
        pixels: of one image; checked before anything is decoded.
        bytes: of one file.
        follow_links: whether a link may lead out of the data folder.
        charset: the characters that texts may have; ``None``: any.
    """

    pixels: int
    bytes: int
    follow_links: bool = False
    charset: frozenset[str] | None = None


@dataclass(slots=True)
class CheckedImage:
    """One checked file.

    Attributes:
        flaws: kinds, each with what was found.
        header: the file's header, ``None`` if it cannot be read.
        size: upright (width, height) in pixels of the decoded image, ``None`` if it was not decoded.
        digest: hash of the upright pixels.
        look: perceptual hash, 32 bytes.
    """

    flaws: list[tuple[Kind, str]] = field(default_factory=list)
    header: ImageHeader | None = None
    size: tuple[int, int] | None = None
    digest: bytes = b""
    look: bytes = b""

    def add(self, kind: Kind, value: str = "") -> CheckedImage:
        """Add a flaw."""
        self.flaws.append((kind, value))
        return self


def check_image(path: Path, root: Path, limits: Limits) -> CheckedImage:
    """Check one file; never raises an error.

    Args:
        path: the file.
        root: resolved data folder that it must lie in, links resolved.
        limits: limits above which it is not decoded.
    """
    image = CheckedImage()
    problem = problem_of(path, root, limits)
    if problem:
        return image.add(*problem)
    try:
        encoded = read_bytes(path)
    except ImageError as error:
        return image.add(Kind.UNDECODABLE, str(error))
    try:
        header = image.header = read_header(encoded, path.name)
    except ImageError as error:
        return image.add(Kind.NOT_AN_IMAGE, f"{error}; starts with {encoded[:8]!r}")
    if header.width * header.height > limits.pixels:
        return image.add(Kind.TOO_LARGE, f"{header.width} x {header.height}: more than {limits.pixels} pixels")
    describe(header, path, image)
    image_HWC = decode(encoded, header, image)
    if image_HWC is not None:
        image.size = (image_HWC.shape[1], image_HWC.shape[0])
        image.digest = digest_of(image_HWC)
        image.look = look_of(image_HWC)
    return image


def problem_of(path: Path, root: Path, limits: Limits) -> tuple[Kind, str] | None:
    """The flaw for which a file is not opened, if any."""
    try:
        target = path.resolve(strict=True)
        if not limits.follow_links and not target.is_relative_to(root):
            return Kind.OUTSIDE_LINK, f"leads to {target}"
        about = target.stat()
    except (OSError, RuntimeError, ValueError) as error:  # missing, a loop of links, a name with a null byte
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Kind.MISSING_IMAGE, f"{path.name}: {reason}"
    if not stat.S_ISREG(about.st_mode):  # opening a named pipe would block for ever
        return Kind.MISSING_IMAGE, f"{path.name}: is not a file"
    if about.st_size == 0:
        return Kind.EMPTY_FILE, f"{path.name}: 0 bytes"
    if about.st_size > limits.bytes:
        return Kind.TOO_LARGE, f"{about.st_size} bytes: more than {limits.bytes}"
    return None


def describe(header: ImageHeader, path: Path, image: CheckedImage) -> None:
    """Add the flaws that the header shows."""
    mode = f"{header.format}, {header.mode}, {header.bits} bits"
    if path.suffix.lower() not in ENDINGS[header.format]:
        image.add(Kind.WRONG_EXTENSION, f"{path.suffix or 'no extension'} for {header.format}")
    if header.pages > 1:
        image.add(Kind.ANIMATED, f"{header.format} of {header.pages} pictures: {header.pages - 1} are not read")
    if header.cut:
        image.add(Kind.TRUNCATED, CUT)
    if header.mode == "CMYK":
        image.add(Kind.CMYK, mode)
    if header.bits > 8:
        image.add(Kind.DEEP, mode)
    if header.mode in {"1", "L", "LA", "I;16", "I;16B", "I", "F"}:
        image.add(Kind.GREY, mode)
    if header.orientation != 1:
        image.add(Kind.EXIF_ROTATED, f"orientation {header.orientation}, stored {header.width} x {header.height}")


def decode(encoded: bytes, header: ImageHeader, image: CheckedImage) -> UInt8Array | None:
    """Decode the pixels that training reads and add their flaws; ``None`` if they cannot be decoded."""
    with complaints() as lines:
        try:
            picture = read_picture(encoded, header=header)
        except ImageError as error:
            image.add(*why_undecodable(encoded, header, str(error.__cause__ or error)))
            return None
    if header.alpha:
        image.add(Kind.TRANSPARENT if picture.transparent else Kind.ALPHA, f"{header.format}, {header.mode}")
    if lines:
        worst = max(lines, key=lambda line: any(word in line for word in GARBAGE))
        garbage = any(word in worst for word in GARBAGE)
        image.add(Kind.DAMAGED if garbage else Kind.DOUBTFUL_DATA, worst.decode(errors="replace"))
    return picture.image_HWC


def why_undecodable(encoded: bytes, header: ImageHeader, reason: str) -> tuple[Kind, str]:
    """Whether the file is truncated or undecodable, with Pillow's reason, which is more precise than OpenCV's."""
    try:
        opened(encoded).load()
    except Exception as error:  # Pillow's readers raise all kinds of errors
        reason = str(error)
    last = LAST_BYTES.get(header.format, b"")  # Pillow accepts a PNG without its last bytes, OpenCV does not
    return (Kind.TRUNCATED if UNFINISHED.search(reason) or last not in encoded[-64:] else Kind.UNDECODABLE), reason


@contextmanager
def complaints() -> Iterator[list[bytes]]:
    """Collect libjpeg's warnings, available once the block has ended: it reports damage only on stderr.

    stderr goes to a file, as a pipe would block when it is full.
    """
    lines: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += COMPLAINT.findall(file.read())


def digest_of(image_HWC: UInt8Array) -> bytes:
    """SHA-1 of the pixels and their shape (20 bytes)."""
    sha = hashlib.sha1(repr(image_HWC.shape).encode(), usedforsecurity=False)
    sha.update(np.ascontiguousarray(image_HWC).data)
    return sha.digest()


def look_of(image_HWC: UInt8Array) -> bytes:
    """Perceptual hash, 32 bytes: which of the lowest 16 x 16 frequencies of the grey picture are above their median.

    Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), 3.2.1, with more frequencies:
    pages of text differ in more than their lowest ones.
    """
    step = max(1, min(image_HWC.shape[:2]) // (8 * LOOK))
    grey_HW = cv2.cvtColor(np.ascontiguousarray(image_HWC[::step, ::step]), cv2.COLOR_RGB2GRAY)
    small_HW = cv2.resize(grey_HW, (LOOK, LOOK), interpolation=cv2.INTER_AREA).astype(np.float32)
    frequencies = cv2.dct(small_HW)[: LOOK // 2, : LOOK // 2].ravel()
    return np.packbits(frequencies > np.median(frequencies[1:])).tobytes()
