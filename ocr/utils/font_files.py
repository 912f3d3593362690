"""Font files that come in pip packages, all under the SIL Open Font License 1.1."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path


class FontMissingError(RuntimeError):
    """A required font file is not installed."""


@dataclass(frozen=True, slots=True)
class FontSource:
    """Location of a font file.

    Attributes:
        module: import name of its package; empty for a file of its own.
        distribution: pip name of that package.
        path: the file inside the package, or anywhere.
        axes: design coordinates of a variable font, in the order of its axes; empty for a static one.
    """

    module: str
    distribution: str
    path: str
    axes: tuple[int, ...] = ()


def locate(source: FontSource) -> Path:
    """Path of the font file.

    Raises:
        FontMissingError: the package is not installed or does not hold the file.
    """
    if not source.module:
        return Path(source.path)
    spec = importlib.util.find_spec(source.module)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    for folder in locations:
        path = Path(folder, source.path)
        if path.is_file():
            return path
    where = f"not in {locations}" if locations else f"package '{source.distribution}' is not installed"
    remedy = f"install it with `make setup` or `pip install {source.distribution}`"
    raise FontMissingError(f"font file {source.path}: {where}; {remedy}")


# The two with Hangul.
NOTO_SANS_KR = FontSource("pylopdf_fonts_ko", "pylopdf-fonts-ko", "NotoSansKR-Regular.otf")
NOTO_SERIF_KR = FontSource("pylopdf_fonts_ko", "pylopdf-fonts-ko", "NotoSerifKR-Regular.otf")
