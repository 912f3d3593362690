"""ONNX Runtime's telemetry: a device identifier and a store in the user's cache, a thread that sends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from ocr.utils.path_utils import REPOSITORY_ROOT

WEIGHTS = REPOSITORY_ROOT / "weights"


def left_by(code: str, home: Path, **variables: str) -> list[str]:
    """Names of the files that a program leaves in the user's folders; it can reach no other machine."""
    withheld = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS"}  # each switches the telemetry off
    kept = {name: value for name, value in os.environ.items() if name not in withheld}
    no_proxy = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    homes = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(REPOSITORY_ROOT)}
    subprocess.run([sys.executable, "-c", code], env=kept | no_proxy | homes | variables, cwd=home, check=True)
    return sorted(path.name for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "code",
    [
        f"from ocr import LineReader; LineReader.load({str(WEIGHTS / 'lines.onnx')!r})",
        "import benchmarks.peers, onnxruntime",  # as the peers that run on it import it
    ],
)
def test_nothing_is_collected(code: str, tmp_path: Path) -> None:
    assert left_by(code, tmp_path) == []


def test_a_user_may_allow_it(tmp_path: Path) -> None:
    """Which also shows that there is something to switch off."""
    assert "deviceid" in left_by("import ocr, onnxruntime", tmp_path, ORT_DISABLE_TELEMETRY="0")
