import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in (REPOSITORY / "requirements").glob("*.lock")}


def test_every_pin_has_hashes_and_no_address_or_path_is_in_a_lock() -> None:
    for name, text in TEXTS.items():
        blocks = re.split(r"\n(?=[a-z0-9])", text)
        assert all(re.match(r"[a-z0-9-]+==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", block) for block in blocks), name
        packages = re.findall(r"^([a-z0-9-]+)==", text, flags=re.MULTILINE)
        assert len(packages) == len(set(packages)), f"{name}: one version of each package for all versions of Python"
        assert not re.search(r"://|index-url|find-links|(^|\s)/", text), name


def test_there_is_one_opencv() -> None:
    found = {name for text in TEXTS.values() for name in re.findall(r"^(opencv[a-z-]*)==", text, flags=re.MULTILINE)}
    assert found == {"opencv-python-headless"}


def test_the_image_has_the_cuda_version_of_the_locks_torch() -> None:
    """NVIDIA's image refuses drivers that are too old for its version: they would be too old for torch as well."""
    (base,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", (REPOSITORY / "docker" / "Dockerfile").read_text(), re.MULTILINE)
    (wanted,) = re.findall(r"^cuda-toolkit==(\d+\.\d+)", TEXTS["base.lock"], re.MULTILINE)
    assert re.fullmatch(rf"nvidia/cuda:{re.escape(wanted)}\.\d+-base-ubuntu\d+\.\d+", base)
