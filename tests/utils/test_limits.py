"""A number that would take all memory or all processes is told before anything is done."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from ocr.types import InputError
from ocr.utils.limits import COUNTS, SHARES, SWITCHES, available_cores, check_settings, named, worker_count
from ocr.utils.path_utils import CONFIG_DIR


def test_every_configuration_is_within_the_limits() -> None:
    found = set()
    for path in CONFIG_DIR.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        check_settings(yaml.safe_load(text))
        found |= {name for name in (*COUNTS, *SHARES) if f"{name}:" in text}
    assert found == {*COUNTS, *SHARES}, "each limit is some setting's"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"folds": 3_000_000_000}, "folds=3000000000: must be a whole number from 0 to 10000"),
        ({"data": {"num_workers": -1}}, "data.num_workers=-1: must be"),
        ({"data": {"num_workers": 10**9}}, "data.num_workers=1000000000: must be"),
        ({"data": {"num_workers": 2.5}}, "data.num_workers=2.5: must be"),
        ({"data": {"num_workers": float("inf")}}, "data.num_workers=inf: must be"),
        ({"data": {"num_workers": True}}, "data.num_workers=True: must be"),
        ({"data": {"num_workers": "many"}}, "data.num_workers=many: must be"),
        ({"threads": 0}, "threads=0: must be a whole number from 1 to 1024"),
        ({"workers": 3000}, "workers=3000: must be"),
        ({"train": 10**400}, "train=10000"),
        ({"a": [{"copies": 10**9}]}, "a.0.copies=1000000000: must be"),
    ],
)
def test_a_number_beyond_them_is_told(config: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        check_settings(config)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 200


def test_words_and_nothing_are_for_who_reads_them() -> None:
    check_settings({"workers": "auto", "devices": "0,1", "threads": None, "test": {"name": "x"}, "other": 10**9})


HANDED_ON = {"auto_insert_metric_name", "benchmark", "delay", "deterministic", "enable_model_summary", "save_last"}
HANDED_ON |= {"_partial_", "enable_version_counter", "use_distributed_sampler"}
"""What is on or off in libraries, which check it themselves or have further words for it."""


def test_every_setting_that_is_on_or_off_is_known() -> None:
    found = {"half"}  # with a default of its own for each network
    for path in CONFIG_DIR.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        check_settings(config := yaml.safe_load(text))
        every = re.findall(r"\w+", text)
        found |= {key.rsplit(".", 1)[-1] for key, value in named(config, every) if isinstance(value, bool)}
    assert found - HANDED_ON == SWITCHES


@pytest.mark.parametrize("value", ["no", "off", "True", 1, 0.0])
def test_a_switch_is_true_or_false(value: object) -> None:
    check_settings({"overwrite": True, "half": None, "a": [{"enabled": False}], "csv": {"save_dir": "no"}})
    with pytest.raises(InputError, match=rf"^a\.0\.overwrite={value}: must be true or false$"):
        check_settings({"a": [{"overwrite": value}]})


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan"), True, "many"])
def test_a_share_is_a_number_from_0_to_1(value: object) -> None:
    check_settings({"korean": 1, "latin_kept": 0.4, "lost": 0.0, "a": [{"worst": None}]})
    with pytest.raises(InputError, match=rf"^data\.draw\.latin_kept={value}: must be a number from 0 to 1$"):
        check_settings({"data": {"draw": {"latin_kept": value}}})


def test_workers_are_a_number_or_auto() -> None:
    assert (worker_count("auto"), worker_count(3), worker_count("3")) == (available_cores(), 3, 3)
    for value in ("many", "-1", "3000000000", "1.5"):
        with pytest.raises(InputError, match=f"workers={value}: must be"):
            worker_count(value)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no sched_setaffinity (Linux)")
def test_it_counts_those_that_the_process_may_use() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{core}]); import ocr.utils.limits as l; print(l.available_cores())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
