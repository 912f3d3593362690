from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.check_locks import Asked, read_asked

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
ROLES = sorted(path.stem for path in REQUIREMENTS.glob("*.in"))


def pins(role: str) -> dict[str, str]:
    """Version and marker by package of a lock file."""
    text = (REQUIREMENTS / f"{role}.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(.+?) \\$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("role", ROLES)
def test_every_pin_has_hashes_and_no_address_or_path_is_in_the_file(role: str) -> None:
    text = (REQUIREMENTS / f"{role}.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert all(re.match(r"[a-z0-9-]+==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    assert len(blocks) == len(pins(role)), "one version of each package for all supported versions of Python"
    assert not re.search(r"://|index-url|find-links|(^|\s)/", text)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_asked_for_is_locked(role: str) -> None:
    asked = {name for names in read_asked(REQUIREMENTS / f"{role}.in", Asked()).by.values() for name in names}
    assert asked
    assert asked <= pins(role).keys(), "run `make lock`"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "base"])
def test_a_role_added_to_base_changes_no_version(role: str) -> None:
    base, other = pins("base"), pins(role)
    assert {name: other[name].split()[0] for name in base.keys() & other.keys()} == {
        name: base[name].split()[0] for name in base.keys() & other.keys()
    }


def test_one_opencv_only() -> None:
    assert {name for role in ROLES for name in pins(role) if name.startswith("opencv")} == {"opencv-python-headless"}
