"""A Docker client and daemon for the tests of the image: the one that answers, else one of our own."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from patience import PATIENCE_S, wait_until

PREFIX, LOCK = "docker-test-", "lock"
"""What the names of our daemons' folders begin with, and the file in each that the tests hold while they run."""

DAEMON_OPTIONS = ("--storage-driver", "overlay2", "--iptables=false", "--bridge=none")
"""What a daemon needs that may change nothing in the machine's network; its builds use the machine's own."""

NEED_GB = 37
"""What a daemon of our own needs at once: the layers, the build's cache and a copy of the environment as a volume.
Measured were 35."""

PULL_S = 300.0
"""Seconds that the default base may take to come; then another one is made."""

CODE = {"LICENSE", "configs", "data.dvc", "docker", "ocr", "requirements", "runners", "weights"}
"""What of a checkout is in the image."""


class MissingError(Exception):
    """Why nothing can be tested here."""


@dataclass(frozen=True)
class Docker:
    """A client that speaks to one daemon.

    Attributes:
        client: path of the program.
        own: the daemon is ours: it has no network but the machine's.
        host: what DOCKER_HOST is for it, empty for the default.
    """

    client: str
    own: bool = False
    host: str = ""
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        hosts = {"DOCKER_HOST": self.host} if self.host else {}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        object.__setattr__(self, "environment", {**kept, **hosts, "DOCKER_BUILDKIT": "1"})

    def __call__(self, *arguments: str | Path, timeout_s: float = PATIENCE_S) -> subprocess.CompletedProcess[str]:
        """Run the client; its output is both streams together."""
        return self.command(self.client, *arguments, timeout_s=timeout_s)

    def command(
        self, *command: str | Path, folder: Path | None = None, timeout_s: float = PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """Run any program that uses the client, ``make`` for one."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def says(self, *arguments: str | Path) -> str:
        """What the client prints; it must succeed."""
        done = self(*arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def answers(self) -> bool:
        """There is a daemon."""
        return self("version", "--format", "{{.Server.Version}}").returncode == 0


def find_client() -> str:
    """A client that builds with BuildKit: from 18.09 to 22 by itself, later ones with the plugin buildx.

    Raises:
        MissingError: there is none.
    """
    folders = os.environ.get("PATH", "").split(os.pathsep)
    clients = [os.environ["DOCKER"]] if "DOCKER" in os.environ else [f"{folder}/docker" for folder in folders]
    for client in clients:
        if shutil.which(client) is None:
            continue
        if subprocess.run([client, "buildx", "version"], capture_output=True, check=False).returncode == 0:
            return client
        told = subprocess.run([client, "--version"], capture_output=True, text=True, check=False).stdout
        if 18 < int("".join(filter(str.isdigit, told.split(".")[0])) or 0) < 23:
            return client
    raise MissingError("no docker client that can build with BuildKit is on the PATH (docker with its plugin buildx)")


@contextlib.contextmanager
def docker_daemon() -> Iterator[Docker]:
    """The daemon that answers, else one that is started, and ended with what it held.

    ``DOCKER_TEST_ROOT`` is the folder of the started one (about 35 GB); it is kept then, and so are the layers.

    Raises:
        MissingError: there is no client, no daemon answers and none may be started, or the disk is too full for one.
    """
    client = find_client()
    docker = Docker(client)
    if docker.answers():
        yield docker
        return
    if os.geteuid() != 0:
        raise MissingError("no Docker daemon answers, and starting one needs root")
    if shutil.which("dockerd") is None:
        raise MissingError("no Docker daemon answers, and dockerd is not installed (Debian's package docker.io has it)")
    kept, temporary = os.environ.get("DOCKER_TEST_ROOT"), Path(tempfile.gettempdir())
    remove_leftovers(temporary)
    with contextlib.ExitStack() as stack:
        run = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX)))
        lock = stack.enter_context((run / "new").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        (run / "new").rename(run / LOCK)  # nobody sees it before it is held
        docker = Docker(client, own=True, host=f"unix://{run}/socket")
        root = Path(kept) if kept else run / "root"
        if not root.is_dir() or not any(root.iterdir()):
            place = root.resolve() if kept else temporary
            check_disk(next(each for each in (place, *place.parents) if each.exists()))
        stack.enter_context(started_daemon(docker, root, run))
        yield docker


def check_disk(folder: Path, need_gb: int = NEED_GB) -> None:
    """Check that a daemon's files fit on a disk; otherwise building fails after ten minutes.

    Args:
        folder: a folder on the disk.
        need_gb: what they need, in units of 10^9 bytes.

    Raises:
        MissingError: less is free.
    """
    free_gb = int(shutil.disk_usage(folder).free / 1e9)
    if free_gb < need_gb:
        raise MissingError(
            f"{folder}: {free_gb} GB are free, the images need {need_gb}: free some space, or name a folder on another"
            " disk (DOCKER_TEST_ROOT=)"
        )


def remove_leftovers(folder: Path) -> None:
    """End and remove, as far as possible, the daemons of tests that were killed: tens of gigabytes each."""
    for lock in folder.glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # those that run hold it
            end_daemon(lock.parent)
            shutil.rmtree(lock.parent, ignore_errors=True)


def end_daemon(run: Path) -> None:
    """End the daemon of a folder, if there still is one, and so its containers."""

    def is_there() -> bool:
        with contextlib.suppress(OSError):
            return str(run).encode() in Path(f"/proc/{daemon}/cmdline").read_bytes()  # another's, if not
        return False

    with contextlib.suppress(OSError, ValueError):
        daemon = int((run / "pid").read_text())
        if is_there():
            os.kill(daemon, signal.SIGTERM)
            wait_until(lambda: not is_there())


@contextlib.contextmanager
def started_daemon(docker: Docker, root: Path, run: Path) -> Iterator[None]:
    """A daemon for a client, with its files below two folders.

    Raises:
        MissingError: it ended, or never answered; the message has the end of its log.
    """
    with (run / "log").open("w") as log:
        command = ["dockerd", *DAEMON_OPTIONS, "--host", docker.host, "--data-root", str(root)]
        command += ["--exec-root", str(run / "exec"), "--pidfile", str(run / "pid")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        try:
            wait_until(docker.answers, process, every_s=0.5)
        except AssertionError as error:
            raise MissingError(f"dockerd: {error}: {(run / 'log').read_text()[-600:]}") from None
        yield
    finally:
        process.terminate()
        process.wait()


def find_base(docker: Docker, default: str) -> str:
    """The image to build on: ``BASE_IMAGE``, else the default where it can be had, else one made with debootstrap.

    Raises:
        MissingError: there is none.
    """
    if os.environ.get("BASE_IMAGE"):
        return os.environ["BASE_IMAGE"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        if docker("pull", "--quiet", default, timeout_s=PULL_S).returncode == 0:
            return default
    suite = os.environ.get("DEBOOTSTRAP_SUITE", "bookworm")
    name = f"receipt-ocr-base:{suite}"
    if docker("image", "inspect", name).returncode == 0:
        return name
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise MissingError(
            f"{default} cannot be pulled, and making another base needs root and debootstrap (or BASE_IMAGE=)"
        )
    with tempfile.TemporaryDirectory(prefix="docker-base-") as folder:
        tree, archive = Path(folder, "tree"), Path(folder, "base.tar")
        made = docker.command("debootstrap", "--variant=minbase", suite, tree)
        if made.returncode:
            raise MissingError(f"{default} cannot be pulled, and debootstrap failed: {made.stdout[-600:]}")
        packed = docker.command("tar", "--create", "--file", archive, "--directory", tree, ".")
        assert packed.returncode == 0, packed.stdout
        docker.says("import", archive, name)
    return name
