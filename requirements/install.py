"""Install a lock file into the environment of this interpreter: `make setup` calls it. Standard library only.

    .venv/bin/python requirements/install.py base [dev ...]

uv is taken from the PATH, else installed into the environment. TORCH_BACKEND=cpu|cu130|auto|... asks uv for another
build of torch and torchvision than PyPI's: those two come in the locked versions from that build's index, whose files
have other hashes; everything else is checked against the lock, less the CUDA packages that PyPI's torch needs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
UV_VERSION = "0.13.9"
TORCH_PACKAGES = re.compile(r"^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z]+)==", re.MULTILINE)


def uv_command() -> str:
    """Uv's path, installing it where there is none."""
    found = shutil.which("uv") or shutil.which("uv", path=sysconfig.get_path("scripts"))
    if found:
        return found
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"], check=True)
    return str(Path(sysconfig.get_path("scripts")) / "uv")


def without_torch(lock: str) -> tuple[str, list[str]]:
    """A lock file's text without torch and its companions, and the pins of torch and torchvision."""
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    kept = [block for block in blocks if not TORCH_PACKAGES.match(block)]
    pins = [block.split()[0] for block in blocks if re.match(r"(torch|torchvision)==", block)]
    return "\n".join(kept) + "\n", pins


def install(roles: list[str], backend: str) -> None:
    """Install the locks of the given roles."""
    pip = [uv_command(), "pip", "install", "--python", sys.executable]
    for role in roles:
        lock = HERE / f"{role}.lock"
        if not backend:
            subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
            continue
        rest, pins = without_torch(lock.read_text(encoding="utf-8"))
        subprocess.run([*pip, f"--torch-backend={backend}", "--no-verify-hashes", *pins], check=True)
        with tempfile.TemporaryDirectory() as folder:
            partial = Path(folder) / f"{role}.lock"
            partial.write_text(rest, encoding="utf-8")
            subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(partial)], check=True)


def main() -> int:
    """Check the interpreter, install, put the checkout on the environment's path."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        print(f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}; use make PYTHON=python3.12 ...")
        return 1
    install(sys.argv[1:], os.environ.get("TORCH_BACKEND", ""))
    Path(sysconfig.get_path("purelib"), "receipt-ocr.pth").write_text(f"{HERE.parent}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
