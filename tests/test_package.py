"""What `pip install .` gives: the package alone, with its weights, that finds text without torch. Needs PyPI."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from urllib.request import urlopen

import pytest

from ocr import __version__
from ocr.utils.path_utils import REPOSITORY_ROOT

pytestmark = pytest.mark.slow

ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
WEIGHTS = {
    f"ocr/weights/{name}.{ending}"
    for name in ("receipts", "lines", "korean", "facts")
    for ending in ("onnx", "safetensors")
}


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    """On the path, or where `make setup` puts it."""
    return shutil.which("uv") or str(Path(sys.executable).with_name("uv"))


@pytest.fixture(scope="module")
def built(uv: str, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The source distribution ``sdist``, and the ``wheel`` that is built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(uv, "build", "--quiet", "--out-dir", folder, REPOSITORY_ROOT, cwd=folder)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return SimpleNamespace(sdist=sdist, wheel=wheel)


@pytest.fixture(scope="module")
def installed(uv: str, built: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``bin/`` of an environment that has the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, built.wheel, cwd=folder)
    return python.parent


def test_the_wheel_holds_the_package_and_nothing_else(built: SimpleNamespace) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        names = set(wheel.namelist())
    about = {name for name in names if re.match(r"receipt_ocr-[\d.]+\.dist-info/", name)}
    assert {PurePosixPath(name).name for name in about} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "LICENSE",
    }
    package = {
        path.relative_to(REPOSITORY_ROOT).as_posix()
        for path in (REPOSITORY_ROOT / "ocr").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names - about == package | WEIGHTS


def test_the_source_distribution_is_enough_to_build_it_and_holds_no_more(built: SimpleNamespace) -> None:
    with tarfile.open(built.sdist) as archive:
        tops = {PurePosixPath(name).parts[1] for name in archive.getnames()}
    assert tops == {
        ".gitignore",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "ocr",
        "pyproject.toml",
        "requirements",
        "weights",
    }


def test_an_empty_folder_and_an_empty_environment_find_text(installed: Path, tiny_data: Path, tmp_path: Path) -> None:
    photo = sorted((tiny_data / "images" / "val").iterdir())[0]
    code = (
        "import sys\n"
        "from ocr import Detector, LineReader\n"
        f"found = Detector.load().detect({str(photo)!r})\n"
        "print(len(found))\n"
        f"lines = LineReader.load().read({str(photo)!r}, [each.points_N2 for each in found])\n"
        "print(sum(bool(line.text) for line in lines))\n"
        "from ocr import Reader\n"
        f"print('AL 9' in Reader().read({str(photo)!r}).text.upper())\n"  # what is found of TOTAL 9
        "print([name for name in ('torch', 'hydra', 'pytorch_lightning', 'runners') if name in sys.modules])\n"
    )
    count, read, whole, loaded = run(installed / "python", "-c", code, cwd=tmp_path).splitlines()
    assert int(count) > 0
    assert int(read) > 0
    assert whole == "True"
    assert loaded == "[]"
    run(installed / "receipt-ocr", "detect", photo, "-o", "found", "--csv", "--overlays", cwd=tmp_path)
    every = ("--extractor", "rules", "--formats", "json", "text", "csv", "hocr", "alto", "page", "pdf")
    run(installed / "receipt-ocr", "read", photo, "-o", "read", *every, cwd=tmp_path)
    assert sorted(path.name for path in (tmp_path / "read").iterdir()) == [
        "alto", "hocr", "items.csv", "page", "pdf", "predictions.csv", "predictions.json", "receipts.csv", "text"
    ]  # fmt: skip
    (image,) = json.loads((tmp_path / "found" / "predictions.json").read_text(encoding="utf-8"))["images"].values()
    assert len(image["words"]) == int(count)
    truth = tiny_data / "jsons" / "val.json"
    figures = json.loads(run(installed / "receipt-ocr", "evaluate", truth, "found/predictions.json", cwd=tmp_path))
    assert figures["figures"]["cleval/precision"] > 0.5


def test_what_is_installed_says_its_version_and_what_it_lacks(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "receipt-ocr", "--version", cwd=tmp_path) == f"receipt-ocr {__version__}\n"
    done = subprocess.run(
        [installed / "receipt-ocr", "export", "a.ckpt", "a.onnx"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "torch is not installed" in done.stderr
    assert "pip install '.[torch]'" in done.stderr


def test_the_extra_serve_answers_over_http(
    uv: str, installed: Path, built: SimpleNamespace, tiny_data: Path, tmp_path: Path
) -> None:
    """Last, because it adds packages to the environment."""
    run(uv, "pip", "install", "--quiet", "--python", installed / "python", f"{built.wheel}[serve]", cwd=tmp_path)
    photo = sorted((tiny_data / "images" / "val").iterdir())[0]
    command = [installed / "receipt-ocr", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        (address,) = re.findall(r"listening on (\S+),", process.stdout.readline())
        with urlopen(f"{address}/read?name=a.png", photo.read_bytes()) as response:
            assert list(json.load(response)["images"]) == ["a.png"]
        process.terminate()
        assert process.wait() == 143
