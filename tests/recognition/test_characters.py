"""Text to codes."""

import numpy as np
import pytest

from ocr.recognition.targets.characters import CharacterTargets
from ocr.types import InputError


def test_characters_are_numbered_from_one_on() -> None:
    codes_L = CharacterTargets(" ab9")("ab 9")
    assert codes_L is not None
    assert codes_L.dtype == np.int64
    assert codes_L.tolist() == [2, 3, 1, 4]


def test_a_text_is_coded_as_plain_text_writes_it() -> None:
    codes_L = CharacterTargets(" ab9")("  ａ\u00a0 b\u200b ")
    assert codes_L is not None
    assert codes_L.tolist() == [2, 1, 3]


def test_a_text_with_another_character_has_no_codes() -> None:
    targets = CharacterTargets(" ab9")
    assert targets("abc") is None
    assert targets("") is not None
    assert targets.missing(["abc", "ca9", "ＣＤ"]) == {"c": 2, "C": 1, "D": 1}


@pytest.mark.parametrize(("case", "known"), [("printed", True), ("unknown", False)])
def test_whether_the_case_is_known_is_a_setting(case: str, known: bool) -> None:
    assert CharacterTargets("ab", case).case_known is known


@pytest.mark.parametrize(
    ("characters", "case", "told"),
    [
        ("aba", "printed", "charset: has 'a' twice"),
        ("", "printed", "has no character"),
        ("ab", "upper", "targets.case='upper'"),
    ],
)
def test_wrong_settings_are_named(characters: str, case: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        CharacterTargets(characters, case)
