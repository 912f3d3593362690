"""Netpbm's PAM files, which no reader of ours takes: those of grey or RGB are a PNM with another header."""

from __future__ import annotations

import re

HEADER = re.compile(rb"P7\n(?:.*\n)*?ENDHDR[ \t\r]*\n")
ENTRY = re.compile(rb"^(WIDTH|HEIGHT|DEPTH|MAXVAL)[ \t]+(\d{1,9})[ \t\r]*$", re.MULTILINE)
LONGEST_HEADER = 1 << 16
MARKS = {1: b"P5", 3: b"P6"}
"""Of a PNM, by the numbers a pixel has."""


def as_pnm(encoded: bytes) -> bytes:
    """A PAM of grey or RGB as the PNM of the same numbers; any other file as it is.

    Raises:
        ValueError: it is a PAM whose header lacks something, or one of another depth: with alpha, say.
    """
    if not encoded.startswith(b"P7\n"):
        return encoded
    header = HEADER.match(encoded[:LONGEST_HEADER])
    said = {name.decode(): int(value) for name, value in ENTRY.findall(header[0])} if header else {}
    if header is None or len(said) < 4:
        raise ValueError("its header does not say WIDTH, HEIGHT, DEPTH and MAXVAL")
    if said["DEPTH"] not in MARKS:
        raise ValueError(f"a PAM of DEPTH {said['DEPTH']} is not read, only those of 1 (grey) and 3 (RGB)")
    about = b"%s %d %d %d\n" % (MARKS[said["DEPTH"]], said["WIDTH"], said["HEIGHT"], said["MAXVAL"])
    return about + memoryview(encoded)[header.end() :]
