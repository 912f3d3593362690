"""Programs that end in plain words."""

from subprocess import CompletedProcess


def assert_refused(process: CompletedProcess[str], *said: str) -> None:
    """It ended with status 1 and without a traceback, and wrote all of this to the error stream."""
    assert process.returncode == 1, process.stdout
    assert "Traceback" not in process.stderr
    for text in said:
        assert text in process.stderr
