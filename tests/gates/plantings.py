"""Prove every planting by itself, and every refactor; print a table. It takes half a minute each.

    PYTHONPATH=.:tests/support python tests/gates/plantings.py [name ...]

Exit status 1 where one is not found, or a refactor is not equivalent.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from proof_plantings import FIRST, REFACTORS, WHOLE
from proving import Proving, where


def main(names: list[str]) -> int:
    """Every planting by itself; the exit status."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        proving = Proving(Path(folder))
        print(f"REF: {time.monotonic() - started:.0f} s\n\n| planted | verdict | seconds | found in |", flush=True)
        print("| --- | --- | ---: | --- |", flush=True)
        for name, (planting, job) in {**FIRST, **WHOLE}.items():
            if names and name not in names:
                continue
            started = time.monotonic()
            proof = proving.of(planting, job)
            found = where(proof).get(job, "")
            missed += not found
            shown = f"{found[:140]}" if found else f"**not in {job}**: {list(where(proof))} {proof.unseen}"
            print(f"| {name} | {proof.verdict} | {time.monotonic() - started:.0f} | {shown} |", flush=True)
        for name, refactor in REFACTORS.items():
            if names and name not in names:
                continue
            started = time.monotonic()
            proof = proving.of(refactor)
            missed += proof.verdict != "equivalent"
            shown = "; ".join([*where(proof).values(), *proof.unseen])
            print(f"| {name} (refactor) | {proof.verdict} | {time.monotonic() - started:.0f} | {shown} |", flush=True)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
