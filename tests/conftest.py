"""Data that several rooms' tests share."""

from __future__ import annotations

import collections
import os
import re
import signal
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from drawn_receipts import write_drawn_data

if TYPE_CHECKING:
    from ocr.data.datamodule import ReceiptDataModule
    from ocr.data.line_datamodule import LineDataModule

# One core a worker of pytest, for itself and the programs that its tests start; threads that wait for each other would
# take many times as long beside other work.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What `make test-slow ARGS=... THIRD=...` was given is no setting of the Make targets that tests call: make hands it on
# in MAKEFLAGS, and each variable in the environment too.
given = re.findall(r"(?:^|\s)([A-Za-z_]\w*)=", os.environ.get("MAKEFLAGS", ""))
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", *given):
    os.environ.pop(name, None)
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
SPLITS = {"train": 4, "val": 2, "test": 2}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--third=2``: a third of the tests; ``--docker``: those in containers too."""
    parser.addoption("--third", type=int, choices=(1, 2, 3), help="run one third of the tests that are chosen")
    parser.addoption("--docker", help="build and run the image; `required`: where that cannot be done, it is a failure")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the asked third: a test's own name says which it is in, so that a new test moves no other one."""
    third = config.getoption("--third")
    if third is not None:
        thirds: list[list[pytest.Item]] = [[], [], []]
        for item in items:
            thirds[zlib.crc32(item.nodeid.encode()) % 3].append(item)
        items[:] = thirds.pop(third - 1)
        config.hook.pytest_deselected(items=thirds[0] + thirds[1])


@pytest.fixture(scope="session", autouse=True)
def heard_sigint() -> None:
    """Where the tests run in a shell's background, SIGINT is ignored, and would be by every program they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A native data folder: receipts of 200 x 300 pixels, four lines of two words each, 4 train, 2 val, 2 test."""
    return write_drawn_data(tmp_path_factory.mktemp("tiny_data"), SPLITS)


@pytest.fixture(scope="session")
def make_datamodule(tiny_data: Path) -> Callable[..., ReceiptDataModule]:
    """``make_datamodule(batch_size=4, ...)`` builds loaders over `tiny_data`, with small crops, in this process."""
    from ocr.data.datamodule import ReceiptDataModule
    from ocr.data.geometry_transforms import FitLongSide, RandomCrop
    from ocr.data.photometric import Photometric
    from ocr.detection.targets.db import DBTargetBuilder

    def make(**changes: Any) -> ReceiptDataModule:
        settings: dict[str, Any] = {
            "root": tiny_data,
            "targets": DBTargetBuilder(),
            "crop": RandomCrop(size=96, long_side_range=(280, 360)),
            "photometric": Photometric(),
            "transform": FitLongSide(long_side=150),
            "granularity": "word",
            "batch_size": 2,
            "num_workers": 0,
            "seed": 0,
        }
        return ReceiptDataModule(**{**settings, **changes})

    return make


@pytest.fixture(scope="session")
def make_line_datamodule(tiny_data: Path) -> Callable[..., LineDataModule]:
    """``make_line_datamodule(pool=4, ...)`` builds loaders of lines over `tiny_data`, in this process.

    As it stands: pools of two receipts, four batches of two lines each, two pools an epoch.
    """
    from ocr.data.line_datamodule import LineDataModule
    from ocr.data.lines import LineJitter
    from ocr.data.photometric import Photometric
    from ocr.images.crops import LineCrop
    from ocr.recognition.targets.characters import CharacterTargets

    def make(**changes: Any) -> LineDataModule:
        settings: dict[str, Any] = {
            "root": tiny_data,
            "targets": CharacterTargets(" 9ALOT"),
            "crop": LineJitter(),
            "photometric": Photometric(),
            "transform": LineCrop(),
            "granularity": "word",
            "batch_size": 2,
            "lines_per_receipt": 4,
            "pool": 2,
            "num_workers": 0,
            "seed": 0,
        }
        return LineDataModule(**{**settings, **changes})

    return make


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int) -> None:
    """Tell `make validate` how many tests ran, and why the others did not."""
    from tools.gates.gates import tell

    stats = terminalreporter.stats
    counts = {name: len(stats.get(name, [])) for name in ("passed", "failed", "error", "skipped", "xfailed")}
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in stats.get("skipped", [])]
    reasons += [f"expected to fail: {report.wasxfail}" for report in stats.get("xfailed", [])]
    tell(
        counts={"tests": counts["passed"] + counts["failed"]},
        figure=", ".join(f"{count} {name}" for name, count in counts.items() if count),
        skips=dict(sorted(collections.Counter(reasons).items())),
        failed=exitstatus != 0,
    )


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Path]:
    """A file, as long as which is there a training that `held` describes waits before its fourth step."""
    file = tmp_path / "hold"
    file.touch()
    yield file
    file.unlink(missing_ok=True)
