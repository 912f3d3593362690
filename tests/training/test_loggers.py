"""Logs that go on after a stop: nothing lost, nothing twice."""

import csv
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ocr.training.loggers import ResumableCSVLogger, ResumableTensorBoardLogger


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "logs" / "csv" / "metrics.csv").open(newline="") as stream:
        return [{name: value for name, value in row.items() if value} for row in csv.DictReader(stream)]


def logger(folder: Path) -> ResumableCSVLogger:
    return ResumableCSVLogger(folder, name="logs", version="csv", flush_logs_every_n_steps=1)


def test_rows_after_the_point_are_forgotten(tmp_path: Path) -> None:
    first = logger(tmp_path)
    for step in range(4):
        first.log_metrics({"loss": step / 2}, step)
    first.save()
    position = first.position(3)
    first.log_metrics({"hmean": 0.5}, 2)
    first.save()

    second = logger(tmp_path)
    second.rewind(position)
    second.log_metrics({"hmean": 0.6}, 2)
    second.log_metrics({"loss": 9.0, "new": 1.0}, 3)
    second.finalize("success")
    expected = [{"loss": "0.0", "step": "0"}, {"loss": "0.5", "step": "1"}, {"loss": "1.0", "step": "2"}]
    expected += [{"hmean": "0.6", "step": "2"}, {"loss": "9.0", "new": "1.0", "step": "3"}]
    assert rows(tmp_path) == expected
    assert [path.name for path in (tmp_path / "logs" / "csv").iterdir()] == ["metrics.csv"]


@pytest.mark.parametrize(
    ("damage", "left"),
    [(b"\xff\xfe\x80garbage", 3), (b"\x00" * 4096, 3), (b"1.5,", 3), (None, 0), (10, 2)],
    ids=["garbage", "zeros", "half a row", "gone", "cut"],
)
def test_a_damaged_log_goes_on_and_what_is_lost_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: bytes | int | None, left: int
) -> None:
    first = logger(tmp_path)
    for step in range(3):
        first.log_metrics({"loss": 0.125, "a figure of a long name": 123456.0}, step)
    first.save()
    position = first.position(3)
    path = tmp_path / "logs" / "csv" / "metrics.csv"
    content = path.read_bytes()
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(content[:-damage] if isinstance(damage, int) else content + damage)

    second = logger(tmp_path)
    second.rewind(position)
    second.log_metrics({"loss": 1.0}, 3)
    second.finalize("success")
    assert len(rows(tmp_path)) == left + 1
    said = capsys.readouterr().out
    assert (f"metrics.csv has only {left} of 3 rows; the others are lost" in said) == (left < 3)


def test_rewinding_to_the_start_leaves_no_file(tmp_path: Path) -> None:
    first = logger(tmp_path)
    first.log_metrics({"loss": 1.0}, 0)
    first.save()
    logger(tmp_path).rewind(0)
    assert not (tmp_path / "logs" / "csv" / "metrics.csv").exists()


def test_tensorboard_shows_a_step_once(tmp_path: Path) -> None:
    for begin, end, offset in ((0, 6, 0.0), (3, 8, 100.0)):
        log = ResumableTensorBoardLogger(tmp_path, name="logs", version="tensorboard")
        if begin:
            log.rewind(log.position(begin))
        for step in range(begin, end):
            log.log_metrics({"loss": step + offset}, step)
        log.finalize("success")
        log.experiment.close()
    seen = EventAccumulator(log.log_dir)
    seen.Reload()
    assert [(event.step, event.value) for event in seen.Scalars("loss")] == [
        (0, 0.0),
        (1, 1.0),
        (2, 2.0),
        (3, 103.0),
        (4, 104.0),
        (5, 105.0),
        (6, 106.0),
        (7, 107.0),
    ]
