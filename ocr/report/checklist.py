"""Progress of long work on the terminal: the running step, one line for each finished one, a table of gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

COLOURS = {"passed": "green", "done": "green", "failed": "bold red", "skipped": "yellow"}


class Steps:
    """Shows the running step with its time and its last line, above it one line for each finished step.

    If stderr is not a terminal, only the lines of finished steps are printed.

    Args:
        total: number of steps.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[line]}"),
            console=self.console,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Steps:
        if self.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def started(self, name: str) -> Callable[[str], None]:
        """Show a step as running; the result shows a line beside it."""
        task = self._task = self._bar.add_task(f"[{self.done + 1}/{self.total}] {name}", total=None, line="")
        return lambda line: self._bar.update(task, line=escape(line[-100:]))

    def finished(self, step: Mapping[str, Any]) -> None:
        """Show the outcome of the step.

        Args:
            step: its name, status, figure and seconds, and its reason if it failed or was skipped.
        """
        if self._task is not None:
            self._bar.remove_task(self._task)
        self.done += 1
        status = step["status"]
        remark = escape(step.get("reason") or step["figure"])
        line = f"{step['seconds']:6.1f} s  [{COLOURS[status]}]{status:8}[/] {step['name']:13} {remark}"
        self.console.print(line, highlight=False, overflow="ellipsis", no_wrap=True)


def print_table(gates: Sequence[Mapping[str, Any]]) -> None:
    """Print gate, outcome, figure, limit and seconds.

    Args:
        gates: name, status, figure, limit, reason and seconds of each.
    """
    table = Table("gate", "outcome", "figure", "limit")
    table.add_column("s", justify="right")
    for gate in gates:
        remark = "; ".join(escape(part) for part in (gate["figure"], gate["reason"]) if part)
        outcome = f"[{COLOURS[gate['status']]}]{gate['status']}[/]"
        table.add_row(gate["name"], outcome, remark, escape(gate["limit"]), f"{gate['seconds']:.0f}")
    Console().print(table)
