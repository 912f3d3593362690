"""Fill the templates of a pull request and a commit message from the reports of the checklist and the proof."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocr.types import InputError

BLOCK = re.compile(r"<!-- ([a-z-]+) -->.*?<!-- /\1 -->", re.DOTALL)
NO_PROOF = "not made (`make prove REF=<revision>`)"


def read_report(folder: Path, tree: str, command: str) -> dict[str, Any]:
    """Read a report, provided that it is about the current files.

    Args:
        folder: holds ``report.json`` and ``report.md``.
        tree: hash of the tree that a commit of everything would have.
        command: command that makes the report.

    Raises:
        InputError: the report is missing, or the files have changed since it was made, or during it.
    """
    path = folder / "report.json"
    if not path.exists():
        raise InputError(f"there is no {path}: run `{command}` first")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if report["tree_hash"] != tree or report.get("changed_meanwhile"):
        raise InputError(
            f"{path} is about other files than the current ones: run `{command}` again, or delete {folder}"
        )
    return report


def blocks(checklist: Mapping[str, Any], proof: Mapping[str, Any] | None, texts: Mapping[str, str]) -> dict[str, str]:
    """The content of each block of a template.

    Args:
        checklist: report of ``make validate``.
        proof: report of ``make prove``, if there is one.
        texts: the two reports as Markdown, by ``checklist`` and ``proof``.
    """
    proved = f"{proof['verdict']} ({proof['tree']} against {proof['ref']})" if proof else NO_PROOF
    return {
        "checklist": texts["checklist"].strip(),
        "proof": texts.get("proof", NO_PROOF).strip(),
        "checklist-line": str(checklist["verdict"]),
        "proof-line": proved,
    }


def fill(template: str, content: Mapping[str, str]) -> str:
    """Replace ``<!-- name -->...<!-- /name -->`` by its content; on a line with other text without a line break.

    Raises:
        InputError: the template has an unknown block, or none at all.
    """
    names = [found.group(1) for found in BLOCK.finditer(template)]
    unknown = sorted(set(names) - content.keys())
    if unknown or not names:
        raise InputError(f"the template has the blocks {names}; what can be filled in is {', '.join(content)}")
    return BLOCK.sub(lambda found: content[found.group(1)], template)
