"""The image, built once from a copy of the checkout."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from containers import Docker, MissingError, docker_daemon, find_base
from patience import PATIENCE_S
from planted_checkout import copy_files

REPOSITORY = Path(__file__).resolve().parents[2]
OWNER = 1234
"""UID and GID of the image's user: nobody's on a usual machine."""

PLANTED = "planted-secret-0123456789"


@dataclass(frozen=True)
class Image:
    """A built image.

    Attributes:
        docker: whose daemon has it.
        base: what it was built on.
        name: its tag.
        checkout: the copy of the checkout that it was built from.
        revision: what the build was told.
        seconds: how long the build took.
    """

    docker: Docker
    base: str
    name: str
    checkout: Path
    revision: str
    seconds: float

    def build(self, *settings: str) -> tuple[str, float]:
        """``make docker-build`` in the copy; its output and seconds."""
        network = ["BUILD_ARGS=--progress plain --network host"] if self.docker.own else ["BUILD_ARGS=--progress plain"]
        variables = [f"DOCKER={self.docker.client}", f"IMAGE={self.name}", f"BASE_IMAGE={self.base}"]
        variables += [f"GIT_REVISION={self.revision}", f"HOST_UID={OWNER}", f"HOST_GID={OWNER}", *network, *settings]
        started = time.monotonic()
        done = self.docker.command("make", "docker-build", *variables, folder=self.checkout, timeout_s=PATIENCE_S)
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout, time.monotonic() - started

    def run(self, *arguments: str | Path, timeout_s: float = PATIENCE_S) -> subprocess.CompletedProcess[str]:
        """``docker run`` without a network."""
        return self.docker("run", "--rm", "--network", "none", *arguments, timeout_s=timeout_s)


@dataclass(frozen=True)
class Volumes:
    """Two folders of the host's user, mounted as the image's volumes."""

    data: Path
    outputs: Path

    @property
    def options(self) -> tuple[str, ...]:
        """What ``docker run`` is told."""
        return ("--volume", f"{self.data}:/app/data", "--volume", f"{self.outputs}:/app/outputs")


def owned_folder(path: Path, owner: int = OWNER) -> Path:
    path.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(path, owner, owner)
    return path


def cannot(reason: MissingError, config: pytest.Config) -> NoReturn:
    """Nothing can be tested here: a failure where that was asked for."""
    if config.getoption("--docker") == "required":
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(scope="session")
def docker(pytestconfig: pytest.Config) -> Iterator[Docker]:
    if pytestconfig.getoption("--docker") is None:
        pytest.skip("run by `make docker-test`")
    try:
        with docker_daemon() as found:
            yield found
    except MissingError as reason:
        cannot(reason, pytestconfig)


@pytest.fixture(scope="session")
def default_base() -> str:
    (base,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", (REPOSITORY / "docker" / "Dockerfile").read_text(), re.MULTILINE)
    return str(base)


@pytest.fixture(scope="session")
def image(
    docker: Docker, default_base: str, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Image:
    try:
        base = find_base(docker, default_base)
    except MissingError as reason:
        cannot(reason, pytestconfig)
    checkout = copy_files(tmp_path_factory.mktemp("checkout"))
    for name in (".env", "data/planted.txt", "outputs/planted.txt", ".git/config", "ocr/planted.pem", "notes.txt"):
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text(PLANTED, encoding="utf-8")
    image = Image(docker, base, "receipt-ocr:test", checkout, "0123456789abcdef-test", 0.0)
    _, seconds = image.build()
    return Image(docker, base, image.name, checkout, image.revision, seconds)


@pytest.fixture(scope="session")
def smoke_volumes(tmp_path_factory: pytest.TempPathFactory) -> Volumes:
    """Empty volumes, that the first test fills with the default data."""
    folder = tmp_path_factory.mktemp("volumes")
    for part in (folder, *folder.parents[:2]):
        part.chmod(0o755)  # pytest's folders are its user's alone
    return Volumes(owned_folder(folder / "data"), owned_folder(folder / "outputs"))


@pytest.fixture
def volumes(smoke_volumes: Volumes, tmp_path: Path) -> Volumes:
    """The default data, and outputs of the test's own."""
    tmp_path.chmod(0o755)
    return Volumes(smoke_volumes.data, owned_folder(tmp_path / "outputs"))
