"""Whatever a name holds, a message and a log stay on their lines and move no cursor."""

import json
import logging
import unicodedata

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from ocr.images.decode import ImageError
from ocr.types import InputError
from ocr.utils.printable import PrintableRecord, printable, printable_json, say

EVIL = "\x1b[2J\x1b]0;title\x07\r\nerror: \u202egpj.\u2066\x9b31m\x7f\udcff\0"
HARMLESS = "Café 영수증 😀 (1) [2] 'a' \\x1b"


def moves_something(text: str) -> list[str]:
    return [sign for sign in text if sign != "\n" and unicodedata.category(sign)[0] == "C"]


def test_a_text_is_one_line_of_characters() -> None:
    assert printable(HARMLESS) == HARMLESS
    assert printable(EVIL) == (
        r"\x1b[2J\x1b]0;title\x07\r\nerror: \u202egpj.\u2066\x9b31m\x7f\udcff\x00"
    )  # fmt: skip
    assert printable(printable(EVIL)) == printable(EVIL)
    assert printable("a\tb\nc", keep="\t") == "a\tb\\nc"


def test_json_means_the_same() -> None:
    text = json.dumps({EVIL + HARMLESS: ["\U000e0001 tag"]}, ensure_ascii=False, indent=1)
    shown = printable_json(text)
    assert json.loads(shown) == {EVIL + HARMLESS: ["\U000e0001 tag"]}
    assert not moves_something(shown)
    assert "영수증 😀" in shown


def test_messages_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    say(EVIL, HARMLESS)
    say(EVIL, error=True)
    output = capsys.readouterr()
    assert output.out == f"{printable(EVIL)}\n{HARMLESS}\n"
    assert output.err == f"{printable(EVIL)}\n"


def test_an_error_of_input_is_as_many_lines_as_it_was_made_of() -> None:
    error = InputError(f"{EVIL}: is wrong", "repair it")
    assert str(error) == f"{printable(EVIL)}: is wrong\nrepair it"
    assert str(InputError()) == ""
    long = str(InputError("a" * 10**6 + "b" * 10**6))
    assert (long[:3], long[-3:], len(long)) == ("aaa", "bbb", 4007)


def test_a_log_keeps_its_tables_and_nothing_else() -> None:
    record = PrintableRecord("a", logging.WARNING, "a.py", 1, "skipped: %s\n\t|", ("\x1b[2J\u202e",), None)
    assert record.getMessage() == "skipped: \\x1b[2J\\u202e\n\t|"


class Broken(Dataset[torch.Tensor]):
    """Data of which no image can be read."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> torch.Tensor:
        raise ImageError(f"{EVIL}.jpg: the file is empty", "copy it again")


def test_what_a_loader_s_worker_says_is_its_message_alone() -> None:
    with pytest.raises(ImageError) as caught:
        list(DataLoader(Broken(), num_workers=1))
    assert str(caught.value) == f"{printable(EVIL)}.jpg: the file is empty\ncopy it again"
