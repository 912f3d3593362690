"""Comments that silence a tool, skipped tests and loosened settings are seen, whatever form they have."""

from pathlib import Path
from typing import Any

import pytest

from planted_checkout import git
from tools.gates.exemptions import above, counts, exemptions, found_in
from tools.gates.tool_settings import assertions, looser, recipes


def kinds(text: str, name: str = "ocr/planted.py") -> list[str]:
    return sorted(kind for kind, _ in found_in(name, text))


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("mypy: ignore-errors", ["mypy: comment of a file"]),
        ("mypy: disable-error-code=arg-type", ["mypy: comment of a file"]),
        ("ruff: noqa", ["noqa of a file"]),
        ("ruff:noqa: F401", ["noqa F401", "noqa of a file"]),
        ("flake8: noqa", ["noqa of a file"]),
        ("ruff: disable[F401]", ["ruff: comment"]),
        ("ruff: isort: skip_file", ["isort: comment", "ruff: comment"]),
        ("noqa", ["noqa without a code"]),
        ("NOQA", ["noqa without a code"]),
        ("noqa : because", ["noqa without a code"]),
        ("noqa: F401,E501 - why", ["noqa E501", "noqa F401"]),
        ("type: ignore", ["type: ignore without a code"]),
        ("type:ignore # noqa", ["noqa without a code", "type: ignore without a code"]),
        ("type: ignore[arg-type, misc]", ["type: ignore arg-type", "type: ignore misc"]),
        ("pragma: no cover", ["not covered"]),
        ("fmt: off", ["fmt: off"]),
        ("fmt: skip", ["fmt: skip"]),
        ("pylint: disable=all", ["comment for another tool"]),
        ("kingfisher:ignore", ["comment for another tool"]),
        ("a noqa in a sentence, which ruff does not heed", []),
        ("what is ignored here", []),
    ],
)
def test_a_comment_is_counted_by_its_kind(comment: str, found: list[str]) -> None:
    assert kinds(f"x = 1  # {comment}\n") == found
    assert kinds(f"x = {f'# {comment}'!r}\n") == []


@pytest.mark.parametrize(
    "code",
    [
        "pytestmark = pytest.mark.skip(reason='x')",
        "pytestmark = pytest.mark.xfail",
        "pytest.skip('x', allow_module_level=True)",
        "from pytest import skip",
        "pytest.importorskip('x')",
        "collect_ignore = ['x']",
        "def pytest_collection_modifyitems(items): items.clear()",
        "def pytest_runtest_setup(item): ...",
        "class Test:\n    def test(self): self.skipTest('x')",
    ],
)
def test_what_leaves_tests_out_is_counted(code: str) -> None:
    assert kinds(code, "tests/gates/test_x.py") == ["tests left out in tests/gates/test_x.py"]
    assert kinds(code) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("docker/a.sh", "echo $1  # shellcheck disable=SC2086\n", ["comment for another tool"]),
        (".github/a.yaml", "- uses: a@b # zizmor: ignore[unpinned-uses]\n", ["comment for another tool"]),
        ("ocr/a.py", "def test():\n    return\n    assert 0\n", ["code behind a return"]),
        ("ocr/a.py", "for a in b:\n    if a:\n        continue\n    c()\n", []),
        ("ocr/a.py", "import typing\n\n@typing.no_type_check\ndef f(): ...\n", ["no_type_check"]),
        ("ocr/pyproject.toml", "", ["settings of tools in ocr/pyproject.toml"]),
        ("conftest.py", "", ["settings of tools in conftest.py"]),
        ("ocr/.ruff.toml", "", ["settings of tools in ocr/.ruff.toml"]),
        ("ocr/a.pyi", "", ["settings of tools in ocr/a.pyi"]),
    ],
)
def test_what_else_is_counted(name: str, text: str, found: list[str]) -> None:
    assert kinds(text, name) == found


def test_assertions_are_counted(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("assert 1\ndef test():\n    assert 2\n    with pytest.raises(OSError): x()\n")
    assert assertions(tmp_path / "test_a.py") == 3


def test_more_than_the_budget_is_told_with_its_places(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.py").write_text("x = 1  # fmt: skip\ny = 1  # noqa\n", encoding="utf-8")
    (tmp_path / "picture.bin").write_bytes(b"\xff\xfe\x00# noqa")
    found = exemptions(tmp_path)
    assert counts(found) == {"fmt: skip": 1, "noqa without a code": 1}
    assert above(found, {"fmt: skip": 1}) == ["noqa without a code: 1, budget 0 (a.py:2)"]
    assert above(found, {"fmt: skip": 5, "noqa without a code": 1}) == []


@pytest.mark.parametrize(
    ("key", "old", "new", "told"),
    [
        ("ruff.lint.select", ["E", "F"], ["E"], True),
        ("ruff.lint.select", ["E", "F"], ["E", "F", "B"], False),
        ("ruff.lint.select", ["E", "F"], ["E", "B"], True),
        ("ruff.lint.ignore", ["D105"], ["D105", "E501"], True),
        ("ruff.lint.ignore", ["D105"], [], False),
        ("ruff.lint.per-file-ignores.ocr/**", ["TID253"], ["TID253", "F"], True),
        ("ruff.lint.mccabe.max-complexity", 10, 11, True),
        ("ruff.lint.mccabe.max-complexity", 10, 9, False),
        ("mypy.strict", True, False, True),
        ("mypy.strict", None, True, True),
        ("mypy.strict", True, None, True),
        ("mypy.disable_error_code", None, ["misc"], True),
        ("mypy.overrides[timm.*].ignore_missing_imports", True, None, False),
        ("importlinter.contracts[hydra].ignore_imports", ["a -> b"], ["a -> b", "c -> d"], True),
        ("importlinter.contracts[hydra].source_modules", ["ocr", "runners"], ["ocr"], True),
        ("importlinter.contracts[hydra].type", "forbidden", "layers", True),
        ("pytest.ini_options.addopts", ["-m", "not slow"], ["-m", "not slow", "--exitfirst"], True),
        (".gitignore", ["data"], ["data", "ocr/utils"], True),
        ("gates.limits_s.smoke", 60, 90, True),
        ("gates.limits_s.smoke", 60, 30, False),
        ("assertions in test_resume.py", 14, 13, True),
        ("make lint", ["setup-dev", "ruff check ."], ["setup-dev", "ruff check . --exit-zero"], True),
        ("gates.counted.lint.clean", "^All checks passed!$", ".", True),
        ("gates.may_skip.anything", None, "gpu", True),
    ],
)
def test_a_looser_setting_is_told(key: str, old: Any, new: Any, told: bool) -> None:
    found, recorded = ({} if value is None else {key: value} for value in (new, old))
    assert bool(looser(found, recorded)) == told


def test_a_recipe_is_read_with_the_variables_that_it_is_made_of() -> None:
    variables = "RUN := $(VENV)/python\nVENV := .venv\nOTHER := 1\n"
    makefile = f"{variables}.PHONY: lint\nlint: setup  ## help\n\t$(RUN) a \\\n\t  b\n\t@echo\n\nx:\n\ttrue\n"
    makefile += "export MYPY_X := 1\nlint x: export A = -k nothing\nlint:\n\t@echo fine\n.IGNORE:\n"
    assert dict(recipes(makefile, ["lint", "gone"])) == {
        "make directives": ["export MYPY_X := 1", ".IGNORE:"],
        "make lint": ["setup", "$(RUN) a    b", "@echo", "export A = -k nothing", "", "@echo fine"],
        "make gone": None,
        "make RUN": "$(VENV)/python",
        "make VENV": ".venv",
    }
