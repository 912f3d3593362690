"""Count exemptions from the checks: comments that silence a tool, skipped tests, extra settings files of a tool.

Each is counted by kind; `tests/gates/exemptions.json` holds how many there may be.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tools.revisions import git

CODES = re.compile(r"noqa\s*:\s*([A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)|type:\s*ignore\[([^\]]*)\]", re.IGNORECASE)
COMMENTS = {
    "mypy: comment of a file": r"#\s*mypy\s*:",
    "noqa of a file": r"#\s*(?:ruff|flake8)\s*:\s*noqa",
    "ruff: comment": r"#\s*ruff\s*:(?!\s*noqa)",
    "noqa without a code": r"#\s*noqa\b(?!\s*:\s*[A-Z]+[0-9])",
    "type: ignore without a code": r"type:\s*ignore(?!\[)",
    "not covered": r"pragma:\s*no\s*(?:cover|branch)",
    "fmt: off": r"(?:fmt|yapf)\s*:\s*(?:off|disable)",
    "fmt: skip": r"fmt\s*:\s*skip",
    "isort: comment": r"isort\s*:",
    "comment for another tool": r"#\s*(?:pylint|pyright|pyre|pytype|nosec|codespell)\b",
}
"""Kinds of comments in Python files; a comment that names its codes is counted under each of them instead."""

SILENCED = re.compile(
    r"(?:shellcheck disable|hadolint (?:global )?ignore|zizmor: ignore|kingfisher:\s*ignore|yamllint disable)"
)
"""Likewise for tools that check other files; the secret scanner honours its own comment in any file."""

SKIPPING = re.compile(r"skip(?:if|Test)?|SkipTest|Skipped|importorskip|xfail|collect_ignore(?:_glob)?")
HOOKS = re.compile(r"pytest_(?:collection|ignore_collect|collect_|pycollect|pyfunc_call|itemcollected|runtest_).*")
SHADOWS = re.compile(
    r"(?:.*/)?(?:\.?ruff\.toml|\.?mypy\.ini|setup\.cfg|tox\.ini|\.?pytest\.(?:ini|toml)|\.importlinter|[._]?typos\.toml"
    r"|\.coveragerc|\.hadolint\.ya?ml|\.shellcheckrc|\.?zizmor\.ya?ml|\.flake8|\.isort\.cfg|\.git-blame-ignore-revs)"
    r"|.+\.pyi|.+/pyproject\.toml|(?:.*/)?conftest\.py"
)
"""Files that change a tool's settings or the selection of tests without a line in ``pyproject.toml``."""


def files_of(root: Path) -> list[str]:
    """Files of a checkout that git would commit, as they are."""
    names = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in names if name and (root / name).is_file())


def comment_kinds(comment: str) -> Iterator[str]:
    """The kinds of exemption in a comment."""
    yield from (kind for kind, pattern in COMMENTS.items() if re.search(pattern, comment, re.IGNORECASE))
    for noqa, ignore in CODES.findall(comment):
        yield from (f"noqa {code.upper()}" for code in re.split(r"[,\s]+", noqa) if code)
        yield from (f"type: ignore {code.strip()}" for code in ignore.split(",") if code.strip())


def skips(tree: ast.AST) -> Iterator[int]:
    """Lines that may skip a test or exclude tests from collection."""
    for node in ast.walk(tree):
        names = [
            getattr(node, field)
            for field in ("attr", "id", "name", "arg")
            if isinstance(getattr(node, field, None), str)
        ]
        if any(SKIPPING.fullmatch(name) or HOOKS.fullmatch(name) for name in names):
            yield getattr(node, "lineno", 1)


def never_reached(tree: ast.AST) -> Iterator[int]:
    """Unreachable lines after the end of a block, such as assertions after a return."""
    for node in ast.walk(tree):
        for block in (getattr(node, field, None) for field in ("body", "orelse", "finalbody")):
            for statement, behind in itertools.pairwise(block if isinstance(block, list) else []):
                if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
                    yield behind.lineno


def found_in(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Kind and line of each exemption in a file."""
    if SHADOWS.fullmatch(name):
        yield f"settings of tools in {name}", 1
    if not name.endswith((".py", ".pyi")):
        lines = enumerate([] if name.endswith(".md") else text.splitlines(), start=1)
        yield from (("comment for another tool", row) for row, line in lines if SILENCED.search(line))
        return
    yield from found_in_python(name, text)


def found_in_python(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Likewise for Python, where strings that look like comments do not count."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield from ((kind, token.start[0]) for kind in comment_kinds(token.string))
            if SILENCED.search(token.string):
                yield "comment for another tool", token.start[0]
    tree = ast.parse(text)
    if "no_type_check" in {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(tree)}:
        yield "no_type_check", 1
    yield from (("code behind a return", line) for line in never_reached(tree))
    if name.startswith("tests/"):
        yield from ((f"tests left out in {name}", line) for line in skips(tree))


def exemptions(root: Path) -> dict[str, list[str]]:
    """The places of each kind of exemption in a checkout, as ``<file>:<line>``."""
    found: dict[str, list[str]] = {}
    for name in files_of(root):
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, or weights
        for kind, line in found_in(name, text):
            found.setdefault(kind, []).append(f"{name}:{line}")
    return dict(sorted(found.items()))


def above(found: dict[str, list[str]], budget: dict[str, int]) -> list[str]:
    """A line for each kind that exceeds its budget, which is 0 if none is recorded."""
    return [
        f"{kind}: {len(places)}, budget {budget.get(kind, 0)} ({', '.join(places[-5:])})"
        for kind, places in found.items()
        if len(places) > budget.get(kind, 0)
    ]


def counts(found: dict[str, list[str]]) -> dict[str, int]:
    """The number of exemptions of each kind."""
    return {kind: len(places) for kind, places in found.items()}
