"""The reports of data checks that are kept in a folder of runs, and checks that are started to make one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ocr.checks.kinds import Severity
from ocr.pipeline.jobs import setting, start_job
from ocr.pipeline.run_files import read_text
from ocr.utils.run_record import read_json
from ocr.utils.runs import STAMPS, run_folder

REPORT, PAGE = "report.json", "report.html"
LOG = "console.txt"
"""What a check that was started here prints."""
OF = "input.txt"
"""What it checks."""
FOLDER = "check"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A report.

    Attributes:
        folder: where it is.
        made: local time of its file.
        content: as `ocr.checks.result.CheckResult.write` writes it.
    """

    folder: Path
    made: datetime
    content: Mapping[str, Any]

    @property
    def severities(self) -> dict[str, Any]:
        """The number of findings of each severity, as the file says it; other programs may have written that."""
        return {severity: self.content["severities"].get(severity, 0) for severity in Severity}

    @property
    def page(self) -> str:
        """The HTML page with the pictures; empty if it is missing."""
        path = self.folder / PAGE
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def reports_of(runs: Path, data: Path) -> list[CheckReport]:
    """The reports on a data folder, the latest first.

    Args:
        runs: folder of the runs, each report being in ``<runs>/<name>/<date>_<time>/``.
        data: the data folder; one that a report names is relative to the folder that holds ``runs``, or absolute.
    """
    found = []
    for path in runs.glob(f"*/*/{REPORT}"):
        content = read_json(path)
        of = content.get("input")
        whole = all(isinstance(content.get(name), dict) for name in ("kinds", "severities"))
        if isinstance(of, str) and whole and same(runs, of, data):
            found.append(CheckReport(path.parent, datetime.fromtimestamp(path.stat().st_mtime), content))
    return sorted(found, key=lambda report: report.made, reverse=True)


def same(runs: Path, of: str, data: Path) -> bool:
    """Whether a report's ``input`` is this data folder."""
    return os.path.realpath(runs.absolute().parent / of) == os.path.realpath(data)


def start_check(runs: Path, data: Path) -> Path:
    """Start a check of all splits.

    Returns:
        Its log, beside which the report will be.

    Raises:
        InputError: it cannot be started.
    """
    folder = Path(run_folder(str(runs.absolute() / FOLDER), None, datetime.now().strftime(STAMPS[0])))
    settings = [setting("input", data.absolute()), setting("hydra.run.dir", folder), "hydra.output_subdir=null"]
    start_job("check", folder / LOG, settings, Path.cwd())
    (folder / OF).write_text(os.path.realpath(data), encoding="utf-8")
    return folder / LOG


def latest_log(runs: Path, data: Path) -> Path | None:
    """The log of the check of a data folder that was started last, by whichever console.

    Its report is beside it once it has ended.
    """
    of = os.path.realpath(data)
    return max((log for log in runs.glob(f"{FOLDER}/*/{LOG}") if read_text(log.with_name(OF)) == of), default=None)
