"""Starts a revision's programs without the seconds that each would spend on importing its packages.

    python starter.py torch,cv2,hydra < requests

A request is a line of JSON: ``{"command": [script, argument, ...], "cwd", "env", "out", "err", "limit_s"}``. The
packages are imported once, nothing of the revision is; each request runs in a process forked from here, as ``python
script argument ...`` would. The answer is a line ``{"status", "seconds", "cpu"}``: the status as a shell shows
it, wall time, and that of processors.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import sitecustomize  # type: ignore[import-not-found]  # startup.py beside us, under the name that Python looks for

POLL_S = 0.005


def watch(child: int, limit_s: float) -> dict[str, Any]:
    """Wait for a process's end, with which all that it left in its session ends."""
    started = time.perf_counter()
    killed = False
    while not (ended := os.wait4(child, os.WNOHANG))[0]:
        if time.perf_counter() - started > limit_s and not killed:
            killed = True
            os.killpg(child, signal.SIGKILL)
        time.sleep(POLL_S)
    seconds = time.perf_counter() - started
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(ended[1])
    cpu = ended[2].ru_utime + ended[2].ru_stime
    return {"status": code if code >= 0 else 128 - code, "seconds": seconds, "cpu": cpu}


def become(request: dict[str, Any]) -> str:
    """In the forked process: files, folder, environment and arguments of the program; its script."""
    for descriptor, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags, 0o644)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.update(request["env"])
    del os.environ["PROVE_STARTER"]
    os.chdir(request["cwd"])
    script: str = request["command"][0]
    sys.argv[:] = request["command"]
    sys.path[0] = str(Path(script).parent)
    sitecustomize.start()
    return script


def main() -> str | None:
    """Serve requests; in the process that is to run one, its script."""
    for name in sys.argv[1].split(","):
        with contextlib.suppress(ImportError):  # another revision may have other packages
            importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setsid()
            return become(json.loads(line))
        print(json.dumps(watch(child, json.loads(line)["limit_s"])), flush=True)
    return None


def run(script: str) -> int:
    """Run a program to its end, as the interpreter does; its exit status."""
    status: Any = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        status = ended.code
    except BaseException as error:
        sys.excepthook(*sys.exc_info())
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    if status is None or isinstance(status, int):
        return status or 0
    print(status, file=sys.stderr)
    return 1


if __name__ == "__main__":
    asked = main()
    if asked:
        code = run(asked)
        threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter calls at its end
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 255)  # destructors of the packages' C++ would join threads that only the parent has
