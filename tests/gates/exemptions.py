"""What is exempt from the checks stays as little as it is: comments, skipped tests, the tools' own settings.

    python tests/gates/exemptions.py            # compare; `make exemptions`
    python tests/gates/exemptions.py record     # make what stands there now the budget

What is not in ``exemptions.json`` has a budget of zero. Fewer are free; more, or a looser setting in ``pyproject.toml``
or ``.pre-commit-config.yaml``, show in its diff.
"""

import json
import sys
from pathlib import Path

from tools.gates.exemptions import above, counts, exemptions
from tools.gates.gates import tell
from tools.gates.tool_settings import looser, tool_settings

REPOSITORY = Path(__file__).resolve().parents[2]
BUDGET = Path(__file__).with_name("exemptions.json")


def record(found: dict[str, int], settings: dict[str, object]) -> None:
    """Write the budget, a line a key."""
    sections = {"counts": found, "settings": settings}
    texts = [
        f'  "{name}": {{\n'
        + ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in section.items())
        + "\n  }"
        for name, section in sections.items()
    ]
    BUDGET.write_text("{\n" + ",\n".join(texts) + "\n}\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Compare or record, print, return 0 where nothing is above its budget."""
    found, settings = exemptions(REPOSITORY), tool_settings(REPOSITORY)
    if arguments == ["record"]:
        record(counts(found), settings)
    elif arguments:
        print(f"{' '.join(arguments)}: only `record` is understood")
        return 2
    budget = json.loads(BUDGET.read_text(encoding="utf-8"))
    wrong = [*above(found, budget["counts"]), *looser(settings, budget["settings"])]
    figure = f"{sum(map(len, found.values()))} exemptions of {len(found)} kinds, {len(settings)} settings"
    print("\n".join(wrong or [figure]))
    if wrong:
        print(f"do without, or record: make exemptions ARGS=record ({BUDGET.relative_to(REPOSITORY)})")
    tell(
        counts={"settings": len(settings)},
        figure="; ".join(wrong) or figure,
        limit="exemptions.json",
        failed=bool(wrong),
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
