"""The runners stay as simple as they are: lines, cyclomatic and cognitive complexity against a recorded budget.

    python tests/gates/complexity.py            # compare; `make complexity`
    python tests/gates/complexity.py record     # make what stands there now the budget

A budget is a file's lines and the most complex of its functions, by either measure. Lowering it is free, raising it
shows in the diff of ``complexity.json``.
"""

import json
import sys
from pathlib import Path

from tools.gates.complexity import measure
from tools.gates.gates import tell

REPOSITORY = Path(__file__).resolve().parents[2]
BUDGET = Path(__file__).with_name("complexity.json")
MEASURES = ("cyclomatic", "cognitive")


def present() -> dict[str, dict[str, int]]:
    """What the budget is compared with: of each runner its lines and its highest complexities."""
    found = {}
    for path, functions in measure(sorted((REPOSITORY / "runners").glob("*.py"))).items():
        highest = {
            name: max((getattr(function, name) for function in functions.values()), default=0) for name in MEASURES
        }
        lines = len(path.read_text(encoding="utf-8").splitlines())
        found[path.relative_to(REPOSITORY).as_posix()] = {"lines": lines, **highest}
    return found


def excesses(found: dict[str, dict[str, int]], budget: dict[str, dict[str, int]]) -> list[str]:
    """A line for everything above its budget, and for every runner that has none or is gone."""
    wrong = [f"{path} has no budget" for path in found.keys() - budget.keys()]
    wrong += [f"{path} has a budget and is not there" for path in budget.keys() - found.keys()]
    for path in sorted(found.keys() & budget.keys()):
        wrong += [
            f"{path}: {name} {value}, budget {budget[path][name]}"
            for name, value in found[path].items()
            if value > budget[path][name]
        ]
    return wrong


def main(arguments: list[str]) -> int:
    """Compare or record, print, return 0 where nothing is above its budget."""
    found = present()
    if arguments == ["record"]:
        BUDGET.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    elif arguments:
        print(f"{' '.join(arguments)}: only `record` is understood")
        return 2
    wrong = excesses(found, json.loads(BUDGET.read_text(encoding="utf-8")))
    totals = {name: max(row[name] for row in found.values()) for name in MEASURES}
    totals["lines"] = sum(row["lines"] for row in found.values())
    figure = "{n} runners, {lines} lines, at most {cyclomatic} cyclomatic, {cognitive} cognitive".format(
        n=len(found), **totals
    )
    print("\n".join(wrong or [figure]))
    if wrong:
        print(f"simplify, or record the new budget: make complexity ARGS=record ({BUDGET.relative_to(REPOSITORY)})")
    tell(counts={"runners": len(found)}, figure="; ".join(wrong) or figure, limit="complexity.json", failed=bool(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
