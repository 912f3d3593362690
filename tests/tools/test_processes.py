import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ocr.utils.interruption import hold_signals
from patience import PATIENCE_S, wait_until
from tools.processes import last_lines, run


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def in_a_program(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a program of its own that calls `run`: it is small, and has no thread that a test before has started."""
    head = "import os, signal, sys\nfrom pathlib import Path\nfrom tools.processes import run\n"
    return subprocess.run(
        python(head + textwrap.dedent(code)),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_status_output_time_and_memory(tmp_path: Path) -> None:
    code = """
        program = "import sys; block = bytearray(200_000_000); print('out'); sys.stderr.write('err'); sys.exit(7)"
        done = run([sys.executable, "-c", program], cwd=Path(), stdout=Path("out"), stderr=Path("err"))
        print(done.status, done.seconds > 0, 200e6 < done.peak_memory < 400e6)
    """
    assert in_a_program(tmp_path, code).stdout == "7 True True\n"
    assert (tmp_path / "out").read_text() == "out\n"
    assert (tmp_path / "err").read_text() == "err"


def test_one_file_can_take_both_streams(tmp_path: Path) -> None:
    run(python("import sys; print('out', flush=True); sys.stderr.write('err')"), cwd=tmp_path, stdout=tmp_path / "log")
    assert (tmp_path / "log").read_text() == "out\nerr"


@pytest.mark.parametrize("new_session", [False, True])
def test_nothing_of_a_command_is_left(tmp_path: Path, new_session: bool) -> None:
    program = f"import subprocess; print(subprocess.Popen(['sleep', '86400'], start_new_session={new_session}).pid)"
    run(python(program), cwd=tmp_path, stdout=tmp_path / "log")
    child = int((tmp_path / "log").read_text())
    wait_until(lambda: not alive(child))


def alive(pid: int) -> bool:
    """Not gone, and no zombie that its new parent has not looked at yet."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_whose_time_is_over_is_killed(tmp_path: Path) -> None:
    done = run(["sleep", "86400"], cwd=tmp_path, stdout=tmp_path / "log", timeout_s=0.2)
    assert done.timed_out
    assert done.status == 128 + signal.SIGKILL


def test_a_held_signal_stops_us_and_kills_the_command(tmp_path: Path) -> None:
    code = """
        from ocr.utils.interruption import Stopped, hold_signals

        def tick():
            if Path("log").stat().st_size:
                os.kill(os.getpid(), signal.SIGTERM)

        hold_signals()
        program = "import os, time; print(os.getpid(), flush=True); time.sleep(86400)"
        try:
            run([sys.executable, "-c", program], cwd=Path(), stdout=Path("log"), tick=tick)
        except Stopped as stop:
            sys.exit(stop.exit_status)
    """
    assert in_a_program(tmp_path, code).returncode == 143
    assert not alive(int((tmp_path / "log").read_text()))


def test_a_command_has_the_signals_that_we_hold(tmp_path: Path) -> None:
    """SIGINT would never reach a program that inherited our mask and knows nothing of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    hold_signals()
    try:
        program = "import signal; print(*signal.pthread_sigmask(signal.SIG_BLOCK, []))"
        run(python(program), cwd=tmp_path, stdout=tmp_path / "log")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert (tmp_path / "log").read_text().strip() == ""


def test_last_lines_are_those_that_a_person_saw(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\n\n 10%\r 50%\r100%\nlast\n\n")
    assert last_lines(log, 2) == ["100%", "last"]
    assert last_lines(tmp_path / "none", 2) == []


def test_a_program_that_is_killed_leaves_nothing_of_its_command(tmp_path: Path) -> None:
    inner = (
        "import subprocess, time; print(subprocess.Popen(['sleep', '86400'], start_new_session=True).pid, flush=True)"
    )
    code = f"""
        run([sys.executable, "-c", {inner + "; time.sleep(86400)"!r}], cwd=Path(), stdout=Path("log"))
    """
    head = "import sys\nfrom pathlib import Path\nfrom tools.processes import run\n"
    program = subprocess.Popen(python(head + textwrap.dedent(code)), cwd=tmp_path)
    log = tmp_path / "log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"))
    child = int(log.read_text())
    program.kill()
    program.wait()
    wait_until(lambda: not alive(child))
