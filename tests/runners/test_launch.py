"""Near names of misspelt overrides, input errors in plain words, nothing written over."""

import io
import os
import pwd
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from omegaconf import OmegaConf
from PIL import Image

from ocr.images.header import read_header
from ocr.types import InputError
from ocr.utils.arguments import flat_keys, home, quoted
from ocr.utils.whole_file import new_file
from runners.launch import instantiate_enabled, near_names, plain_errors, prepare


@pytest.mark.parametrize(
    ("override", "near"),
    [
        ("trainer.max_epoch=1", "trainer.max_epochs"),
        ("max_epochs=1", "trainer.max_epochs"),
        ("data.batchsize=2", "data.batch_size"),
        ("exp_nme=a", "exp_name"),
        ("optimizer.lr=1", "optimiser.lr"),
    ],
)
def test_near_names(override: str, near: str) -> None:
    (line,) = near_names("train", [override, "seed=3", "+trainer.new=1", "model=dbnet_resnet18"])
    assert near in line
    assert override.split("=", maxsplit=1)[0] in line


def test_a_path_without_a_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b c.jpg").touch()
    monkeypatch.chdir(tmp_path)
    (hint,) = near_names("read", ["input=a.jpg", "b c.jpg", "d.jpg", "output=read"])
    assert hint == "'b c.jpg' is not KEY=VALUE; quote a glob: 'input=photos/*.jpg'"


def test_flat_keys() -> None:
    assert list(flat_keys({"a": {"b": 1, "c": {}}, "d": 2})) == ["a", "a.b", "a.c", "d"]


def test_input_errors_end_without_traceback_and_others_do_not() -> None:
    def wrong(_: object) -> None:
        raise InputError("a.json: bad")

    def broken(_: object) -> None:
        raise ValueError("a bug")

    with pytest.raises(SystemExit, match=r"InputError: a\.json: bad"):
        plain_errors(wrong)(OmegaConf.create({}))
    with pytest.raises(ValueError, match="a bug"):
        plain_errors(broken)(OmegaConf.create({}))
    with pytest.raises(SystemExit, match=r"input= must be given"):
        plain_errors(broken)(OmegaConf.create({"input": "???"}))


def test_new_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert new_file(path, overwrite=False) == path
    path.touch()
    assert new_file(path, overwrite=True) == path
    with pytest.raises(InputError, match="overwrite=true"):
        new_file(path, overwrite=False)
    with pytest.raises(InputError, match="is a folder"):
        new_file(tmp_path, overwrite=True)


def test_only_what_is_enabled_is_made() -> None:
    group = OmegaConf.create(
        {
            "on": {"enabled": True, "spec": {"_target_": "pathlib.PurePosixPath", "_args_": ["a"]}},
            "off": {"enabled": False, "spec": {"_target_": "no.such.thing"}},
        }
    )
    assert [str(made) for made in instantiate_enabled(group)] == ["a"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("include=*[16]", "*[16]"),
        ("include=a b, c=d", "a b, c=d"),
        ("include=it's", "it's"),
        (r"include=C:\photos\x", r"C:\photos\x"),
        ("include='quoted [already]'", "quoted [already]"),
        ("include=null", None),
        ("include=", ""),
        ("include=${oc.env:HOME}", "${oc.env:HOME}"),
        ("include=17", "17"),
        ("include=~*", "~*"),
        ("include=a\\", "a\\"),
        ("include=a\\'b", "a\\'b"),
        ("include='tis", "'tis"),
        ("include='", "'"),
        ('include="a" b', '"a" b'),
        ("include=-a,{b}=[c]", "-a,{b}=[c]"),
        ("output_dir=my runs, new", "my runs, new"),
        ("hydra.run.dir=a=b", "a=b"),
    ],
)
def test_paths_and_globs_are_taken_as_they_are_typed(typed: str, value: str | None) -> None:
    override = OverridesParser.create().parse_override(quoted(typed, ("include",)))
    parsed = override.value()
    assert (parsed.text if isinstance(parsed, QuotedString) else parsed) == value


def test_other_keys_keep_hydras_grammar() -> None:
    for argument in ("other=[1,2]", "--help", "include", "~include", "+include=[1]"):
        assert quoted(argument, ("include",)) == argument


def test_what_pillow_says_of_odd_metadata_does_not_reach_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (5, 4)).save(stream, "TIFF")
    width = bytes.fromhex("0001 0400 01000000")  # the tag, of four bytes, once
    odd = stream.getvalue().replace(width, bytes.fromhex("0001 0300 02000000"))  # two values where one is meant
    assert odd != stream.getvalue()
    monkeypatch.setattr(sys, "argv", ["check.py"])
    for silent in (False, True):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            if silent:
                prepare((), stoppable=False)
            read_header(odd, "a.tiff")
        assert bool(told) is not silent


@pytest.mark.parametrize(
    "key", ["data.root", "output_dir", "hydra.run.dir", "callbacks.checkpoint.spec.dirpath", "+new"]
)
@pytest.mark.parametrize(
    ("typed", "meant"), [("~/it's", "/home/me/it's"), ("~", "/home/me"), ("'~/a b'", "/home/me/a b")]
)
def test_a_home_folder_is_one_whatever_the_shell(
    key: str, typed: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    parsed = OverridesParser.create().parse_override(quoted(f"{key}={typed}", ("data.root",))).value()
    assert parsed == meant


def test_home_folders_of_users_and_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert home("~root/x") == f"{pwd.getpwnam('root').pw_dir}/x"
    assert home("a~") == "a~"
    monkeypatch.setattr(sys, "argv", ["predict.py", "input=~nobody-of-that-name/x"])
    with pytest.raises(SystemExit, match=r"~nobody-of-that-name/x: there is no user 'nobody-of-that-name'; write \./~"):
        prepare(("input",), stoppable=False)


def test_home_folders_in_configuration_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    cfg = OmegaConf.create(
        {"data": {"root": "~/mine"}, "models": ["~/a.onnx", "b"], "include": "~*", "to": "???", "same": "${data.root}"}
    )
    seen = []
    plain_errors(lambda cfg: seen.append(OmegaConf.to_container(cfg, resolve=True)))(OmegaConf.merge(cfg, {"to": "~"}))
    assert seen == [
        {
            "data": {"root": "/home/me/mine"},
            "models": ["/home/me/a.onnx", "b"],
            "include": "~*",
            "to": "/home/me",
            "same": "/home/me/mine",
        }
    ]


def test_line_ends_of_windows_are_no_part_of_an_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["predict.py", "input=a b\r", "csv=true\r"])
    assert prepare(("input",), stoppable=False) == ["predict.py", "input=a b", "csv=true"]
    assert sys.argv == ["predict.py", "input='a b'", "csv=true"]


@pytest.mark.parametrize("last", ["output=~/made", "output=~/made\r", "output='~/made'"])
def test_no_folder_is_called_tilde(tmp_path: Path, last: str) -> None:
    """Through a real entry point, as a service manager starts it: no shell has looked at the arguments."""
    runner = Path(__file__).resolve().parents[2] / "runners" / "synthesize.py"
    command = [sys.executable, str(runner), "train=1", "val=0", "test=0", "workers=0", last]
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        command,
        check=False,
        cwd=tmp_path / "work",
        env={**os.environ, "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "made" / "jsons" / "train.json").is_file()
    assert list((tmp_path / "work").iterdir()) == []


def test_near_names_are_those_of_the_chosen_group() -> None:
    (hint,) = near_names("test", ["postprocess=beam", "postprocess.langage_weight=1"])
    assert "postprocess.language_weight" in hint
    (hint,) = near_names("test", ["postprocess=beem", "postprocess.box_tresh=1"])
    assert "postprocess.box_thresh" in hint
