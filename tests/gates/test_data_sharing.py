"""A data set's way through a DVC remote, each step as a person does it. `make data-test` installs DVC and runs this."""

import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ocr.utils.data_pointer import read_pointer
from ocr.utils.digest import directory_digest, directory_entries
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("dvc") is None, reason="DVC is not installed: `make setup-data`"),
]

FILES = {"images/train/a.jpg": "one", "images/train/b.jpg": "two", "jsons/train.json": "{}"}
RUNNER = REPOSITORY_ROOT / "runners" / "data.py"


class Checkout:
    """A clone with its own data set; ``remote`` is a folder beside it."""

    def __init__(self, folder: Path, remote: Path) -> None:
        self.folder, self.remote = folder, remote
        self.data, self.cache = folder / "data", folder / ".dvc" / "cache" / "files" / "md5"
        self.environment = {**os.environ, "PYTHONPATH": str(REPOSITORY_ROOT), "HOME": str(folder.parent)}

    def run(self, *command: str | Path, status: int = 0) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def dvc(self, *arguments: str) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments)

    def make_data(self, *overrides: str, status: int = 0) -> str:
        return self.run(sys.executable, RUNNER, *overrides, status=status)

    def wipe(self) -> None:
        """As a new clone on another machine: no data, no cache."""
        for folder in (self.data, self.folder / ".dvc" / "cache", self.folder / ".dvc" / "tmp"):
            shutil.rmtree(folder, ignore_errors=True)

    def stored(self, store: Path, file: str) -> Path:
        """The object of a file of the data folder."""
        md5 = directory_entries(self.data)[file]
        return store / md5[:2] / md5[2:]


def damage(path: Path) -> None:
    path.chmod(0o644)
    path.write_text("damaged", encoding="utf-8")
    path.chmod(0o444)  # as DVC leaves its objects; it trusts them for that


def fill(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this repository's DVC files and a small recorded data set, and the remote that it was pushed to."""
    top = tmp_path_factory.mktemp("pushed")
    made = Checkout(top / "checkout", top / "remote")
    shutil.copytree(REPOSITORY_ROOT / ".dvc", made.folder / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    (made.folder / ".dvc" / "config.local").unlink(missing_ok=True)
    for name in (".dvcignore", ".gitignore"):
        shutil.copy(REPOSITORY_ROOT / name, made.folder)
    made.run("git", "init", "--quiet")
    fill(made.data, FILES)
    made.make_data("record=true")
    made.dvc("remote", "add", "--default", "store", "../remote")
    digest = str(read_pointer(made.folder / "data.dvc"))
    assert f"data: {digest} as in data.dvc" in made.make_data("push=true")
    return top


@pytest.fixture
def checkout(pushed: Path, tmp_path: Path) -> Checkout:
    shutil.copytree(pushed, tmp_path, dirs_exist_ok=True)
    return Checkout(tmp_path / "checkout", tmp_path / "remote")


def test_pushed_wiped_pulled_and_verified(checkout: Checkout) -> None:
    digest = str(read_pointer(checkout.folder / "data.dvc"))
    objects = [path for path in checkout.remote.rglob("*") if path.is_file()]
    assert len(objects) == len(FILES) + 1
    checkout.wipe()
    said = checkout.make_data()
    assert "no data/ yet: pulling it from the remote 'store'" in said
    assert f"data: {digest} as in data.dvc" in said
    assert directory_digest(checkout.data) == read_pointer(checkout.folder / "data.dvc").md5
    assert "up to date" in checkout.dvc("status")
    assert "pulling" not in checkout.make_data()


def test_a_damaged_cache_is_found_and_repaired(checkout: Checkout) -> None:
    damage(checkout.stored(checkout.cache, "images/train/b.jpg"))
    shutil.rmtree(checkout.data)
    said = checkout.make_data()
    assert "damaged objects removed from DVC's cache" in said
    assert "(images/train/b.jpg)" in said
    assert (checkout.data / "images/train/b.jpg").read_text(encoding="utf-8") == "two"


def test_a_damaged_cache_is_found_beside_data_that_are_as_recorded(checkout: Checkout) -> None:
    damaged = checkout.stored(checkout.cache, "images/train/b.jpg")
    damage(damaged)
    said = checkout.make_data()
    assert "damaged objects removed from DVC's cache and stored again" in said
    assert "(images/train/b.jpg)" in said
    assert damaged.read_text(encoding="utf-8") == "two"


def test_a_gate_does_not_repair_what_it_judges(checkout: Checkout) -> None:
    (checkout.data / "images/train/b.jpg").unlink()
    assert "data.dvc" in checkout.make_data("repair=false", status=1)
    assert not (checkout.data / "images/train/b.jpg").exists()


def test_a_damaged_list_in_the_cache_is_found_and_repaired(checkout: Checkout) -> None:
    md5 = read_pointer(checkout.folder / "data.dvc").md5
    damage(checkout.cache / md5[:2] / md5[2:])
    shutil.rmtree(checkout.data)
    checkout.make_data()
    assert directory_digest(checkout.data) == md5


def test_a_damaged_remote_is_named_and_a_good_checkout_mends_it(checkout: Checkout) -> None:
    damaged = checkout.stored(checkout.remote / "files" / "md5", "images/train/b.jpg")
    damage(damaged)
    kept = checkout.folder.with_name("kept")
    shutil.copytree(checkout.data, kept)
    checkout.wipe()
    said = checkout.make_data(status=1)
    assert "the remote 'store' holds 1 damaged objects" in said
    assert damaged.relative_to(checkout.remote).as_posix() in said
    assert "(images/train/b.jpg)" in said
    assert not checkout.data.exists(), "nothing damaged reaches the data folder"

    shutil.copytree(kept, checkout.data)
    damaged.unlink()
    md5 = read_pointer(checkout.folder / "data.dvc").md5
    (checkout.remote / "files" / "md5" / md5[:2] / md5[2:]).unlink()
    checkout.make_data("push=true")
    checkout.wipe()
    checkout.make_data()
    assert "up to date" in checkout.dvc("status")


def test_a_pull_that_could_not_end_goes_on(checkout: Checkout) -> None:
    lacking = checkout.stored(checkout.remote / "files" / "md5", "images/train/b.jpg")
    lacking.rename(checkout.folder / "aside")
    checkout.wipe()
    said = checkout.make_data(status=1)
    assert "`dvc fetch data.dvc` failed" in said
    fetched = {path.name for path in checkout.cache.rglob("*") if path.is_file()}
    assert len(fetched) == len(FILES) - 1
    (checkout.folder / "aside").rename(lacking)
    checkout.make_data()
    assert directory_digest(checkout.data) == read_pointer(checkout.folder / "data.dvc").md5


def test_a_checkout_that_was_interrupted_goes_on(checkout: Checkout) -> None:
    (checkout.data / "images/train/b.jpg").unlink()
    assert "data does not match data.dvc: pulling it" in checkout.make_data()
    assert (checkout.data / "images/train/b.jpg").read_text(encoding="utf-8") == "two"


@pytest.mark.parametrize(("signum", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_stopped_pull_goes_on(checkout: Checkout, signum: signal.Signals, status: int) -> None:
    random.seed(0)
    fill(checkout.data, {f"images/train/{number}.jpg": random.randbytes(2_000).hex() for number in range(1200)})
    checkout.make_data("record=true")
    checkout.make_data("push=true")
    checkout.wipe()
    pulling = subprocess.Popen(
        [sys.executable, RUNNER],
        cwd=checkout.folder,
        env=checkout.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: stored(checkout.cache) > 50, pulling)
    os.killpg(pulling.pid, signum)
    _, said = pulling.communicate()
    assert pulling.returncode == status, said
    assert ("stopped by SIGINT: nothing is left half written; start again with" in said) == (signum == signal.SIGINT)
    assert 50 < stored(checkout.cache) < 1200
    assert not checkout.data.exists()
    checkout.make_data()
    assert directory_digest(checkout.data) == read_pointer(checkout.folder / "data.dvc").md5
    assert "up to date" in checkout.dvc("status")


def stored(cache: Path) -> int:
    """The number of objects."""
    return sum(path.is_file() for path in cache.rglob("*"))


def test_changes_of_ones_own_are_not_lost(checkout: Checkout) -> None:
    (checkout.data / "jsons/train.json").write_text("mine", encoding="utf-8")
    said = checkout.make_data(status=1)
    assert "unsaved files" in said
    assert "data/jsons/train.json" in said
    assert (checkout.data / "jsons/train.json").read_text(encoding="utf-8") == "mine"


def test_a_remote_that_is_not_there_is_said(checkout: Checkout) -> None:
    checkout.wipe()
    shutil.rmtree(checkout.remote)
    assert "the remote 'store' does not hold" in checkout.make_data(status=1)
    checkout.dvc("remote", "default", "--unset")
    fill(checkout.data, FILES)
    assert "no DVC remote is set" in checkout.make_data("push=true", status=1)


def test_status_is_clean_in_a_clone_with_the_default_corpus(tmp_path: Path) -> None:
    """Without a remote, as a clone is: drawn (here copied, it is the same bytes), verified, and known to DVC."""
    corpus = REPOSITORY_ROOT / "data"
    if not corpus.is_dir():
        pytest.skip("no data/ here: `make data`")
    clone = Checkout(tmp_path / "clone", tmp_path / "none")
    subprocess.run(["git", "clone", "--quiet", REPOSITORY_ROOT, clone.folder], check=True)
    shutil.copytree(corpus, clone.data)
    assert "as in data.dvc" in clone.make_data()
    assert "up to date" in clone.dvc("status")
    assert clone.run("git", "status", "--porcelain") == ""


def test_ones_own_data_from_dvc_add_to_metrics_json(checkout: Checkout, tiny_data: Path) -> None:
    """docs/how-to/own-data.md, step by step."""
    shutil.copytree(tiny_data, checkout.folder / "mine")
    checkout.dvc("add", "mine")
    recorded = read_pointer(checkout.folder / "mine.dvc").md5
    assert "/mine" in (checkout.folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert recorded in checkout.make_data("root=mine", "push=true")
    train = REPOSITORY_ROOT / "runners" / "train.py"
    checkout.run(sys.executable, train, "debug=fast", "data.root=mine", "exp_name=mine", "skip_test=true")
    (metrics,) = (checkout.folder / "outputs" / "mine").glob("*/metrics.json")
    assert json.loads(metrics.read_text(encoding="utf-8"))["data"] == {"root": "mine", "md5": recorded}
    checkout.wipe()
    shutil.rmtree(checkout.folder / "mine")
    checkout.make_data("root=mine")
    assert directory_digest(checkout.folder / "mine") == recorded
