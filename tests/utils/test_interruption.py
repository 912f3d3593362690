"""Signals wait until they are asked for. In processes of their own: a mask stays with the thread."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ocr.utils.interruption import Stopped, pending_stop
from patience import PATIENCE_S


def run(code: str) -> subprocess.CompletedProcess[str]:
    source = "import os, signal\nfrom ocr.utils.interruption import *\n" + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_held_signal_waits_and_is_told_once(name: str) -> None:
    done = run(
        f"""
        hold_signals()
        os.kill(os.getpid(), signal.{name})
        print("still here")
        print(pending_stop() == signal.{name}, pending_stop())
        """
    )
    assert (done.returncode, done.stdout) == (0, "still here\nTrue 0\n"), done.stderr


def test_threads_and_children_hold_them_too() -> None:
    done = run(
        """
        import subprocess, sys, threading
        hold_signals()
        thread = threading.Thread(target=lambda: print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ()))))
        thread.start()
        thread.join()
        child = "import os, signal; os.kill(os.getpid(), signal.SIGTERM); print('child is here')"
        print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout, end="")
        """
    )
    assert done.stdout.endswith("child is here\n"), done.stderr
    assert "SIGINT" in done.stdout
    assert "SIGTERM" in done.stdout


def test_what_the_parent_ignored_stays_ignored() -> None:
    done = run(
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        hold_signals()
        os.kill(os.getpid(), signal.SIGINT)
        print(pending_stop())
        """
    )
    assert done.stdout == "0\n"


def test_nothing_is_held_without_being_asked() -> None:
    assert pending_stop() == 0
    done = run("os.kill(os.getpid(), signal.SIGTERM)")
    assert done.returncode == -signal.SIGTERM


def test_what_stops_a_run_passes_except_exception() -> None:
    done = run(
        """
        hold_signals()
        os.kill(os.getpid(), signal.SIGINT)
        try:
            try:
                raise Stopped(pending_stop(), done="half of it done")
            except Exception:
                print("swallowed")
        except Stopped as stop:
            print(stop, stop.exit_status)
        """
    )
    assert done.stdout == "stopped by SIGINT: half of it done 130\n"


def test_the_exit_status_is_what_shells_expect() -> None:
    assert Stopped(signal.SIGTERM, Path("last.ckpt"), "saved").exit_status == 143


def test_children_that_hold_the_signals_are_ended() -> None:
    done = run(
        """
        import multiprocessing, time
        hold_signals()
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,), daemon=True)
        child.start()
        child.terminate()
        child.join(0.5)
        print(child.is_alive())
        end_children()
        print(child.is_alive())
        """
    )
    assert (done.returncode, done.stdout) == (0, "True\nFalse\n"), done.stderr
