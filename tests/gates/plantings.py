"""Prove every planting by itself, and every refactor; print a table. It takes half a minute each.

    PYTHONPATH=.:tests/support python tests/gates/plantings.py [name ...]

Exit status 1 where one is not found, or a refactor is not equivalent.
"""

import sys
import tempfile
import time
from pathlib import Path

from proof_plantings import FIRST, REFACTORS, WHOLE
from proving import Proving, parts_of, where


def main(names: list[str]) -> int:
    """Each by itself; the exit status."""
    changes = {name: entry for name, entry in {**FIRST, **WHOLE}.items() if name in names or not names}
    refactors = {name: refactor for name, refactor in REFACTORS.items() if name in names or not names}
    jobs = {job for _, job in changes.values()}.union(*(each for _, each in refactors.values()))
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        proving = Proving(Path(folder), parts_of(jobs))
        tell(f"REF: {time.monotonic() - started:.0f} s\n\n| planted | verdict | seconds | where |")
        tell("| --- | --- | ---: | --- |")
        for name, (refactor, needed) in refactors.items():
            started = time.monotonic()
            proof = proving.of(refactor, *needed)
            missed += proof.verdict != "equivalent"
            shown = "; ".join([*where(proof).values(), *proof.unseen])
            tell(f"| {name} (refactor) | {proof.verdict} | {time.monotonic() - started:.0f} | {shown} |")
        for name, (planting, job) in changes.items():
            started = time.monotonic()
            proof = proving.of(planting, job)
            found = where(proof)
            missed += job not in found
            shown = found.get(job, f"**not in {job}**: {list(found)} {proof.unseen}")
            tell(f"| {name} | {proof.verdict} | {time.monotonic() - started:.0f} | {shown[:160]} |")
    return bool(missed)


def tell(line: str) -> None:
    """Print a line now."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
