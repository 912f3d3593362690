"""A TrueType font whose glyph draws nothing, for text that is found, selected and copied but not seen.

Tesseract's searchable PDFs have such a font too. A PDF states the width of its characters itself, so one glyph without
an outline serves them all.
"""

from __future__ import annotations

import struct

UNITS = 1000
"""Units of an em, as PDF has them."""
ASCENT, DESCENT = 800, -200
"""Together an em: the text is as high as its font size."""
ADVANCE = 500
"""Width of each character: half an em."""
CHECKSUM = 0xB1B0AFBA
"""What the whole file's checksum is subtracted from (OpenType, ``head.checkSumAdjustment``)."""


def glyphless_font() -> bytes:
    """The file: the tables that PDF requires of an embedded TrueType font (ISO 32000-1, 9.9), and two empty glyphs."""
    head = [1 << 16, 1 << 16, 0, 0x5F0F3CF5, 0, UNITS, 0, 0, 0, DESCENT, ADVANCE, ASCENT, 0, 8, 2, 0, 0]
    tables = {
        b"glyf": bytes(4),
        b"head": struct.pack(">IIIIHHqqhhhhHHhhh", *head),
        b"hhea": struct.pack(">IhhhH11hH", 1 << 16, ASCENT, DESCENT, 0, ADVANCE, *[0] * 3, 1, *[0] * 7, 2),
        b"hmtx": struct.pack(">HhHh", ADVANCE, 0, ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, 0, 0),
        b"maxp": struct.pack(">IH13H", 1 << 16, 2, *[0] * 4, 2, *[0] * 8),
    }
    start = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 1 << 16, len(tables), 64, 2, 16 * len(tables) - 64), b""
    for tag, content in tables.items():
        directory += struct.pack(">4sIII", tag, checksum(content), start + len(body), len(content))
        body += padded(content)
    place = start + padded_length(tables, b"head") + 8
    font = directory + body
    return font[:place] + struct.pack(">I", (CHECKSUM - checksum(font)) % (1 << 32)) + font[place + 4 :]


def padded(content: bytes) -> bytes:
    """A table with zeros to a multiple of four bytes."""
    return content + bytes(-len(content) % 4)


def padded_length(tables: dict[bytes, bytes], name: bytes) -> int:
    """Bytes of the tables before one."""
    before = list(tables)[: list(tables).index(name)]
    return sum(len(padded(tables[tag])) for tag in before)


def checksum(content: bytes) -> int:
    """The sum of a table's 32-bit numbers."""
    whole = padded(content)
    return sum(int.from_bytes(whole[start : start + 4]) for start in range(0, len(whole), 4)) % (1 << 32)
