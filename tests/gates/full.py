"""Ten minutes of the default training, and whether its detector finds what it must. `make full`.

    python tests/gates/full.py [override ...]

The run is two epochs of ``make train``, ten minutes on two cores. In the four epochs of `docs/results.md` validation
stood at 0.856 after the first and at 0.962 after the second: the floor lies between, far above what a broken loss,
loader or postprocess reaches.
"""

import json
import subprocess
import sys
from pathlib import Path

from tools.gates.gates import tell

REPOSITORY = Path(__file__).resolve().parents[2]
FLOOR = 0.9


def main(overrides: list[str]) -> int:
    """Train, read the figures, return 0 where the test figure is not below its floor."""
    command = [sys.executable, "runners/train.py", "exp_name=full", "trainer.max_epochs=2", *overrides]
    status = subprocess.run(command, cwd=REPOSITORY, check=False).returncode
    if status:
        return status
    run = max((REPOSITORY / "outputs" / "full").iterdir())
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"]
    hmean = figures["cleval/hmean"]
    tell(
        counts={"trainings": 1},
        figure=f"test CLEval H-mean {hmean:.4f}",
        limit=f"at least {FLOOR}",
        failed=not hmean >= FLOOR,
    )
    print(f"test CLEval H-mean {hmean:.4f}, floor {FLOOR}")
    return 0 if hmean >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
