"""Run every benchmark in its own process and write one table: ``make bench``.

    .venv-bench/bin/python benchmarks/run.py [rows=metric,decode] [write=docs/benchmarks.md]

Prints the table and puts it, with machine, versions and date, between the two marks of the page; the text around it is
kept. A row that cannot be measured here has the reason instead. With ``rows``, nothing is written unless ``write`` is
given.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.row import REPOSITORY, RESULT, Row
from ocr.utils.workers import end_with_parent

ONE_THREAD = ("metric", "targets", "postprocess", "decode", "loader", "memory", "precision")
ALL_CORES = ("step", "prediction", "engines", "int8", "startup", "scaling")
PAGE = REPOSITORY / "docs" / "benchmarks.md"
BEGIN, END = "<!-- the table begins: `make bench` writes it -->", "<!-- the table ends -->"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PACKAGES = ("torch", "numpy", "opencv-python-headless", "shapely", "onnxruntime", "cleval", "python-doctr", "rapidocr")
LIMIT_S = 600.0


def measured(name: str) -> tuple[list[Row], str | None]:
    """The rows of one benchmark, or why there are none."""
    env = {key: value for key, value in os.environ.items() if key not in THREADS}
    if name in ONE_THREAD:
        env |= dict.fromkeys(THREADS, "1")
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "rows.json"
        command = [sys.executable, str(REPOSITORY / "benchmarks" / f"{name}.py")]
        try:
            done = subprocess.run(
                command,
                env={**env, RESULT: str(result)},
                cwd=REPOSITORY,
                check=False,
                timeout=LIMIT_S,
                preexec_fn=partial(end_with_parent, os.getpid()),
            )
        except subprocess.TimeoutExpired:
            return [], f"not done after {LIMIT_S:.0f} s"
        if not result.exists():
            return [], f"exit status {done.returncode}, see the output above"
        content = json.loads(result.read_text(encoding="utf-8"))
    return [Row(**row) for row in content["rows"]], content["skipped"]


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def installed(package: str) -> str:
    """Name and version."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def table(results: dict[str, tuple[list[Row], str | None]], seconds: float) -> str:
    """The block of the page."""
    lines = [
        f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores of {cpu()}, no GPU used, Python "
        f"{platform.python_version()}; {', '.join(map(installed, PACKAGES))}. Minutes in all: {seconds / 60:.0f}.",
        "",
        "| what | against | measured | medians: ours, theirs | reach | reached |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    notes = []
    for name, (rows, skipped) in results.items():
        for row in rows:
            cells = (row.what, row.against, row.figure, row.medians, row.reach, row.verdict)
            lines.append(f"| {' | '.join(cells)} |")
            notes.append(f"- {row.what}: {row.same}.")
        if skipped:
            lines.append(f"| {name} | | skipped: {skipped} | | | - |")
    return "\n".join([*lines, "", "How the outputs compare, before anything is timed:", "", *notes])


def put(page: Path, block: str) -> None:
    """Replace what stands between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n\n{block}\n\n{END}{after}", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run, print, write; 0 unless a benchmark broke."""
    given = dict(argument.split("=", 1) for argument in arguments)
    names = given["rows"].split(",") if "rows" in given else [*ONE_THREAD, *ALL_CORES]
    started = time.monotonic()
    results = {}
    for name in names:
        print(f"--- {name}", flush=True)
        results[name] = measured(name)
    block = table(results, time.monotonic() - started)
    print(f"\n{block}")
    if "write" in given or "rows" not in given:
        put(Path(given.get("write", PAGE)), block)
    return 1 if any(why and why.startswith(("exit status", "not done")) for _, why in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
