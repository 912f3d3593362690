"""Measure the start-up time of a runner as a ratio to its lower bound, ``import hydra``.

    python benchmarks/startup.py [pairs=10]

Each pair is two processes, one after the other. The exit status is 1 if the median of the ratios exceeds its limit, or
if importing the runner imports a slow package. A median above the limit is confirmed with four times as many pairs,
since on a shared machine five pairs are unreliable. ``make startup-time`` runs this.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.row import Row, leave
from tools.gates.gates import tell
from tools.pairs import Ratio, interleaved, ratio

REPOSITORY = Path(__file__).resolve().parents[1]
IMPORT_LIMIT, ERROR_LIMIT = 1.3, 3.0
SLOW = ("torch", "pytorch_lightning", "lightning", "wandb", "mlflow", "timm", "numpy", "cv2", "PIL", "shapely", "rich")
HYDRA = ("-c", "import hydra")
RUNNER = ("-c", "import runners.train")
MISSPELT = (str(REPOSITORY / "runners" / "train.py"), "exp_nam=x")


def seconds(*arguments: str, status: int = 0) -> float:
    """Wall time of one Python process.

    Raises:
        RuntimeError: it did not end with ``status``.
    """
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - started
    if done.returncode != status:
        raise RuntimeError(f"{arguments}: exit status {done.returncode}, not {status}: {done.stderr}")
    return elapsed


def times_hydra(other: Callable[[], float], limit: float, pairs: int) -> Ratio:
    """Duration as a multiple of importing hydra; with four times as many pairs if that is above the limit."""
    found = interleaved(lambda: seconds(*HYDRA), other, pairs)
    if ratio(found).median > limit:
        found += interleaved(lambda: seconds(*HYDRA), other, 3 * pairs)
    return ratio(found)


def imported() -> list[str]:
    """Which of the slow packages the import of a runner loads."""
    program = f"import sys, runners.train; print(*[name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout.split()


def main(arguments: list[str]) -> int:
    """Measure, print, return 0 where everything is within its limit."""
    pairs = int(dict(argument.split("=", 1) for argument in arguments).get("pairs", 10))
    slow = imported()
    start = times_hydra(lambda: seconds(*RUNNER), IMPORT_LIMIT, pairs)
    error = times_hydra(lambda: seconds(*MISSPELT, status=1), ERROR_LIMIT, pairs)
    print(f"import hydra          {start.a:.3f} s")
    print(f"import runners.train  {start.b:.3f} s, {start} times as long, limit {IMPORT_LIMIT}")
    print(f"misspelt override     {error.b:.3f} s, {error} times as long, limit {ERROR_LIMIT}")
    print(f"imported with the runner: {', '.join(slow) or 'no slow package'}")
    figure = f"import {start.median:.2f}, misspelt override {error.median:.2f} times `import hydra`"
    failed = bool(slow) or start.median > IMPORT_LIMIT or error.median > ERROR_LIMIT
    tell(
        counts={"pairs": pairs},
        figure=figure + (f"; imports {', '.join(slow)}" if slow else ""),
        limit=f"{IMPORT_LIMIT}, {ERROR_LIMIT}",
        failed=failed,
    )
    rows = [
        Row(
            what,
            "import hydra",
            f"<= {limit} times",
            f"{measured} times",
            f"{measured.b * 1e3:.0f} ms, {measured.a * 1e3:.0f} ms",
            "wall time of a process",
            measured.median <= limit,
        )
        for what, measured, limit in (
            ("start-up: import runners.train", start, IMPORT_LIMIT),
            ("start-up: a misspelt override is told", error, ERROR_LIMIT),
        )
    ]
    leave(rows, None)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
