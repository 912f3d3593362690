"""Write a PDF object by object (ISO 32000-1, 7.3 and 7.5), so that no more than one page is in memory.

The libraries that write PDFs keep a document until it is saved. A searchable PDF needs so few kinds of objects that
writing them takes less code than merging the files of single pages.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import BinaryIO

from ocr.formats.documents.common import REPLACEMENT, clean
from ocr.formats.documents.glyphless import ADVANCE, ASCENT, DESCENT, glyphless_font

HEADER = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
"""The second line says that the file is binary."""
FONT = "Invisible"
MOST_CODES = 1 << 16
LONGEST_MEANING = 100
"""Maximum characters of a word with a code of its own: a map allows 512 bytes (Adobe technical note 5014)."""
ENTRIES = 100
"""Maximum entries of a block in a map of characters (Adobe technical note 5014)."""
TO_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class PdfObjects:
    """The objects of a PDF, written as they come.

    Args:
        file: opened for writing, at its start.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: list[int] = []
        self._at = 0
        self._write(HEADER)

    def new(self) -> int:
        """The number of a new object, which is written later."""
        self._places.append(0)
        return len(self._places)

    def put(self, number: int, content: str | bytes) -> int:
        """Write an object, and return its number."""
        self._places[number - 1] = self._at
        body = content.encode() if isinstance(content, str) else content
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def stream(self, content: bytes, entries: str = "", *, packed: bool = False) -> int:
        """Write a stream as a new object, and return its number.

        Args:
            content: its bytes.
            entries: of its dictionary.
            packed: whether a filter among the entries is applied already; otherwise the content is deflated.
        """
        if not packed:
            content, entries = zlib.compress(content, 6), f"{entries} /Filter /FlateDecode"
        about = f"<< {entries} /Length {len(content)} >>\nstream\n".encode()
        return self.put(self.new(), about + content + b"\nendstream")

    def finish(self, root: int, information: int) -> None:
        """Write the table of the objects, which ends the file.

        Args:
            root: number of the catalogue.
            information: number of the document's information.
        """
        count, table = len(self._places) + 1, self._at
        rows = "".join(f"{place:010d} 00000 n \n" for place in self._places)
        end = f"<< /Size {count} /Root {root} 0 R /Info {information} 0 R >>\nstartxref\n{table}\n%%EOF\n"
        self._write(f"xref\n0 {count}\n0000000000 65535 f \n{rows}trailer\n{end}".encode())

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._at += len(content)


class InvisibleFont:
    """A font for any text, whose glyphs draw nothing.

    Each character gets the next code when it first occurs, and each word that is to stay whole; the font is written at
    the end, with what the codes mean.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encoded(self, text: str, *, whole: bool = False) -> str:
        """A text as a hexadecimal string of PDF; what Unicode does not allow becomes the replacement character.

        Args:
            text: the text.
            whole: whether it gets a code of its own, as wide as its characters together.
        """
        text = clean(text)
        # Words leave half of the codes to single characters, of which no document has so many different ones.
        as_one = whole and len(text) <= LONGEST_MEANING and len(self._codes) < MOST_CODES // 2
        return "".join(f"{self._code(part):04X}" for part in ([text] if as_one else text))

    def _code(self, part: str) -> int:
        if len(self._codes) == MOST_CODES - 2:
            part = part if part in self._codes else REPLACEMENT
        return self._codes.setdefault(part, len(self._codes) + 1)

    def write(self, objects: PdfObjects, number: int) -> None:
        """Write the font as an object of this number, with those that it consists of."""
        file = objects.stream(glyphless_font())
        # every code is drawn as the font's second glyph, the first stands for missing ones
        glyphs = objects.stream(b"\0\1" * MOST_CODES)
        meanings = objects.stream(TO_UNICODE.format(blocks=self._blocks()).encode())
        widths = " ".join(f"{code} [{len(part) * ADVANCE}]" for part, code in self._codes.items() if len(part) > 1)
        descriptor = objects.put(
            objects.new(),
            f"<< /Type /FontDescriptor /FontName /{FONT} /Flags 5 /FontBBox [0 {DESCENT} {ADVANCE} {ASCENT}] "
            f"/ItalicAngle 0 /Ascent {ASCENT} /Descent {DESCENT} /CapHeight {ASCENT} /StemV 80 "
            f"/FontFile2 {file} 0 R >>",
        )
        descendant = objects.put(
            objects.new(),
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{FONT} /FontDescriptor {descriptor} 0 R /DW {ADVANCE} "
            f"/W [{widths}] /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/CIDToGIDMap {glyphs} 0 R >>",
        )
        objects.put(
            number,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{FONT} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meanings} 0 R >>",
        )

    def _blocks(self) -> str:
        entries = [f"<{code:04X}> <{part.encode('utf-16-be').hex().upper()}>\n" for part, code in self._codes.items()]
        parts = (entries[start : start + ENTRIES] for start in range(0, len(entries), ENTRIES))
        return "".join(f"{len(part)} beginbfchar\n{''.join(part)}endbfchar\n" for part in parts)


def dictionary(entries: Mapping[str, str]) -> str:
    """The entries of a dictionary."""
    return " ".join(f"/{name} {value}" for name, value in entries.items())
