"""A gate that is made to do less, or a check that is silenced, fails: each way is planted in a copy of the checkout."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from planted_checkout import Planting, run_runner, validated

SKIPS_ALL = """def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.skip(reason="planted"))


"""
RESUME, CASES = "tests/gates/test_resume.py", 'CASES = [\n    pytest.param("train", 3'
BODY = '    stopped = start_training(tmp_path, gate_data, f"data.num_workers={workers}", phase=phase, after=after)\n'
CONFIG, FIRST = "tests/gates/test_config.py", "RUNNERS = sorted("
GATE_DATA = '@pytest.fixture(scope="session")\ndef gate_data('
CONFIG_STEP = "\t$(RUN) -m pytest -q tests/gates/test_config.py $(ARGS)\n"
COMPLEXITY_STEP = "\t$(RUN) tests/gates/complexity.py $(ARGS)\n"
CLOCK = "    clock = RunClock()\n"
RUNS, PATH_IMPORT = "ocr/utils/runs.py", "from pathlib import Path\n"

SKIPPED = Planting(RESUME, CASES, f'pytestmark = pytest.mark.skip(reason="planted")\n{CASES}')
EXPECTED_TO_FAIL = Planting(RESUME, CASES, f'pytestmark = pytest.mark.xfail(reason="planted", run=False)\n{CASES}')
EMPTIED = Planting(RESUME, BODY, f"    return\n{BODY}")
NO_ASSERTION = Planting(RESUME, "    assert figures(run) == figures(whole_training)\n", "")
RENAMED = Planting(RESUME, "def test_continued_is_uninterrupted(", "def continued_is_uninterrupted(")
MODULE_SKIPPED = Planting(CONFIG, FIRST, f'pytest.skip("planted", allow_module_level=True)\n{FIRST}')
SKIPPED_BY_CONFTEST = Planting("tests/gates/conftest.py", GATE_DATA, f"{SKIPS_ALL}{GATE_DATA}")
CHOSEN = Planting("Makefile", CONFIG_STEP, CONFIG_STEP.replace("-q", "-q -k parameters"))
NOT_RUN = Planting("Makefile", CONFIG_STEP, CONFIG_STEP.replace("-q", "-q --collect-only"))
TRUE = Planting("Makefile", "\t$(VENV)/bin/mypy\n", "\ttrue\n")
NEVER_FAILS = Planting("Makefile", "\t$(VENV)/bin/ruff check .\n", "\t$(VENV)/bin/ruff check . || true\n")
UNUSED_IMPORT = Planting(RUNS, PATH_IMPORT, f"import this\n{PATH_IMPORT}")
MINUS = Planting("Makefile", COMPLEXITY_STEP, f"\t-{COMPLEXITY_STEP.strip()}\n")
GROWN = Planting("runners/train.py", CLOCK, "    cfg = cfg or cfg or cfg\n" * 40 + CLOCK)
OFF_THE_LIST = Planting("configs/validate.yaml", "checkpoint, resume, devices,", "checkpoint, devices,")
TYPES_IGNORED = Planting(RUNS, PATH_IMPORT, f"# mypy: ignore-errors\n{PATH_IMPORT}")
BLANKET_NOQA = Planting(RUNS, UNUSED_IMPORT.old, f"import this  # noqa\n{PATH_IMPORT}")
BLANKET_IGNORE = Planting(RUNS, PATH_IMPORT, f"{PATH_IMPORT}\nNUMBER: int = 'one'  # type: ignore\n")
LOOSER_RUFF = Planting("pyproject.toml", '"{ocr,tools}/**" = ["TID253"]', '"{ocr,tools}/**" = ["TID253", "C901"]')
LOOSER_MYPY = Planting("pyproject.toml", "strict = true\npython", "strict = false\npython")
LOOSER_LAW = Planting(
    "pyproject.toml",
    'ignore_imports = ["ocr.detection.models.encoder -> timm"]',
    'ignore_imports = ["ocr.detection.models.* -> timm", "ocr.detection.models.encoder -> timm"]',
)
LOOSER_HOOK = Planting(".pre-commit-config.yaml", "entry: .venv/bin/mypy\n", "entry: 'true'\n")
HANDED_ON_KEY = Planting("configs/predict.yaml", "\ndata:\n", "\ndata:\n  colour: red\n")
MISSPELT_WORD = Planting("docs/tutorial.md", "# A first detector\n", "# A first detector\n\nT" + "eh first steps.\n")
MISSPELT_IN_README = Planting("README.md", "output=found csv=true", "output=found csvs=true")

SLOW = pytest.mark.slow
BREACHES = [
    pytest.param("resume", [SKIPPED], "1 skipped for a reason that `may_skip` does not list: planted", id="skipped"),
    pytest.param("resume", [EXPECTED_TO_FAIL], "recorded are 1|does not list", id="xfail", marks=SLOW),
    pytest.param("exemptions", [EMPTIED], "code behind a return: 1, budget 0", id="cut-off", marks=SLOW),
    pytest.param("exemptions", [NO_ASSERTION], "assertions in test_resume.py", id="no-assertion", marks=SLOW),
    pytest.param("resume", [RENAMED], "exit status 2", id="renamed", marks=SLOW),
    pytest.param("config", [MODULE_SKIPPED], "skipped for a reason|exit status 2", id="module-skipped", marks=SLOW),
    pytest.param("resume", [SKIPPED_BY_CONFTEST], "does not list: planted", id="conftest", marks=SLOW),
    pytest.param("config", [CHOSEN], "[0-9] tests, recorded are", id="chosen", marks=SLOW),
    pytest.param("config", [NOT_RUN], "0 tests, recorded are", id="not-run", marks=SLOW),
    pytest.param("typecheck", [TRUE], "0 files, recorded are", id="target-does-nothing"),
    pytest.param("lint", [NEVER_FAILS, UNUSED_IMPORT], "0 clean, recorded are 1", id="or-true", marks=SLOW),
    pytest.param("complexity", [MINUS, GROWN], "runners/train.py: lines", id="failure-ignored", marks=SLOW),
    pytest.param("exemptions", [TYPES_IGNORED], "mypy: comment of a file: 1, budget 0", id="mypy-ignore-errors"),
    pytest.param("exemptions", [BLANKET_NOQA], "noqa without a code: 1, budget 0", id="noqa", marks=SLOW),
    pytest.param("exemptions", [BLANKET_IGNORE], "type: ignore without a code: 1", id="type-ignore", marks=SLOW),
    pytest.param("exemptions", [SKIPPED], "tests left out in tests/gates/test_resume.py", id="skip-mark", marks=SLOW),
    pytest.param("exemptions", [TRUE], "make typecheck = ", id="recipe", marks=SLOW),
    pytest.param("exemptions", [LOOSER_RUFF], "per-file-ignores", id="per-file-ignores", marks=SLOW),
    pytest.param("exemptions", [LOOSER_MYPY], "mypy.strict = False", id="not-strict", marks=SLOW),
    pytest.param("exemptions", [LOOSER_LAW], "timm..ignore_imports", id="import-law", marks=SLOW),
    pytest.param("exemptions", [LOOSER_HOOK], "hooks.mypy..entry", id="hook", marks=SLOW),
    pytest.param("config", [HANDED_ON_KEY], "data.colour", id="handed-on-key", marks=SLOW),
    pytest.param("hooks", [MISSPELT_WORD], "docs/tutorial.md", id="spelling", marks=SLOW),
    pytest.param("docs-commands", [MISSPELT_IN_README], "csvs", id="misspelt-in-the-readme", marks=SLOW),
]


@pytest.mark.parametrize(("gate", "plantings", "why"), BREACHES)
def test_the_gate_fails_and_says_why(checkout: Path, gate: str, plantings: list[Planting], why: str) -> None:
    for planting in plantings:
        planting(checkout)
    outcome = validated(checkout, gate)[gate]
    assert outcome["status"] == "failed", outcome
    said = f"{outcome['reason']}\n{outcome['figure']}\n{Path(outcome['log']).read_text(encoding='utf-8')}"
    assert re.search(why, said), said


def test_a_gate_that_is_taken_off_the_list_fails(checkout: Path) -> None:
    OFF_THE_LIST(checkout)
    assert run_runner(checkout, "validate", "fast=true", "only=[locks]").returncode == 1
    gates = json.loads((checkout / "outputs" / "validation" / "report.json").read_text(encoding="utf-8"))["gates"]
    assert {gate["name"]: gate["status"] for gate in gates if gate["status"] != "skipped"} == {
        "resume": "failed",
        "locks": "passed",
    }


def test_a_lock_that_was_edited_by_hand_fails(checkout: Path) -> None:
    lock = checkout / "requirements" / "tracking.lock"
    text, changes = re.subn(r"^six==[\d.]+", "six==1.0.0", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert changes == 1
    lock.write_text(text, encoding="utf-8")
    outcome = validated(checkout, "locks")["locks"]
    assert outcome["status"] == "failed"
    assert "tracking.lock: it is not what `make lock` wrote" in outcome["reason"]
