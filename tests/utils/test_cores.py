"""How many cores this program may use."""

import os
import subprocess
import sys

import pytest

from ocr.utils.cores import available_cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no sched_setaffinity (Linux)")
def test_it_counts_those_that_the_process_may_use():
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{core}]); import ocr.utils.cores as c; print(c.available_cores())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
