"""Text as codes: what a recogniser with CTC learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ocr.text import plain_text
from ocr.types import InputError


class CharacterTargets:
    """Converts text to codes.

    Args:
        characters: the charset, each character once; the space is one of them.
        case: ``printed``: the truth has the letter case of the print. ``unknown``: it does not, as in SROIE, whose
            truth is all in capitals; the loss then accepts either case.

    Raises:
        InputError: a character is given twice, or ``case`` is neither.
    """

    def __init__(self, characters: str, case: str = "printed") -> None:
        twice = [character for character, count in Counter(characters).items() if count > 1]
        if twice or not characters:
            raise InputError(
                f"charset: {'has no character' if not characters else f'has {twice[0]!r} twice'}; correct it"
            )
        if case not in {"printed", "unknown"}:
            raise InputError(f"targets.case={case!r} is unknown; use 'printed' or 'unknown'")
        self.characters = characters
        self.case_known = case == "printed"
        self._codes = {character: code for code, character in enumerate(characters, start=1)}

    def __call__(self, text: str) -> npt.NDArray[np.int64] | None:
        """int64 codes (L,) of a text as `plain_text` writes it; ``None`` if a character is not in the charset."""
        codes = [self._codes.get(character) for character in plain_text(text)]
        return None if None in codes else np.array(codes, np.int64)

    def missing(self, texts: Iterable[str]) -> Counter[str]:
        """How often each character occurs that is not in the charset."""
        return Counter(letter for text in texts for letter in plain_text(text) if letter not in self._codes)
