"""The fonts of text lines for recognition, wider than those of whole receipts, which a corpus depends on.

Each has all of ASCII and the signs of `SIGNS`; `HELD_OUT` is printed for evaluation only.
"""

from __future__ import annotations

from functools import cache

from ocr.synthesis.chance import Chance
from ocr.synthesis.fonts import DISPLAY, MONOSPACED, PROPORTIONAL, Setting, load, packaged
from ocr.synthesis.varied import SYLLABLES
from ocr.types import InputError
from ocr.utils.font_files import FontSource

SIGNS = "€£¥¢"
"""Currency signs beside the dollar."""

GRID = (
    *MONOSPACED,
    packaged("dm-mono", "DMMono-Regular.ttf"),
    packaged("dm-mono", "DMMono-Medium.ttf"),
    packaged("dm-mono", "DMMono-Italic.ttf"),
    packaged("fira-code", "FiraCode[wght].ttf", (400,)),
    packaged("fira-code", "FiraCode[wght].ttf", (600,)),
    packaged("jetbrains-mono", "JetBrainsMono[wght].ttf", (400,)),
    packaged("jetbrains-mono", "JetBrainsMono[wght].ttf", (700,)),
    packaged("roboto-mono", "RobotoMono[wght].ttf", (400,)),
    packaged("roboto-mono", "RobotoMono-Italic[wght].ttf", (500,)),
    packaged("press-start-2p", "PressStart2P-Regular.ttf"),
    packaged("ibm-plex-mono", "IBMPlexMono-Bold.ttf"),
    packaged("ibm-plex-mono", "IBMPlexMono-Italic.ttf"),
    packaged("inconsolata", "Inconsolata[wdth,wght].ttf", (500, 65)),
    packaged("inconsolata", "Inconsolata[wdth,wght].ttf", (800, 110)),
    packaged("inconsolata", "Inconsolata[wdth,wght].ttf", (400, 130)),
    packaged("source-code-pro", "SourceCodePro[wght].ttf", (600,)),
)
"""Monospaced faces, most of them of receipt printers' kind."""

SET = (
    *PROPORTIONAL,
    *DISPLAY,
    packaged("archivo-narrow", "ArchivoNarrow[wght].ttf", (400,)),
    packaged("archivo-narrow", "ArchivoNarrow[wght].ttf", (600,)),
    packaged("arimo", "Arimo-Italic[wght].ttf", (400,)),
    packaged("barlow-condensed", "BarlowCondensed-Regular.ttf"),
    packaged("barlow-condensed", "BarlowCondensed-SemiBold.ttf"),
    packaged("saira-condensed", "SairaCondensed-Medium.ttf"),
    packaged("oswald", "Oswald[wght].ttf", (400,)),
    packaged("anton", "Anton-Regular.ttf"),
    packaged("fjalla-one", "FjallaOne-Regular.ttf"),
    packaged("open-sans", "OpenSans[wdth,wght].ttf", (400, 100)),
    packaged("open-sans", "OpenSans[wdth,wght].ttf", (700, 75)),
    packaged("roboto", "Roboto[wdth,wght].ttf", (400, 100)),
    packaged("roboto", "Roboto-Italic[wdth,wght].ttf", (500, 90)),
    packaged("noto-sans", "NotoSans[wdth,wght].ttf", (400, 80)),
    packaged("noto-serif", "NotoSerif[wdth,wght].ttf", (400, 90)),
    packaged("noto-serif", "NotoSerif-Italic[wdth,wght].ttf", (700, 90)),
    packaged("libre-baskerville", "LibreBaskerville[wght].ttf", (400,)),
    packaged("libre-baskerville", "LibreBaskerville-Italic[wght].ttf", (700,)),
    packaged("ibm-plex-sans-condensed", "IBMPlexSansCondensed-Regular.ttf"),
    packaged("ibm-plex-serif", "IBMPlexSerif-BoldItalic.ttf"),
    packaged("pt-serif", "PT_Serif-Web-Italic.ttf"),
    packaged("montserrat", "Montserrat[wght].ttf", (500,)),
)
"""Proportional faces, upright and italic, light to heavy."""

HELD_OUT = (
    packaged("source-sans-3", "SourceSans3[wght].ttf", (400,)),
    packaged("zilla-slab", "ZillaSlab-Medium.ttf"),
    packaged("zilla-slab", "ZillaSlab-BoldItalic.ttf"),
    packaged("space-mono", "SpaceMono-Italic.ttf"),
)
"""Faces that training never prints."""


def choose_line_face(chance: Chance, *, held_out: bool) -> tuple[FontSource, Setting]:
    """The font of a sheet of lines and its setting."""
    kind = "set" if held_out else chance.weighted((("grid", 40), ("set on a grid", 25), ("set", 35)))
    source = chance.pick(HELD_OUT if held_out else GRID if kind == "grid" else SET)
    grid = kind != "set"
    dots = chance.coin(0.35 if grid else 0.15)
    zoom = 2 if dots and chance.coin(0.35) else 1
    stretch = chance.pick((0.9, 1.0, 1.0, 1.0, 1.15, 1.3, 1.5, 1.75))
    zero = chance.pick((0.83, 0.92, 1.0, 1.0)) if chance.coin(0.65 if kind == "grid" else 0.3) else 0.0
    return source, Setting(grid, dots, zoom, stretch, zero)


@cache
def korean_file(path: str) -> FontSource:
    """A font file to print Korean in, with all syllables of KS X 1001.

    Raises:
        InputError: it is no font, or lacks syllables.
    """
    source = FontSource("", "", path)
    try:
        font = load(source, 24)
    except OSError as error:
        raise InputError(f"korean_fonts: {path}: cannot be read as a font: {error}") from error
    # What a font has no glyph for looks like a character that no font has.
    absent = bytes(font.getmask("\uffff"))
    lacking = [letter for letter in SYLLABLES if bytes(font.getmask(letter)) in (absent, b"")]
    if lacking:
        raise InputError(
            f"korean_fonts: {path}: lacks {len(lacking):,} of {len(SYLLABLES):,} syllables, the first of them "
            f"{lacking[0]!r}; give a font with all of KS X 1001"
        )
    return source
