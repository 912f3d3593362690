"""The installer's decisions; uv itself is replaced by a recorder, so that nothing is downloaded."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = sorted((REPOSITORY / "requirements").glob("*.lock"))


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module with an environment folder of its own that holds an interpreter already, and uv on the PATH."""
    spec = importlib.util.spec_from_file_location("install", REPOSITORY / "requirements" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    (venv / "lib/python3.11/site-packages").mkdir(parents=True)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(module, "BACKEND_FILE", venv / ".torch-backend")
    monkeypatch.setattr(module.shutil, "which", lambda _: "/usr/bin/uv")
    monkeypatch.delenv("TORCH_BACKEND", raising=False)
    return module


@pytest.fixture
def commands(installer: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setattr(installer, "run", lambda *command: seen.append(" ".join(str(part) for part in command)))
    return seen


def install(installer: ModuleType, monkeypatch: pytest.MonkeyPatch, *roles: str, backend: str = "") -> int:
    monkeypatch.setenv("TORCH_BACKEND", backend)
    monkeypatch.setattr(installer.sys, "argv", ["install.py", *roles])
    code: int = installer.main()
    return code


def test_installs_the_lock_with_its_hashes_and_makes_the_checkout_importable(
    installer: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert install(installer, monkeypatch, "base", "dev") == 0
    assert [command.split("--require-hashes -r ")[1] for command in commands] == [
        str(REPOSITORY / "requirements" / f"{role}.lock") for role in ("base", "dev")
    ]
    (pth,) = installer.VENV.glob("lib/*/site-packages/*.pth")
    assert pth.read_text(encoding="utf-8") == f"{REPOSITORY}\n"


def test_another_build_of_torch_keeps_the_versions_and_every_other_hash(
    installer: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(installer, monkeypatch, "base", backend="cpu")
    torch, others = commands
    assert "--torch-backend=cpu --no-verify-hashes" in torch
    assert [pin.split("==")[0] for pin in torch.split()[-2:]] == ["torch", "torchvision"]
    assert "--no-deps --require-hashes" in others
    assert "--no-deps" not in torch  # another build brings other packages
    assert "--reinstall" not in torch


def test_the_environment_remembers_its_build_and_changes_it_on_demand(
    installer: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(installer, monkeypatch, "base", backend="cpu")
    (installer.VENV / ".installed-cpu-base").touch()
    install(installer, monkeypatch, "dev")
    assert "--torch-backend=cpu" in commands[2]
    install(installer, monkeypatch, "base", backend="pypi")
    assert commands[-1].endswith("base.lock")
    assert "--reinstall-package=torch" in commands[-1]
    assert not list(installer.VENV.glob(".installed-*"))


def test_uv_comes_from_pypi_where_the_path_has_none(
    installer: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer.shutil, "which", lambda _: None)
    installer.PYTHON.unlink()
    install(installer, monkeypatch, "base")
    assert " -m venv " in commands[0]
    assert commands[1].endswith("-m ensurepip --default-pip")
    assert f"pip install --quiet uv=={installer.UV_VERSION}" in commands[2]
    assert commands[3].startswith(str(installer.VENV / "bin" / "uv"))


def test_weights_are_installed_whatever_the_interpreter(
    installer: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(installer, monkeypatch, "bench", "weights", backend="cpu")
    *_, peers, weights = commands
    assert "--python-version" not in peers
    assert weights.endswith(f"--require-hashes --python-version 3.12 -r {REPOSITORY / 'requirements' / 'weights.lock'}")


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0)])
def test_an_unsuitable_python_is_refused_before_anything_is_made(
    installer: ModuleType,
    commands: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    version: tuple[int, int, int],
) -> None:
    monkeypatch.setattr(installer.sys, "version_info", version)
    assert install(installer, monkeypatch, "base") == 1
    assert "3.11, 3.12 or 3.13 is needed, make PYTHON=" in capsys.readouterr().out
    assert commands == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_the_split_lock_loses_torchs_family_and_nothing_else(installer: ModuleType, lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pins, rest = installer.split_lock(text)

    def names(part: str) -> set[str]:
        return {line.split("==")[0] for line in part.splitlines() if line[:1].isalnum()}

    lost = names(text) - names(rest)
    family = {"torch", "torchvision", "triton"}
    assert {pin.split("==")[0] for pin in pins} == names(text) & {"torch", "torchvision"}
    assert lost == {name for name in names(text) if name in family or name.startswith(("nvidia-", "cuda-"))}


def test_an_environment_of_another_checkout_is_left_alone(
    installer: ModuleType,
    commands: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As where `.venv` is a link: the other checkout would import this one from then on."""
    other = tmp_path / "other"
    pth = installer.VENV / "lib/python3.11/site-packages/checkout.pth"
    pth.write_text(f"{other}\n")
    assert install(installer, monkeypatch, "base") == 0  # it was moved away, or deleted
    (other / "requirements").mkdir(parents=True)
    (other / "requirements" / "install.py").touch()
    pth.write_text(f"{other}\n")
    commands.clear()
    assert install(installer, monkeypatch, "base") == 1
    assert commands == []
    assert f"serves the checkout {other}" in capsys.readouterr().out
