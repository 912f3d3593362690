"""The image is built, trained in, stopped and gone on with, without a network: `make docker-test`, in this order."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from containers import CODE
from patience import PATIENCE_S, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.docker]

OWNER, PLANTED = 1234, "planted-secret-0123456789"  # as in conftest.py
SHORT = ("skip_test=true", "trainer.max_epochs=1", "trainer.limit_val_batches=1")


def metrics(outputs: Path) -> dict[str, Any]:
    (path,) = outputs.glob("*/*/metrics.json")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def owners(folder: Path) -> set[tuple[int, int]]:
    stats = [path.lstat() for path in (folder, *folder.rglob("*"))]
    return {(stat.st_uid, stat.st_gid) for stat in stats}


def test_it_says_what_it_is(image):
    (config,) = json.loads(image.docker.says("image", "inspect", image.name, "--format", "[{{json .Config}}]"))
    assert config["Labels"]["org.opencontainers.image.revision"] == image.revision
    assert config["Labels"]["org.opencontainers.image.base.name"] == image.base
    assert config["User"] == f"{OWNER}:{OWNER}"
    assert set(config["Volumes"]) == {"/app/data", "/app/outputs"}
    size = int(image.docker.says("image", "inspect", image.name, "--format", "{{.Size}}"))
    print(f"image: {size / 1e9:.2f} GB on {image.base}, built in {image.seconds:.0f} s")


def test_nothing_but_the_code_is_in_it(image):
    listed = image.run(image.name, "find", "/app", "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\n")
    assert set(listed.stdout.split()) == {*CODE, ".venv", "data", "outputs"}
    searched = image.run(image.name, "grep", "-rls", "--exclude-dir=.venv", PLANTED, "/app", "/home", "/etc")
    assert searched.stdout == ""
    there = image.run(image.name, "sh", "-c", "ls -A /run/secrets /etc/pip.conf /etc/uv /root 2>/dev/null; true")
    assert not {"pip.conf", "uv.toml", "ca-certificates"} & set(there.stdout.split())
    environment = image.docker.says("image", "inspect", image.name, "--format", "{{json .Config.Env}}")
    assert not re.search(r"proxy|index|secret|token|://", environment, re.IGNORECASE)
    writable = image.run(image.name, "find", "/app", "-xdev", "-writable", "-not", "-type", "l")
    assert set(writable.stdout.split()) <= {"/app/data", "/app/outputs"}


def test_the_environment_is_the_locks(image):
    lock = (image.checkout / "requirements" / "base.lock").read_text(encoding="utf-8")
    pins = {(name, Version(version)) for name, version in re.findall(r"^([\w.-]+)==([^ \\;]+)", lock, re.MULTILINE)}
    script = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()))"
    told = image.run(image.name, "python", "-c", script).stdout.split()
    there = {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in (pin.split("==") for pin in told)}
    assert len(there) > 50
    others = {name for name, version in there if (name, Version(version.split("+")[0])) not in pins}
    assert others <= {"pip", "setuptools", "uv"}


def test_the_smoke_training_runs_as_the_hosts_user(image, smoke_volumes):
    """By default, on an empty data volume: the data are made there."""
    done = image.run("--shm-size", "1g", *smoke_volumes.options, image.name, timeout_s=PATIENCE_S)
    assert done.returncode == 0, done.stdout[-4000:]
    content = metrics(smoke_volumes.outputs)
    assert content["git_revision"] == image.revision
    assert content["data"]["md5"] in (image.checkout / "data.dvc").read_text(encoding="utf-8")
    assert owners(smoke_volumes.data) == owners(smoke_volumes.outputs) == {(OWNER, OWNER)}
    assert sorted(path.name for path in smoke_volumes.data.iterdir()) == ["images", "jsons"]


def test_docker_stop_saves_and_the_same_command_goes_on(image, volumes):
    command = ("python", "runners/train.py", "exp_name=stopped", *SHORT, "trainer.limit_train_batches=16",
               "resume_points.every_n_steps=1", "resume=auto")  # fmt: skip
    options = ("--shm-size", "1g", *volumes.options, image.name, *command)
    container = image.docker.says("run", "--detach", "--network", "none", *options)
    wait_until(lambda: list(volumes.outputs.glob("stopped/*/checkpoints/last.ckpt")))
    image.docker.says("stop", "--time", f"{PATIENCE_S:.0f}", container)
    log = image.docker.says("logs", container)
    assert image.docker.says("inspect", "--format", "{{.State.ExitCode}}", container) == "143", log
    image.docker.says("rm", container)
    (line,) = [line for line in log.splitlines() if line.startswith("stopped by SIGTERM: ")]
    assert "continue with: .venv/bin/python runners/train.py" in line or "continue with: python" in line
    assert not list(volumes.outputs.rglob("metrics.json"))

    resumed = image.run(*options)
    assert resumed.returncode == 0, resumed.stdout[-4000:]
    assert metrics(volumes.outputs)["resumed_from"].endswith("last.ckpt")
    assert len(list((volumes.outputs / "stopped").iterdir())) == 1
    assert owners(volumes.outputs) == {(OWNER, OWNER)}


def test_too_little_shared_memory_is_said_with_the_remedy(image, volumes):
    """64 MB is what a container has by itself; what the message asks for is enough."""
    command = (image.name, "python", "runners/train.py", *SHORT, "trainer.limit_train_batches=6")
    refused = image.run("--shm-size", "64m", *volumes.options, *command)
    assert refused.returncode == 1
    assert "InputError: /dev/shm: 64 MB of 64 MB are free, data.num_workers=2 needs up to" in refused.stdout
    assert "--shm-size=1g" in refused.stdout
    assert "Traceback" not in refused.stdout
    (need,) = re.findall(r"needs up to (\d+) MB", refused.stdout)
    enough = image.run("--shm-size", f"{need}m", *volumes.options, *command)
    assert enough.returncode == 0, enough.stdout[-4000:]
    none = image.run("--shm-size", "1m", *volumes.options, *command, "data.num_workers=0", "trainer.max_steps=1")
    assert none.returncode == 0, none.stdout[-4000:]


def test_the_service_is_in_another_image(image):
    refused = image.run(image.name, "serve", "--host", "0.0.0.0")
    assert (refused.returncode, "Traceback" in refused.stdout) == (2, False)
    assert "make docker-service builds receipt-ocr:service" in refused.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a folder to another user needs root")
def test_any_user_can_be_chosen_when_it_is_run(image, volumes):
    command = (image.name, "python", "-c", "open('outputs/a', 'w')")
    refused = image.run("--user", "4321:4321", *volumes.options, *command)
    assert refused.returncode == 1
    assert f"/app/outputs cannot be written by user 4321:4321, it belongs to {OWNER}:{OWNER}" in refused.stdout
    os.chown(volumes.outputs, 4321, 4321)
    done = image.run("--user", "4321:4321", *volumes.options, *command)
    assert done.returncode == 0, done.stdout
    assert (volumes.outputs / "a").stat().st_uid == 4321


def test_with_gpus_the_training_uses_them(image, volumes):
    if "nvidia" not in image.docker.says("info", "--format", "{{json .Runtimes}}"):
        pytest.skip("the daemon has no NVIDIA runtime")
    command = (image.name, "python", "runners/train.py", *SHORT, "trainer.limit_train_batches=2", "trainer=gpu")
    done = image.run("--gpus", "all", "--shm-size", "8g", *volumes.options, *command)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_code_change_rebuilds_the_last_layer_alone(image):
    def layers() -> list[str]:
        return list(
            json.loads(image.docker.says("image", "inspect", image.name, "--format", "{{json .RootFS.Layers}}"))
        )

    before = layers()
    with (image.checkout / "ocr" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")  # other tests build from the same files
    output, seconds = image.build()
    print(f"after a code change: built in {seconds:.1f} s")
    changed = [here != there for here, there in zip(before, layers(), strict=True)]
    assert changed == [False] * (len(before) - 1) + [True]
    assert "install.py" not in "".join(re.findall(r"^#\d+ \d+\.\d+ .*$", output, re.MULTILINE))


def test_the_dev_container_has_the_tools(image):
    """The development stage with a checkout mounted over it and the environment's volume, as .devcontainer does it."""
    image.build("IMAGE=receipt-ocr:test-development", "BUILD_ARGS=" + " ".join(
        ["--target development --progress plain", *(["--network host"] if image.docker.own else [])]))  # fmt: skip
    mounts = ("--volume", f"{image.checkout}:/app", "--volume", "/app/.venv")
    image.checkout.chmod(0o755)
    script = "git --version && ruff --version && mypy --version && make --dry-run lint && touch .venv/here"
    done = image.run(*mounts, "receipt-ocr:test-development", "sh", "-c", script)
    assert done.returncode == 0, done.stdout
    assert "ruff check ." in done.stdout
    assert "install.py" not in done.stdout
    image.docker("image", "rm", "receipt-ocr:test-development")
