"""The stored form of a character n-gram model: a trie in arrays, as compressed base64, which is not trusted."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr.text import folded
from ocr.types import InputError, UInt8Array

START, END, OTHER = 0, 1, 2
"""Symbols of a line's start, of its end, and of characters that are not in the alphabet."""
FIRST = 3
"""Symbol of the alphabet's first character."""
MOST_LETTERS, MOST_ORDER = 255 - FIRST, 7
DIGIT = "0"
"""The class of all digits."""
LONGEST = 400_000
"""Maximum characters of a stored model."""
MOST_BYTES = 1 << 20
"""Maximum bytes of a stored model after decompression."""
MAGIC = b"ocr-ngram-1"
HEADER = struct.Struct("<BHI")
STEPS = 16
"""A stored byte is a power of 2 ** (1 / 16), so that shares are exact to 2%."""

Integers = npt.NDArray[np.int64]


def class_of(character: str) -> str:
    """The class of a character, as the character that stands for it."""
    lower = folded(character)
    return DIGIT if character.isdecimal() else lower if len(lower) == 1 else character


@dataclass(frozen=True, slots=True)
class Trie:
    """The stored form. Nodes are numbered level by level, node 0 being the empty string.

    Attributes:
        order: longest n-gram.
        alphabet: the known classes of characters.
        counts_N: int64, children of each node.
        symbols_M: int64, M = N - 1, symbol of each node but the first; siblings in ascending order.
        shares_M: uint8, 0 for 0, else ``2 ** ((share - 255) / 16)``; they are scaled to sum to ``1 - rest``.
        rests_C: uint8 of each node with children, ``2 ** (-rest / 16)``.
    """

    order: int
    alphabet: str
    counts_N: Integers
    symbols_M: Integers
    shares_M: UInt8Array
    rests_C: UInt8Array

    def to_text(self) -> str:
        """Base64 of the compressed arrays."""
        letters = self.alphabet.encode()
        header = MAGIC + HEADER.pack(self.order, len(letters), len(self.symbols_M)) + letters
        arrays = (self.counts_N, self.symbols_M, self.shares_M, self.rests_C)
        packed = zlib.compress(header + b"".join(array.astype(np.uint8).tobytes() for array in arrays), 9)
        return base64.b64encode(packed).decode()

    @classmethod
    def from_text(cls, text: str) -> Trie:
        """The inverse of `to_text`, for text that is not trusted.

        Raises:
            InputError: the text is not such a model, is damaged or too large.
        """
        content = unpacked(text)
        if not content.startswith(MAGIC) or len(content) < len(MAGIC) + HEADER.size:
            raise damaged("it does not begin as one")
        order, length, nodes = HEADER.unpack_from(content, len(MAGIC))
        at = len(MAGIC) + HEADER.size
        try:
            alphabet = content[at : at + length].decode()
        except UnicodeDecodeError as error:
            raise damaged("its alphabet is not UTF-8") from error
        numbers = np.frombuffer(content, np.uint8, offset=min(at + length, len(content)))
        counts_N, symbols_M, shares_M, rests_C = np.split(numbers, [nodes + 1, 2 * nodes + 1, 3 * nodes + 1])
        if len(numbers) <= 3 * nodes or len(rests_C) != np.count_nonzero(counts_N):
            raise damaged("its arrays have the wrong length")
        trie = cls(order, alphabet, counts_N.astype(np.int64), symbols_M.astype(np.int64), shares_M, rests_C)
        trie.check()
        return trie

    def check(self) -> None:
        """Check that the arrays describe a trie.

        Raises:
            InputError: they do not.
        """
        letters = set(self.alphabet)
        if not 1 <= self.order <= MOST_ORDER:
            raise damaged(f"its order is {self.order}, not 1 to {MOST_ORDER}")
        if len(letters) != len(self.alphabet) or len(letters) > MOST_LETTERS or any(class_of(c) != c for c in letters):
            raise damaged(f"its alphabet is not a list of at most {MOST_LETTERS} different classes")
        if self.counts_N.sum() != len(self.symbols_M) or np.any(self.symbols_M >= FIRST + len(letters)):
            raise damaged("its nodes do not fit its alphabet")
        parents_M = self.parents()
        if np.any(parents_M > np.arange(len(parents_M))) or np.any(np.diff(parents_M * 256 + self.symbols_M) <= 0):
            raise damaged("its nodes are not in order")
        if len(self.levels()) - 1 > self.order:
            raise damaged(f"it has n-grams longer than its order, {self.order}")

    def parents(self) -> Integers:
        """int64 (M,): the parent of each node but the first."""
        return np.repeat(np.arange(len(self.counts_N)), self.counts_N)

    def levels(self) -> list[tuple[int, int]]:
        """First node, and the one after the last, of each level."""
        bounds, ends_N = [(0, 1)], np.concatenate([[0], np.cumsum(self.counts_N)]) + 1
        while bounds[-1][0] < bounds[-1][1]:
            first, last = bounds[-1]
            bounds.append((int(ends_N[first]), int(ends_N[last])))
        return bounds[:-1]


def unpacked(text: str) -> bytes:
    """The bytes of a stored model, their number limited.

    Raises:
        InputError: the text is too long, or is not compressed base64.
    """
    if len(text) > LONGEST:
        raise damaged(f"it has {len(text):,} characters, more than {LONGEST:,}")
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise damaged(str(error)) from error
    if not reader.eof or reader.unused_data:
        raise damaged(f"it is cut, has more behind it, or has more than {MOST_BYTES:,} bytes")
    return content


def damaged(reason: str) -> InputError:
    """The error for a stored model that cannot be used."""
    return InputError(f"language: not a language model, or damaged: {reason}; build it again with runners/tune.py")
