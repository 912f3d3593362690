"""What finds facts: from a checkpoint, a weights file and an exported model, with the same result."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.fields import FIELDS
from ocr.pipeline.export import Export, export
from ocr.pipeline.extractor import FactFinder
from ocr.synthesis.facts import invented_facts
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from small_extractor import save_extractor


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_extractor(tmp_path_factory.mktemp("facts") / "facts.ckpt")


def test_all_files_find_the_same(checkpoint: Path, tmp_path: Path) -> None:
    files = [tmp_path / "facts.safetensors", tmp_path / "facts.onnx"]
    for file in files:
        export(Export(str(checkpoint), str(file), format=file.suffix[1:]))
    finders = [FactFinder.load(path) for path in (checkpoint, *files)]
    for index in range(4):
        words = invented_facts(1, "files", index, korean=index == 3).words
        first, *others = (finder.find(words).facts for finder in finders)
        assert first.known
        assert all(other == first for other in others)


def test_a_page_without_text_says_nothing(checkpoint: Path) -> None:
    finder = FactFinder.load(checkpoint)
    assert not finder.find([]).facts.known


def test_settings_replace_those_of_the_file(checkpoint: Path) -> None:
    words = invented_facts(1, "files", 0).words
    assert (
        FactFinder.load(checkpoint, least=0.0).find(words).facts
        != FactFinder.load(checkpoint, least=1.0).find(words).facts
    )


def test_a_recogniser_is_refused() -> None:
    with pytest.raises(InputError, match="its network is for task=recognition, not for extraction"):
        FactFinder.load(REPOSITORY_ROOT / "weights" / "lines.safetensors")


def test_fields_must_be_those_of_the_network(tmp_path: Path) -> None:
    postprocess = {"kind": "structure", "fields": list(FIELDS)[:3]}
    path = save_extractor(tmp_path / "other.ckpt", postprocess=postprocess)
    with pytest.raises(InputError, match=f"its network knows {len(FIELDS)} fields, its postprocess.fields has 3"):
        FactFinder.load(path)


def test_eight_bits_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="int8=dynamic: a network that finds facts is small"):
        export(Export(str(checkpoint), str(tmp_path / "facts.onnx"), int8="dynamic"))
