"""The fonts, and their bitmaps of words.

Every font file comes from a pip package and is under the SIL Open Font License 1.1. A ``Face`` is a font as used by one
receipt: a size, an optional weight, printed with grey edges or in hard dots, and stretched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFont

from ocr.utils.font_files import NOTO_SANS_KR, NOTO_SERIF_KR, FontSource, locate

KOREAN = (NOTO_SANS_KR, NOTO_SANS_KR, NOTO_SANS_KR, NOTO_SERIF_KR)


def packaged(family: str, file: str, axes: tuple[int, ...] = ()) -> FontSource:
    """A file of the package ``fontpkg-<family>``."""
    return FontSource(f"fontpkg_{family.replace('-', '_')}", f"fontpkg-{family}", f"files/{file}", axes)


MONOSPACED = (
    packaged("ibm-plex-mono", "IBMPlexMono-Regular.ttf"),
    packaged("ibm-plex-mono", "IBMPlexMono-Medium.ttf"),
    packaged("inconsolata", "Inconsolata[wdth,wght].ttf", (400, 100)),
    packaged("inconsolata", "Inconsolata[wdth,wght].ttf", (600, 80)),
    packaged("source-code-pro", "SourceCodePro[wght].ttf", (400,)),
    packaged("source-code-pro", "SourceCodePro[wght].ttf", (300,)),
    packaged("inconsolata", "Inconsolata[wdth,wght].ttf", (400, 75)),
    packaged("ibm-plex-mono", "IBMPlexMono-Light.ttf"),
    packaged("space-mono", "SpaceMono-Regular.ttf"),
)
PROPORTIONAL = (
    packaged("arimo", "Arimo[wght].ttf", (400,)),
    packaged("arimo", "Arimo[wght].ttf", (500,)),
    packaged("roboto-condensed", "RobotoCondensed[wght].ttf", (400,)),
    packaged("pt-sans-narrow", "PT_Sans-Narrow-Web-Regular.ttf"),
    packaged("pt-serif", "PT_Serif-Web-Regular.ttf"),
    packaged("roboto-condensed", "RobotoCondensed[wght].ttf", (300,)),
)
DISPLAY = (
    packaged("arimo", "Arimo[wght].ttf", (700,)),
    packaged("arimo", "Arimo-Italic[wght].ttf", (600,)),
    packaged("arimo", "Arimo[wght].ttf", (400,)),
    packaged("roboto-condensed", "RobotoCondensed[wght].ttf", (800,)),
    packaged("pt-serif", "PT_Serif-Web-Bold.ttf"),
    packaged("pt-serif", "PT_Serif-Web-BoldItalic.ttf"),
    packaged("space-mono", "SpaceMono-Bold.ttf"),
    packaged("ibm-plex-mono", "IBMPlexMono-BoldItalic.ttf"),
)


def load(source: FontSource, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels, with FreeType's basic layout."""
    font = ImageFont.truetype(str(locate(source)), size, layout_engine=ImageFont.Layout.BASIC)
    if source.axes:
        font.set_variation_by_axes(list(source.axes))
    return font


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A printed word.

    Attributes:
        ink: ``L`` image, 255 where there is ink.
        rise: rows of the image above the baseline.
    """

    ink: Image.Image
    rise: int


@dataclass(frozen=True, slots=True)
class Setting:
    """How a printer sets text.

    Attributes:
        grid: every character in a cell of the same width.
        dots: hard black dots instead of grey edges.
        zoom: size of one dot in pixels; 2 gives the coarse letters of old printers.
        stretch: vertical stretch of the letters.
        zero: width of the zero as a share of the letter O, whose shape it then has, neither slashed nor dotted, as most
            receipt printers print it; with 1 only its place tells them apart. 0: the font's own zero.
    """

    grid: bool = False
    dots: bool = False
    zoom: int = 1
    stretch: float = 1.0
    zero: float = 0.0


class Face:
    """One font as used by a receipt: measures and prints words.

    On a grid, characters are placed in cells, as on a receipt printer: wide (Korean) ones take two. Otherwise the
    font's own advances apply. All measures are in pixels of the paper, at the printed size.

    Attributes:
        size: height of the font.
        cap_height: height of capital letters.
        display: the face of headings; the same face if the receipt has only one.
    """

    def __init__(
        self, latin: FontSource, korean: FontSource | None, size: int, setting: Setting, display: Face | None = None
    ) -> None:
        self.display = display or self
        self.setting = setting
        self._raw_size = max(8, round(size / setting.zoom))
        self._latin = load(latin, self._raw_size)
        self._cell = max(1, round(self._latin.getlength("0"))) if setting.grid else 0
        # Korean letters fill their square, Latin capitals 70 % of it; on a grid the square is two cells.
        korean_size = min(1.05 * self._raw_size, 1.9 * self._cell) if setting.grid else 0.92 * self._raw_size
        self._korean = load(korean, max(8, round(korean_size))) if korean else self._latin
        self._tall = setting.zoom * setting.stretch
        self.size = self._raw_size * self._tall
        self.cap_height = -self._latin.getbbox("H0", anchor="ls")[1] * self._tall
        self._widths: dict[str, float] = {}
        self._letters: dict[str, tuple[Image.Image, int, int] | None] = {}

    def advance(self, text: str) -> float:
        """Width of a text."""
        widths = (self._widths[letter] if letter in self._widths else self._measure(letter) for letter in text)
        return sum(widths) * self.setting.zoom

    def print_word(self, word: str, wide: float, tall: float, bold: bool) -> Glyphs | None:
        """The ink of a word, cropped to its bounding box; ``None`` if the font draws nothing.

        Args:
            word: text without spaces.
            wide: horizontal magnification.
            tall: vertical magnification.
            bold: print twice, one pixel apart.
        """
        size = self._raw_size
        rise = 2 * size
        canvas = Image.new("L", (round(self.advance(word) / self.setting.zoom) + 2 * size, 3 * size))
        position, right = float(size), 0
        for letter in word:
            right = self._stamp(canvas, letter, (round(position), rise), right)
            position += self._widths[letter]
        if bold:
            canvas = ImageChops.lighter(canvas, ImageChops.offset(canvas, 1, 0))
        box = canvas.getbbox()
        if box is None:
            return None
        ink = canvas.crop(box)
        across, down = wide * self.setting.zoom, tall * self._tall
        if across != 1.0 or down != 1.0:
            magnified = (max(1, round(ink.width * across)), max(1, round(ink.height * down)))
            ink = ink.resize(magnified, Image.Resampling.NEAREST if self.setting.dots else Image.Resampling.BILINEAR)
        return Glyphs(ink, round((rise - box[1]) * down))

    def _measure(self, letter: str) -> float:
        if self._cell:
            width = float(self._cell * (2 if is_wide(letter) else 1))
        else:
            width = self._font(letter).getlength(letter)
            if letter == "0" and self.setting.zero:
                width = self.setting.zero * self._latin.getlength("O")
            # Narrow fonts have spaces of a quarter of their size, too little to separate words in a scan.
            width = max(width, 0.28 * self._raw_size) if letter == " " else width
        self._widths[letter] = width
        return width

    def _font(self, letter: str) -> ImageFont.FreeTypeFont:
        return self._korean if is_wide(letter) else self._latin

    def _stamp(self, canvas: Image.Image, letter: str, pen: tuple[int, int], right: int) -> int:
        """Draw a letter at the pen, after ink that ends at ``right``; returns where the ink ends then."""
        if letter not in self._letters:
            self._letters[letter] = self._draw_letter(letter)
        drawn = self._letters[letter]
        if drawn is None:
            return right
        ink, left, top = drawn
        place = (pen[0] + left, pen[1] + top)
        end = place[0] + ink.width
        if place[0] < right:
            # Overlapping neighbours: keep the darker of both.
            ink = ImageChops.lighter(canvas.crop((*place, end, place[1] + ink.height)), ink)
        canvas.paste(ink, place)
        return max(right, end)

    def _draw_letter(self, letter: str) -> tuple[Image.Image, int, int] | None:
        """A letter's ink and its position relative to the pen on the baseline; ``None`` for a blank."""
        size, font = self._raw_size, self._font(letter)
        if letter == "0" and self.setting.zero:
            return self._draw_plain_zero()
        canvas = Image.new("L", (4 * size, 4 * size))
        draw = ImageDraw.Draw(canvas)
        draw.fontmode = "1" if self.setting.dots else "L"
        draw.text((size, 2 * size), letter, fill=255, font=font, anchor="ls")
        box = canvas.getbbox()
        if box is None:
            return None
        centring = round((self._measure(letter) - font.getlength(letter)) / 2) if self._cell else 0
        return canvas.crop(box), box[0] - size + centring, box[1] - 2 * size

    def _draw_plain_zero(self) -> tuple[Image.Image, int, int] | None:
        if (drawn := self._draw_letter("O")) is None:
            return None
        width = max(2, math.floor(drawn[0].width * self.setting.zero))
        narrow = drawn[0].resize((width, drawn[0].height), Image.Resampling.BILINEAR)
        return narrow, drawn[1] + (drawn[0].width - narrow.width) // 2, drawn[2]


def is_wide(letter: str) -> bool:
    """Whether a letter is Korean, which takes two cells on a printer's grid."""
    return "\u1100" <= letter <= "\u11ff" or "\u3130" <= letter <= "\u318f" or "\uac00" <= letter <= "\ud7a3"
