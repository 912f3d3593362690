import json
from pathlib import Path

import pytest

from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from tools.evidence import blocks, fill, read_report

TEMPLATES = [".github/pull_request_template.md", ".gitmessage"]
CHECKLIST = {"verdict": "12 of 14 gates passed, 2 skipped (devices-gpu, full)"}
PROOF = {"verdict": "equivalent", "ref": "HEAD~1 (1)", "tree": "working tree (2)"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_templates_are_filled_in(name: str) -> None:
    template = (REPOSITORY_ROOT / name).read_text(encoding="utf-8")
    texts = {"checklist": "- [x] `lint` passed", "proof": "**Proof**: equivalent"}
    filled = fill(template, blocks(CHECKLIST, PROOF, texts))
    assert "<!-- checklist" not in filled
    expected = (
        texts.values() if name.endswith(".md") else [CHECKLIST["verdict"], "equivalent (working tree (2) against"]
    )
    assert all(text in filled for text in expected)


def test_a_report_must_be_there_and_of_the_same_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `make validate` first"):
        read_report(tmp_path, "aa", "make validate")
    (tmp_path / "report.json").write_text(json.dumps({"tree_hash": "aa", **CHECKLIST}))
    assert read_report(tmp_path, "aa", "make validate")["verdict"] == CHECKLIST["verdict"]
    with pytest.raises(InputError, match="is about other files"):
        read_report(tmp_path, "bb", "make validate")
    (tmp_path / "report.json").write_text(json.dumps({"tree_hash": "aa", "changed_meanwhile": True, **CHECKLIST}))
    with pytest.raises(InputError, match="is about other files"):
        read_report(tmp_path, "aa", "make validate")


@pytest.mark.parametrize("template", ["no block at all", "<!-- other --><!-- /other -->"])
def test_a_template_that_nothing_fills_is_an_error(template: str) -> None:
    with pytest.raises(InputError, match="what can be filled in is checklist"):
        fill(template, blocks(CHECKLIST, None, {"checklist": ""}))
