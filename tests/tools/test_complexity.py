from pathlib import Path

import pytest

from ocr.types import InputError
from tools.gates.complexity import Complexity, measure

# By hand: `plain` has no branch; `branches` has an if (+1), in it a for (+2, nested), in that an if (+3).
SOURCE = '''
def plain(a):  # noqa: C901
    """Nothing to decide."""
    return a


class Thing:
    @property
    def branches(self):
        if self:
            for _ in self:
                if _:
                    return 1
        return 0

    def outer(self):
        def inner(x):
            return 1 if x else 2

        return inner
'''


def test_known_answers(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(SOURCE)
    found = measure([path])[path]
    assert found["plain"] == Complexity(lines=3, cyclomatic=1, cognitive=0)
    assert found["Thing.branches"] == Complexity(lines=6, cyclomatic=4, cognitive=6)
    assert found["Thing.outer.inner"].lines == 2
    assert set(found) == {"plain", "Thing.branches", "Thing.outer", "Thing.outer.inner"}


def test_what_is_no_python_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def (:\n")
    with pytest.raises(InputError, match=r"broken.py, line 1: .*; fix it"):
        measure([path])
