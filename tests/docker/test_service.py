"""The image's target `service`: without root, without a file that can be written, without a network."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers import Docker
from patience import PATIENCE_S, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.docker]

NAME = "receipt-ocr:test"
ASK = (
    "import sys, urllib.request as r; "
    "print(r.urlopen('http://127.0.0.1:8000/read?name=a.png', sys.stdin.buffer.read()).read().decode())"
)


@pytest.fixture
def serving(image) -> Iterator[str]:
    """A container that serves."""
    image.build("BUILD_ARGS=" + " ".join(
        ["--target service --progress plain", *(["--network host"] if image.docker.own else [])]),
        "IMAGE=receipt-ocr:test-service")  # fmt: skip
    options = ("--detach", "--read-only", "--cap-drop", "ALL", "--network", "none", "receipt-ocr:test-service")
    container = image.docker.says("run", *options, "serve", "--host", "0.0.0.0", "--without-key", "--workers", "1")
    yield container
    image.docker("rm", "--force", container)
    image.docker("image", "rm", "receipt-ocr:test-service")


def test_it_reads_without_root_a_writable_file_and_a_network(image, serving: str, tiny_data: Path) -> None:
    docker: Docker = image.docker

    def ready() -> bool:
        assert docker.says("inspect", "--format", "{{.State.Running}}", serving) == "true", docker.says("logs", serving)
        return "listening on http://0.0.0.0:8000" in docker.says("logs", serving)

    wait_until(ready, every_s=0.5)
    assert docker.says("exec", serving, "id", "-u") != "0"
    assert docker("exec", serving, "touch", "/app/a").returncode != 0
    assert docker("exec", serving, "python", "-c", "import torch").returncode != 0
    photo = tiny_data / "images" / "val" / "val_0.png"
    with photo.open("rb") as stream:
        command = f'{docker.client} exec --interactive {serving} python -c "{ASK}"'
        done = docker.command("sh", "-c", f"{command} < {photo}", folder=Path(stream.name).parent)
    assert list(json.loads(done.stdout)["images"]) == ["a.png"], done.stdout
    docker.says("stop", "--time", f"{PATIENCE_S:.0f}", serving)
    assert docker.says("inspect", "--format", "{{.State.ExitCode}}", serving) == "143", docker.says("logs", serving)


def test_without_a_key_or_the_switch_it_does_not_start(image, serving: str) -> None:  # noqa: ARG001 - builds it
    refused = image.run("receipt-ocr:test-service")
    assert refused.returncode == 1
    assert "give --key-file, or --without-key" in refused.stdout
