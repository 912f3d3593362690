"""How long the console takes to list runs, in Debian's Chromium.

    python benchmarks/console.py [runs=200] [rounds=5]

It makes the folders of that many runs, starts the console, and opens the page Runs: the first time, when every folder
is read, and again, when none has changed. The time ends when the page says how many runs there are and its script has
ended. The reading alone, in this process, is measured beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.options import parsed, run, whole
from ocr.pipeline.runs import RunReader
from ocr.types import InputError
from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT

OPTIONS = {"runs": "200", "rounds": "5"}
HISTORY_ROWS = 400
QUIET = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def make_runs(parent: Path, count: int) -> None:
    """Folders of finished runs, each with the configuration, history and figures of a training of 400 logged steps."""
    config = "".join((CONFIG_DIR / name).read_text(encoding="utf-8") for name in ("train.yaml", "task/detection.yaml"))
    names = ["epoch", "step", "images_per_s", "data_wait", "train/loss", "val/cleval/hmean", "val/loss"]
    rows = "".join(f"{row // 20},{row * 10},9.5,0.1,{1 / (row + 1):.6f},,\n" for row in range(HISTORY_ROWS))
    for seed in range(count):
        folder = parent / f"experiment{seed % 8}" / f"2026-01-01_{seed // 60:02}-{seed % 60:02}-00"
        figures = {"cleval/hmean": seed / count, "iou50/hmean": seed / count, "loss": 1.0}
        about = {"wall_time_s": 600.0, "seed": seed, "data": {"md5": "0" * 32}, "git_revision": "0" * 40}
        texts = {
            ".hydra/config.yaml": f"task: detection\nseed: {seed}\ntrainer:\n  max_epochs: 20\n{config}",
            ".hydra/run.json": json.dumps({"state": "finished", "wall_time_s": 600.0, "status": 0, "reason": ""}),
            "logs/csv/metrics.csv": ",".join(names) + "\n" + rows + f"19,{HISTORY_ROWS * 10},,,,0.5,0.5\n",
            "metrics.json": json.dumps({"val": figures, **about}),
            ".lock": "",
        }
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def console(runs: Path) -> Iterator[str]:
    """A console on a free port: its address."""
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / "console.py"), "port=0", f"runs={runs}"]
    with subprocess.Popen(command, cwd=runs, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield re.findall(r"listening on (http://[^ ;]+)", process.stdout.readline())[0]
        finally:
            process.kill()


def opened(page: Page, address: str, count: int) -> float:
    """Seconds until the page Runs has listed all runs."""
    start = time.perf_counter()
    page.goto(f"{address}/runs")
    page.get_by_text(f"{count} of {count} runs").wait_for()
    page.wait_for_selector(QUIET)
    return time.perf_counter() - start


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    given = parsed(arguments, OPTIONS, ())
    count, rounds = whole("runs", given["runs"]), whole("rounds", given["rounds"])
    chromium = shutil.which("chromium")
    if chromium is None:
        raise InputError("no chromium is installed: Debian's package is chromium")
    with tempfile.TemporaryDirectory() as place:
        make_runs(Path(place), count)
        reader = RunReader()
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            reader.runs(Path(place))
            seconds.append(time.perf_counter() - start)
        print(f"reading {count} runs: {seconds[0]:.2f} s, again, unchanged: {seconds[1]:.2f} s")
        with console(Path(place)) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page()
            page.set_default_timeout(600_000)
            page.goto(address)  # Streamlit and the browser load their own files
            page.wait_for_selector(QUIET)
            first = opened(page, address, count)
            again = [opened(page, address, count) for _ in range(rounds)]
            browser.close()
    load = os.getloadavg()[0]
    print(f"page Runs: {first:.2f} s, again: median {statistics.median(again):.2f} s of {rounds}; load {load:.1f}")


if __name__ == "__main__":
    run(main)
