"""Make ``.venv`` and install lock files into it: ``make setup`` calls it. Standard library only.

    python3 requirements/install.py base [dev ...]
    OCR_VENV=.venv-bench python3 requirements/install.py bench weights

uv is taken from the PATH, else installed into the environment. TORCH_BACKEND=cpu|cu130|auto|... asks uv for another
build of torch and torchvision than PyPI's: those two come in the locked versions from that build's index, whose files
have other hashes; everything else is checked against the lock, less the CUDA packages that PyPI's torch needs. The
environment remembers its build; TORCH_BACKEND=pypi goes back.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parent / os.environ.get("OCR_VENV", ".venv")
PYTHON = VENV / "bin" / "python"
BACKEND_FILE = VENV / ".torch-backend"
PATH_FILE = "checkout.pth"
UV_VERSION = "0.13.9"
OLDEST, NEWEST = (3, 11), (3, 13)
PYPI = "pypi"
WEIGHTS = "weights"
TORCH_FAMILY = re.compile(r"(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z]+)==")


def run(*command: str | Path) -> None:
    """Run a command; its failure ends this program with its exit code."""
    code = subprocess.run([str(part) for part in command], check=False).returncode
    if code:
        sys.exit(code)


def make_environment() -> str:
    """Make ``.venv`` where there is none or its interpreter is gone, and return uv's path."""
    found = shutil.which("uv")
    if not PYTHON.exists():
        if found:
            run(found, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        else:
            run(sys.executable, "-m", "venv", "--clear", VENV)
    own = VENV / "bin" / "uv"
    if not found and not own.exists():
        if not (VENV / "bin" / "pip").exists():  # made by an uv that is not on the PATH any more
            run(PYTHON, "-m", "ensurepip", "--default-pip")
        run(PYTHON, "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}")
    return found or str(own)


def other_owner() -> str | None:
    """The checkout that the environment imports from, where that is another one (``.venv`` is a link, or a copy)."""
    for path in VENV.glob(f"lib/python3*/site-packages/{PATH_FILE}"):
        owner = Path(path.read_text(encoding="utf-8").strip())
        if owner != HERE.parent and (owner / "requirements" / "install.py").exists():
            return str(owner)
    return None


def split_lock(lock: str) -> tuple[list[str], str]:
    """The pins of torch and torchvision, and the lock file's text without them and the CUDA packages they bring."""
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    pins = [block.split()[0] for block in blocks if re.match(r"(torch|torchvision)==", block)]
    return pins, "\n".join(block for block in blocks if not TORCH_FAMILY.match(block)) + "\n"


def install(uv: str, lock: Path, backend: str, *, reinstall_torch: bool) -> None:
    """Install one lock file: as it stands, or with torch and torchvision from another build's index."""
    pip = [uv, "pip", "install", "--python", str(PYTHON)]
    locked = [*pip, "--no-deps", "--require-hashes"]  # a lock has everything, and what it leaves out is left out
    if lock.stem == WEIGHTS:  # files to read, whatever the interpreter
        run(*locked, "--python-version", "3.12", "-r", lock)
        return
    again = ["--reinstall-package=torch", "--reinstall-package=torchvision"] if reinstall_torch else []
    if backend == PYPI:
        run(*locked, *again, "-r", lock)
        return
    pins, rest = split_lock(lock.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        others = Path(folder) / lock.name
        others.write_text(rest, encoding="utf-8")
        run(*pip, f"--torch-backend={backend}", "--no-verify-hashes", *again, "-c", others, *pins)
        run(*locked, "-r", others)


def main() -> int:
    """Check the interpreter, make the environment, install, put the checkout on the environment's path."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        print(
            f"{sys.executable} is Python {sys.version.split()[0]}: 3.11, 3.12 or 3.13 is needed, make PYTHON=python3.12"
        )
        return 1
    owner = other_owner()
    if owner is not None:
        print(f"{VENV} serves the checkout {owner}: remove the link or the copy, and this one gets its own")
        return 1
    uv = make_environment()
    before = BACKEND_FILE.read_text(encoding="utf-8").strip() if BACKEND_FILE.exists() else None
    backend = os.environ.get("TORCH_BACKEND") or before or PYPI
    changed = before is not None and backend != before
    if changed:
        for stamp in VENV.glob(".installed-*"):
            stamp.unlink()
    for role in sys.argv[1:]:
        install(uv, HERE / f"{role}.lock", backend, reinstall_torch=changed)
    (site_packages,) = VENV.glob("lib/python3*/site-packages")
    (site_packages / PATH_FILE).write_text(f"{HERE.parent}\n", encoding="utf-8")
    BACKEND_FILE.write_text(f"{backend}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
